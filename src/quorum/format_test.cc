#include "quorum/format.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "quorum/bootstrap_file.h"
#include "quorum/metadata_topic.h"
#include "quorum/snapshot_reading.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "sim/world.h"
#include "storage/format/meta_properties.h"

namespace ottla::quorum {
namespace {

constexpr char kCheckpoint[] = "/m/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";

class FormatTest : public testing::Test {
 protected:
  FormatTest() {
    options_.node = NodeId(1);
    options_.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
    options_.directories = {"/m", "/d"};
    options_.metadata_directory = "/m";
    options_.controller_listener = "C";
  }
  void run(const std::function<Task<void>(FileSystem&)>& story) {
    host_.start([&](Process&, Cancel) -> Task<int> {
      co_await story(this_shard().files());
      co_return 0;
    });
    ASSERT_TRUE(world_.run_until([&] { return !host_.running(); }, std::chrono::hours(1)));
    for (const std::string& violation : world_.violations()) ADD_FAILURE() << violation;
  }
  FormatReport format_now() {
    FormatReport report;
    run([&](FileSystem& files) -> Task<void> { report = co_await format(files, options_); });
    return report;
  }
  std::string failure() {
    const FormatReport report = format_now();
    return report.failure ? std::string(report.failure->text()) : "";
  }
  std::string file(const std::string& path) {
    std::string text;
    run([&](FileSystem& files) -> Task<void> {
      const Result<Slice> bytes = co_await read_whole_file(files, path, 1 << 20);
      if (bytes.ok()) text = bytes->as_string_view();
    });
    return text;
  }
  void put(const std::string& path, const std::string& text) {
    run([&](FileSystem& files) -> Task<void> {
      EXPECT_TRUE((co_await files.make_directories(path.substr(0, path.rfind('/')))).ok());
      EXPECT_TRUE((co_await replace_file(files, path, Chain(Slice::copy_of(text)))).ok());
    });
  }
  void make_dynamic() {
    options_.dynamic_quorum = true;
    options_.initial_controllers = *parse_initial_controllers("1@host:9093:JEXY6aqzQY-32P5TStzaFg");
  }

  FormatOptions options_;
  sim::World world_{1};
  sim::Host& host_ = world_.add_host("here");
};

TEST_F(FormatTest, EachDirectoryGetsItsIdentity) {
  const FormatReport report = format_now();
  EXPECT_FALSE(report.failure);
  EXPECT_EQ(report.formatted.size(), 2U);
  EXPECT_EQ(report.lines.size(), 3U);
  EXPECT_EQ(report.lines[1], "Formatting data directory /d with metadata.version 4.4-IV2.");
  EXPECT_EQ(report.lines[2], "Formatting metadata directory /m with metadata.version 4.4-IV2.");
  for (const FormattedDirectory& each : report.formatted) {
    const std::string text = file(each.path + "/meta.properties");
    const auto identity = storage::parse_meta_properties(text, each.path);
    EXPECT_EQ(identity->directory_id, each.id);
    EXPECT_EQ(identity->node_id, NodeId(1));
    EXPECT_EQ(identity->cluster_id, options_.cluster_id);
  }
  EXPECT_NE(file(kCheckpoint), "");
  EXPECT_EQ(file("/d/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"), "");
}

TEST_F(FormatTest, TheFirstVoterGetsTheIdThatTheOthersWereTold) {
  make_dynamic();
  EXPECT_FALSE(format_now().failure);
  EXPECT_NE(file("/m/meta.properties").find("directory.id=JEXY6aqzQY-32P5TStzaFg"), std::string::npos);
  run([&](FileSystem& files) -> Task<void> {
    record::CodecPool codecs;
    const auto facts = co_await read_snapshot_file(files, kCheckpoint, codecs);
    EXPECT_EQ(facts->kraft_version, 1);
    EXPECT_EQ(facts->voters, voters_of(*options_.initial_controllers, "C"));
  });
}

TEST_F(FormatTest, WhatItWroteIsWhatAClusterBeginsWith) {
  options_.release_version = metadata::MetadataVersion::v4_0_iv1;
  options_.features["group.version"] = 0;
  EXPECT_FALSE(format_now().failure);
  run([&](FileSystem& files) -> Task<void> {
    const auto bootstrap = co_await load_bootstrap(files, "/m", true);
    EXPECT_EQ(bootstrap->version, metadata::MetadataVersion::v4_0_iv1);
    EXPECT_EQ(bootstrap->records.size(), 1U) << "that level has no other features";
  });
}

TEST_F(FormatTest, WhatIsFormattedStaysAsItIs) {
  EXPECT_FALSE(format_now().failure);
  const std::string before = file("/d/meta.properties");
  EXPECT_EQ(
      failure(),
      "Log directory /d is already formatted. Use --ignore-formatted to ignore this directory and format the "
      "others.");
  options_.ignore_formatted = true;
  options_.directories.emplace_back("/e");
  const FormatReport report = format_now();
  EXPECT_EQ(report.formatted.size(), 1U);
  EXPECT_EQ(report.formatted.front().path, "/e");
  EXPECT_EQ(file("/d/meta.properties"), before);
  EXPECT_EQ(format_now().lines,
            std::vector<std::string>{"All of the log directories are already formatted."});
}

TEST_F(FormatTest, OfAnotherClusterOrNodeIsRefused) {
  EXPECT_FALSE(format_now().failure);
  options_.ignore_formatted = true;
  options_.cluster_id = "BBBBBBBBBBBBBBBBBBBBBQ";
  EXPECT_EQ(failure(),
            "Invalid cluster.id in: /d/meta.properties. Expected BBBBBBBBBBBBBBBBBBBBBQ, but read "
            "AAAAAAAAAAAAAAAAAAAAAQ");
  options_.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  options_.node = NodeId(2);
  EXPECT_TRUE(
      failure().starts_with("Stored node id 1 doesn't match previous node id 2 in /d/meta.properties."));
}

TEST_F(FormatTest, ABrokenIdentityIsNotWrittenOver) {
  put("/d/meta.properties", "version=seven\n");
  EXPECT_NE(failure(), "");
  EXPECT_EQ(file("/d/meta.properties"), "version=seven\n");
}

TEST_F(FormatTest, ALogWhoseIdentityWasLostIsNotWrittenOver) {
  put("/m/__cluster_metadata-0/00000000000000000000.log", "records");
  EXPECT_NE(failure().find("holds records of a cluster's metadata already"), std::string::npos);
  EXPECT_EQ(file(kCheckpoint), "");
}

TEST_F(FormatTest, WhatIsAskedForMustMakeSense) {
  options_.features["nonsense"] = 1;
  EXPECT_EQ(failure(),
            "Unsupported feature: nonsense. Supported features are: eligible.leader.replicas.version, "
            "group.version, "
            "kraft.version, share.version, streams.version, transaction.version");
  options_.features = {{"kraft.version", 1}};
  EXPECT_TRUE(
      failure().starts_with("Cannot set kraft.version to 1 unless controller.quorum.voters is empty"));
  options_.features = {{"metadata.version", 33}};
  options_.release_version = metadata::kLatestMetadataVersion;
  EXPECT_EQ(failure(), "Use --release-version instead of --feature metadata.version=X to avoid ambiguity.");
  options_.features = {};
  options_.release_version = metadata::kUnstableMetadataVersion;
  EXPECT_EQ(failure(), "metadata.version 4.5-IV0 is not yet stable.");
  options_.release_version = {};
  options_.metadata_directory = "/x";
  EXPECT_EQ(failure(),
            "The specified metadata log directory, /x was not one of the given directories: [/d, /m]");
  make_dynamic();
  options_.metadata_directory = "/m";
  options_.features = {{"kraft.version", 0}};
  EXPECT_TRUE(failure().starts_with("Cannot set kraft.version to 0 if controller.quorum.voters is empty"));
}

TEST(InitialControllers, AreReadAsTheReferenceReadsThem) {
  const auto two =
      parse_initial_controllers(" 2@[::1]:9094:MvDxzVmcRsaTz33bUuRU6A,,1@h:9093:JEXY6aqzQY-32P5TStzaFg");
  EXPECT_EQ((*two)[0].node, NodeId(1));
  EXPECT_EQ((*two)[1].host, "::1");
  EXPECT_EQ((*two)[1].to_string(), "2@[::1]:9094:MvDxzVmcRsaTz33bUuRU6A");
  EXPECT_EQ(voters_of(*two, "C").find(NodeId(2))->endpoints.find("C")->host, "0:0:0:0:0:0:0:1");
  const std::pair<const char*, const char*> wrong[] = {
      {"", "No voters given."},
      {"1", "No @ found in dynamic voter string."},
      {"@h:1:x", "Invalid @ at beginning of dynamic voter string."},
      {"x@h:1:x", "Failed to parse node id in dynamic voter string."},
      {"-1@h:1:x", "Invalid negative node id -1 in dynamic voter string."},
      {"1@", "No hostname found after node id."},
      {"1@[::1:9:x", "Hostname began with left bracket, but no right bracket was found."},
      {"1@h", "No colon following hostname could be found."},
      {"1@[::1]9:x", "Port section must start with a colon."},
      {"1@h:9", "No colon following port could be found."},
      {"1@h:x:y", "Failed to parse port in dynamic voter string."},
      {"1@h:70000:y", "Invalid port 70000 in dynamic voter string."},
      {"1@h:9:y", "Failed to parse directory ID in dynamic voter string."},
      {"1@h:9:JEXY6aqzQY-32P5TStzaFg,1@g:9:MvDxzVmcRsaTz33bUuRU6A",
       "Node id 1 was specified more than once."},
  };
  for (const auto& [text, error] : wrong)
    EXPECT_EQ(parse_initial_controllers(text).error().text(), error) << text;
}

}  // namespace
}  // namespace ottla::quorum
