#include "replica/topic_meters.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/metric_registry.h"
#include "base/offset.h"

namespace ottla::replica {
namespace {

using protocol::ErrorCode;

TEST(TopicMeters, CountWhatWasAppendedOfATopicAndOfAll) {
  MetricRegistry registry;
  TopicMeterSet set(registry);
  set.count_append("a", 100, {.first_offset = Offset(5), .last_offset = Offset(7)});
  set.count_append("b", 10, {.first_offset = Offset(0), .last_offset = Offset(0)});
  EXPECT_EQ(set.of("a").messages_in->value(), 3u);
  EXPECT_EQ(set.of("a").bytes_in->value(), 100u);
  EXPECT_EQ(set.of("b").messages_in->value(), 1u);
  EXPECT_EQ(set.all().messages_in->value(), 4u);
  EXPECT_EQ(set.all().bytes_in->value(), 110u);
  EXPECT_EQ(set.all().produce_requests->value(), 2u);
  EXPECT_EQ(set.all().failed_produce_requests->value(), 0u);
}

TEST(TopicMeters, CountWhatWasRefusedWhereItBelongs) {
  MetricRegistry registry;
  TopicMeterSet set(registry);
  set.count_append("a", 100, {.error = ErrorCode::message_too_large, .meter = record::RejectMeter::bytes});
  set.count_append("a", 100,
                   {.error = ErrorCode::invalid_record, .meter = record::RejectMeter::no_key, .metered = 2});
  set.count_append("a", 100, {.error = ErrorCode::not_leader_or_follower});
  EXPECT_EQ(set.of("a").bytes_rejected->value(), 100u);
  EXPECT_EQ(set.refusals().no_key->value(), 2u);
  EXPECT_EQ(set.of("a").failed_produce_requests->value(), 1u);
  EXPECT_EQ(set.of("a").bytes_in->value(), 0u);
  EXPECT_EQ(set.of("a").produce_requests->value(), 3u);
}

TEST(TopicMeters, CountReadsThatAnErrorOfTheirReaderDoesNotFail) {
  MetricRegistry registry;
  TopicMeterSet set(registry);
  set.count_read("a", ErrorCode::none);
  set.count_read("a", ErrorCode::offset_out_of_range);
  set.count_read("a", ErrorCode::corrupt_message);
  set.count_sent("a", 70);
  EXPECT_EQ(set.of("a").fetch_requests->value(), 3u);
  EXPECT_EQ(set.of("a").failed_fetch_requests->value(), 1u);
  EXPECT_EQ(set.all().bytes_out->value(), 70u);
}

TEST(TopicMeters, GoWithTheirTopic) {
  MetricRegistry registry;
  TopicMeterSet set(registry);
  const std::size_t before = registry.series();
  set.count_read("a", ErrorCode::none);
  set.count_read("b", ErrorCode::none);
  set.forget([](std::string_view topic) { return topic == "a"; });
  EXPECT_EQ(set.size(), 1u);
  set.forget([](std::string_view) { return true; });
  EXPECT_EQ(registry.series(), before);
  EXPECT_EQ(set.all().fetch_requests->value(), 2u);
}

}  // namespace
}  // namespace ottla::replica
