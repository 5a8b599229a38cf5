#include "metadata/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Result<Bootstrap> read(const std::vector<std::string>& records) {
  std::vector<RecordBytes> bytes;
  for (const std::string& each : records) bytes.push_back(std::as_bytes(std::span(each)));
  return read_bootstrap(bytes, "bootstrap.checkpoint");
}

TEST(BootstrapTest, ANewClusterFinalisesWhatItsLevelHas) {
  EXPECT_THAT(
      default_features(kLatestMetadataVersion),
      ElementsAre(Pair("eligible.leader.replicas.version", 1), Pair("group.version", 1),
                  Pair("share.version", 2), Pair("streams.version", 1), Pair("transaction.version", 2)));
  EXPECT_TRUE(default_features(kOldestMetadataVersion).empty());
}

TEST(BootstrapTest, MetadataVersionComesFirst) {
  const Bootstrap made = make_bootstrap(MetadataVersion::v4_0_iv0, {{"b", 2}, {"a", 1}, {"none", 0}});
  EXPECT_THAT(made.records, ElementsAre(record_of("feature metadata.version 22"), record_of("feature a 1"),
                                        record_of("feature b 2")));
  EXPECT_EQ(read(made.records).value().version, MetadataVersion::v4_0_iv0);
  EXPECT_EQ(read(made.records).value().records, made.records);
}

TEST(BootstrapTest, SaysWhatIsMissingOrBroken) {
  EXPECT_THAT(std::string(read({record_of("feature a 1")}).error().text()),
              HasSubstr("bootstrap.checkpoint does not say"));
  EXPECT_THAT(read({record_of("no-op"), record_of("remove-topic 1")}).error().to_string(),
              HasSubstr("record 1 of bootstrap.checkpoint"));
  EXPECT_FALSE(read({"\x01\x63"}).ok());
}

}  // namespace
}  // namespace ottla::metadata
