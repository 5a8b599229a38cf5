#include "metadata/image_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using testing::HasSubstr;
using testing::Not;

const TreeSecrets kAll{.credentials_shown = true,
                       .config_shown = [](ConfigResourceType, std::string_view) { return true; }};

TEST(ImageTreeTest, AnEmptyImageHasItsFolders) {
  EXPECT_EQ(tree_text(MetadataImage()),
            "acls(byId()), clientQuotas(), cluster(brokers(), controllers()), configs(), delegationToken(), "
            "features(metadataVersion(Optional.empty)), producerIds(nextProducerId(-1)), provenance(offset "
            "-1, epoch -1, "
            "time 1969-12-31T23:59:59.999Z[UTC]), scram(SCRAM-SHA-256(), SCRAM-SHA-512()), topics(byId(), "
            "byName())");
}

TEST(ImageTreeTest, ChildrenComeInTheOrderOfTexts) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 10", "partition 1 2", "broker 10", "broker 9"});
  const std::string text = tree_text(story.image);
  EXPECT_THAT(text, HasSubstr("byName(foo(10(PartitionRegistration("));
  EXPECT_LT(text.find("brokers(10("), text.find("), 9(BrokerRegistration"));
}

TEST(ImageTreeTest, SecretsShowOnlyWhenAskedFor) {
  Story story;
  story.tell_all({"scram 1 bob", "token t User:alice", "config 2 foo password=hunter2"});
  for (const char* each : {"alice", "hunter2", "iterations=0"}) {
    EXPECT_THAT(tree_text(story.image), Not(HasSubstr(each)));
    EXPECT_THAT(tree_text(story.image, kAll), HasSubstr(each));
  }
}

TEST(ImageTreeTest, QuotasAreNamedByWhomTheyName) {
  Story story;
  story.tell_all({"quota user=a(b),client-id=c rate=0.5", "quota user= rate=1"});
  EXPECT_THAT(tree_text(story.image), HasSubstr("clientQuotas((), clientId(c)_user(a\\(b\\))(rate(0.5)))"));
}

TEST(ImageTreeTest, TimesHaveTheirShortestForm) {
  MetadataImage image;
  image.provenance = {.offset = Offset(5), .epoch = LeaderEpoch(2), .append_time_ms = 1'700'000'000'120};
  EXPECT_THAT(tree_text(image), HasSubstr("offset 5, epoch 2, time 2023-11-14T22:13:20.12Z[UTC]"));
  image.provenance.append_time_ms = 1'700'000'000'000;
  EXPECT_THAT(tree_text(image), HasSubstr("time 2023-11-14T22:13:20Z[UTC]"));
}

}  // namespace
}  // namespace ottla::metadata
