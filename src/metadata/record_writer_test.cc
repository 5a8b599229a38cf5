#include "metadata/record_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "metadata/replay.h"
#include "metadata/testing/random_records.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What a new image makes of the records, and what they could not say.
struct Rewritten {
  MetadataImage image;
  std::vector<std::string> lost;
};

Rewritten rewritten(const MetadataImage& image, MetadataVersion version) {
  Rewritten result;
  const WriterOptions options{.version = version,
                              .elr_enabled = has_eligible_leader_replicas(version),
                              .on_loss = [&](std::string_view what) { result.lost.emplace_back(what); }};
  const Result<> written = write_records(image, options, [&](const protocol::Encodable& record) -> Result<> {
    const auto bytes = protocol::encode(std::span(&record, 1), protocol::Prefix::metadata);
    EXPECT_TRUE(bytes.ok());
    EXPECT_EQ(replay_encoded(result.image, text_of(bytes)), "");
    return {};
  });
  EXPECT_TRUE(written.ok());
  return result;
}

class RecordWriterSeedTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RecordWriterSeedTest, RecordsMakeTheSameImage) {
  RandomRecords random(GetParam());
  MetadataImage image;
  for (int round = 0; round < 5; ++round) {
    for (int each = 0; each < 50; ++each) {
      const MetadataImage before = image;
      if (!replay_encoded(image, random.next(image)).empty()) ASSERT_TRUE(same_contents(before, image));
      ASSERT_EQ(broken_invariant(image), "");
    }
    MetadataImage level = image;
    level.features.metadata_version = kLatestMetadataVersion;
    const Rewritten same = rewritten(level, kLatestMetadataVersion);
    ASSERT_TRUE(same_contents(same.image, level));
    EXPECT_EQ(shown(same.image), shown(level));
    // What a lower level can say it says again in the same way.
    for (const MetadataVersionInfo& each : all_metadata_versions()) {
      const Rewritten lower = rewritten(level, each.version);
      const Rewritten again = rewritten(lower.image, each.version);
      ASSERT_TRUE(same_contents(lower.image, again.image)) << each.name;
      EXPECT_THAT(again.lost, ElementsAre());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RecordWriterSeedTest, testing::Range<std::uint64_t>(1, 3));

TEST(RecordWriterTest, SaysWhatALevelCannot) {
  Story story;
  story.tell_all({"feature metadata.version 33", "broker 1 dirs=8 cordoned=8", "controller 3", "topic foo 1",
                  "partition 1 0 replicas=1 dirs=8", "scram 1 bob", "token t User:a"});
  EXPECT_THAT(rewritten(story.image, MetadataVersion::v4_2_iv0).lost,
              ElementsAre("the cordoned log directories of one or more brokers"));
  EXPECT_EQ(rewritten(story.image, kOldestMetadataVersion).lost.size(), 6U);
  EXPECT_THAT(rewritten(story.image, MetadataVersion::v3_7_iv0).lost,
              testing::Contains("the directory assignment state of one or more replicas"));
}

TEST(RecordWriterTest, LosesNothingInSilence) {
  Story story;
  story.tell_all({"feature metadata.version 33", "controller 3"});
  const Result<> written = write_records(story.image, {.version = kOldestMetadataVersion},
                                         [](const protocol::Encodable&) { return Result<>(); });
  EXPECT_THAT(std::string(written.error().text()),
              HasSubstr("in metadata.version 3.3-IV3: controller registration data"));
}

TEST(RecordWriterTest, AnImageWithoutALevelIsNotWritten) {
  EXPECT_EQ(write_records(MetadataImage(), {}, [](const protocol::Encodable&) { return Result<>(); }).error(),
            Errc::invalid_argument);
}

TEST(RecordWriterTest, EligibleReplicasAreWrittenOnlyWhereTheyAreInForce) {
  Story story;
  story.tell_all({"feature metadata.version 33", "topic foo 1", "partition 1 0 replicas=1 elr=1"});
  int with_elr = 0;
  const RecordSink count = [&](const protocol::Encodable& record) -> Result<> {
    if (record.message != &protocol::PartitionRecord::message()) return {};
    with_elr += static_cast<const protocol::PartitionRecord*>(record.data)->eligible_leader_replicas.is_null()
                    ? 0
                    : 1;
    return {};
  };
  EXPECT_TRUE(write_records(story.image, {}, count).ok());
  EXPECT_EQ(with_elr, 0);
  story.tell_all({"feature eligible.leader.replicas.version 1"});
  EXPECT_TRUE(write_records(story.image, {}, count).ok());
  EXPECT_EQ(with_elr, 1);
}

TEST(RecordWriterTest, TheSinksErrorEndsIt) {
  Story story;
  story.tell_all({"feature metadata.version 33"});
  EXPECT_EQ(
      write_records(story.image, {}, [](const protocol::Encodable&) { return Result<>(Errc::no_space); })
          .error(),
      Errc::no_space);
}

}  // namespace
}  // namespace ottla::metadata
