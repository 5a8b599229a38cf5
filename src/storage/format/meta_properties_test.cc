#include "storage/format/meta_properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/node_id.h"
#include "base/uuid.h"
#include "storage/format/clean_shutdown.h"

namespace ottla::storage {
namespace {

using testing::HasSubstr;

constexpr Uuid kDirectory(0x0123456789abcdef, 0xfedcba9876543210);
constexpr std::int64_t kTime = 1795286268;  // 2026-11-21 18:37:48

std::string wrong(std::string_view text) {
  const auto parsed = parse_meta_properties(text, "d/meta.properties");
  return parsed.ok() ? "" : parsed.error().to_string();
}

TEST(MetaPropertiesFiles, AreWrittenAsTheReferenceDoes) {
  EXPECT_EQ(
      encode_meta_properties(
          {.version = 1, .cluster_id = "abc =:#!x", .node_id = NodeId(3), .directory_id = kDirectory}, kTime),
      "#\n#Sat Nov 21 18:37:48 UTC 2026\ncluster.id=abc \\=\\:\\#\\!x\n"
      "directory.id=ASNFZ4mrze_-3LqYdlQyEA\nnode.id=3\nversion=1\n");
}

TEST(MetaPropertiesFiles, AreReadAsTheyWereWritten) {
  const MetaProperties all[] = {
      {.version = 1, .cluster_id = " a\tb\\c=d", .node_id = NodeId(7), .directory_id = kDirectory},
      {.version = 1, .cluster_id = "", .node_id = NodeId(0), .directory_id = {}},
      {.version = 0, .cluster_id = {}, .node_id = NodeId(2), .directory_id = {}},
      {.version = 0, .cluster_id = {}, .node_id = {}, .directory_id = {}}};
  for (const MetaProperties& each : all) {
    EXPECT_EQ(parse_meta_properties(encode_meta_properties(each, kTime), "f").value(), each);
  }
}

TEST(MetaPropertiesFiles, AreOfVersion0WhenTheySayNothing) {
  const auto read = parse_meta_properties("broker.id=4\nnode.id=5\nunknown=x\n", "f");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->version, 0);
  EXPECT_EQ(read->node_id, NodeId(4));
}

TEST(MetaPropertiesFiles, ThatAreBrokenNameTheKeyAndTheCure) {
  EXPECT_THAT(wrong("version=1\ncluster.id=c\n"), HasSubstr("d/meta.properties: node.id is missing"));
  EXPECT_THAT(wrong("version=1\nnode.id=1\n"), HasSubstr("cluster.id is missing"));
  EXPECT_THAT(wrong("version=2\n"), HasSubstr("unsupported: d/meta.properties: version 2 is not known"));
  EXPECT_THAT(wrong("version=x\n"), HasSubstr("version is \"x\", not a number"));
  EXPECT_THAT(wrong("version=1\nnode.id=1 \ncluster.id=c\n"), HasSubstr("node.id is \"1 \""));
  EXPECT_THAT(wrong("broker.id=1\ndirectory.id=?\n"), HasSubstr("directory.id"));
  EXPECT_THAT(wrong("version=2\n"), HasSubstr("Correct the file"));
}

TEST(CleanShutdownMarkers, CarryTheBrokerEpoch) {
  EXPECT_EQ(encode_clean_shutdown(123), R"({"version":0,"brokerEpoch":123})");
  EXPECT_EQ(parse_clean_shutdown(encode_clean_shutdown(123)), 123);
  EXPECT_EQ(parse_clean_shutdown(R"({"version":9,"brokerEpoch":-1,"x":[1]})"), -1);
}

TEST(CleanShutdownMarkers, NeedNotSayAnything) {
  for (const std::string_view text :
       {"", "{}", "[5]", "\"brokerEpoch\"", R"({"brokerEpoch":null})", "{", "\xff"}) {
    EXPECT_EQ(parse_clean_shutdown(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ottla::storage
