#include "metadata/delta.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "metadata/image_hash.h"
#include "metadata/replay.h"
#include "metadata/testing/random_records.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SharedImage shared(const MetadataImage& image) {
  return std::make_shared<const MetadataImage>(image);
}

// What the lines change of what the story was.
MetadataDelta delta_of(Story& story, const std::vector<std::string_view>& lines) {
  const SharedImage before = shared(story.image);
  story.tell_all(lines);
  return delta_between(before, shared(story.image));
}

std::vector<std::string> names(const std::vector<LocalReplica>& replicas) {
  std::vector<std::string> all;
  for (const LocalReplica& each : replicas) all.push_back(fmt::format("{}-{}", each.topic, each.index.raw()));
  return all;
}

TEST(DeltaTest, NothingChangedIsEmpty) {
  Story story;
  EXPECT_TRUE(delta_of(story, {}).empty());
  EXPECT_TRUE(delta_of(story, {"topic foo 1", "remove-topic 1", "config 2 a k=v", "config 2 a k"}).empty());
  EXPECT_FALSE(delta_of(story, {"producer-ids 5"}).empty());
  EXPECT_FALSE(delta_of(story, {"feature metadata.version 33"}).empty());
}

TEST(DeltaTest, TellsOfTopicsAndTheirPartitions) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 0 replicas=1", "partition 1 1 replicas=1", "topic bar 2"});
  const MetadataDelta delta =
      delta_of(story, {"change 1 1 isr=1", "remove-topic 2", "topic bar 3", "partition 3 0"});
  ASSERT_EQ(delta.topics.size(), 3U);
  EXPECT_EQ(delta.topics[0].name(), "foo");
  ASSERT_EQ(delta.topics[0].partitions.size(), 1U);
  EXPECT_EQ(delta.topics[0].partitions[0].key, PartitionId(1));
  EXPECT_EQ(delta.topics[0].partitions[0].after->isr().size(), 1U);
  EXPECT_TRUE(delta.topics[1].gone());
  EXPECT_TRUE(delta.topics[2].created());
  EXPECT_TRUE(delta.topics[2].partitions[0].created());
}

TEST(DeltaTest, TellsOfTheRest) {
  Story story;
  story.tell_all({"broker 1", "config 2 a k=v", "config 2 a l=v", "scram 1 bob", "feature x 1"});
  const MetadataDelta delta =
      delta_of(story, {"unfence 1 0", "controller 3", "config 2 a k=w", "quota user=u rate=1", "acl 1 User:a",
                       "remove-scram 1 bob", "token t User:a", "feature x 0"});
  EXPECT_TRUE(delta.brokers.at(0).before->fenced && !delta.brokers.at(0).after->fenced);
  EXPECT_TRUE(delta.controllers.at(0).created());
  ASSERT_EQ(delta.configs.at(0).values.size(), 1U);
  EXPECT_EQ(delta.configs[0].values[0].key, "k");
  EXPECT_EQ(*delta.configs[0].values[0].after, "w");
  EXPECT_EQ(delta.client_quotas.at(0).entity->parts[0].type, "user");
  EXPECT_EQ(*delta.client_quotas[0].values.at(0).after, 1);
  EXPECT_TRUE(delta.acls.at(0).created());
  EXPECT_TRUE(delta.scram.at(0).gone());
  EXPECT_EQ(delta.delegation_tokens.at(0).key, "t");
  EXPECT_TRUE(delta.features.at(0).gone());
}

TEST(DeltaTest, SaysWhatABrokerHasToDo) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 0 replicas=1,2 leader=1 epoch=0 pepoch=0",
                  "partition 1 1 replicas=2,1 leader=2 epoch=0 pepoch=0", "partition 1 2 replicas=1 leader=1",
                  "topic bar 2", "partition 2 0 replicas=1,2", "partition 2 1 replicas=2", "topic new 3"});
  const MetadataDelta delta =
      delta_of(story, {"change 1 0 isr=1", "change 1 1 leader=1", "change 1 2 replicas=3", "remove-topic 2",
                       "partition 3 0 replicas=2,1 leader=2"});
  const LocalChanges local = local_changes(delta, NodeId(1));
  EXPECT_THAT(names(local.leading), ElementsAre("foo-0", "foo-1"));
  EXPECT_THAT(names(local.elected), ElementsAre("foo-1"));
  EXPECT_THAT(names(local.following), ElementsAre("new-0"));
  EXPECT_THAT(names(local.gone), ElementsAre("foo-2", "bar-0"));
  EXPECT_THAT(names(local.placed), ElementsAre("new-0"));
  EXPECT_THAT(names(local_changes(delta, NodeId(9)).leading), IsEmpty());
}

TEST(ImageHashTest, IsOfWhatIsSaid) {
  Story one;
  Story other;
  one.tell_all({"feature metadata.version 33", "topic foo 1", "topic bar 2", "config 2 foo k=v"});
  other.tell_all({"config 2 foo k=v", "topic bar 2", "topic foo 1", "topic baz 3", "remove-topic 3",
                  "feature metadata.version 33"});
  other.image.provenance.offset = Offset(77);
  EXPECT_EQ(image_hash(one.image), image_hash(other.image));
  // The same on every machine, for ever.
  EXPECT_EQ(image_hash(one.image), 16047396960671535121U);
}

class DeltaSeedTest : public testing::TestWithParam<std::uint64_t> {};

// Each change that a record makes shows in the hash and in the delta, and nothing else does.
TEST_P(DeltaSeedTest, HashesAndDeltasAgree) {
  RandomRecords random(GetParam());
  MetadataImage image;
  for (int each = 0; each < 800; ++each) {
    const SharedImage before = shared(image);
    replay_encoded(image, random.next(image));
    const bool same = same_contents(*before, image);
    EXPECT_EQ(delta_between(before, shared(image)).empty(), same);
    if (each % 20 == 0) EXPECT_EQ(image_hash(*before) == image_hash(image), same);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DeltaSeedTest, testing::Range<std::uint64_t>(1, 3));

}  // namespace
}  // namespace ottla::metadata
