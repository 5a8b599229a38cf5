#include "replica/topic_settings.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "config/node_config.h"

namespace ottla::replica {
namespace {

using record::Compression;
using record::CompressionSpec;
using Millis = std::chrono::milliseconds;

TopicSettings settings(std::vector<std::pair<std::string, std::string>> own,
                       std::vector<std::pair<std::string, std::string>> node = {}) {
  config::Texts texts(node.begin(), node.end());
  std::vector<config::Problem> problems;
  const config::NodeConfig config = config::NodeConfig::read(std::move(texts), problems);
  metadata::ConfigValues values;
  for (const auto& [key, value] : own) values.set(key, value);
  return topic_settings(own.empty() ? nullptr : &values, config);
}

TEST(TopicSettingsTest, DefaultsAreThoseOfTheReference) {
  const TopicSettings found = settings({});
  const storage::LogConfig usual;
  EXPECT_EQ(found.log.segment_bytes, usual.segment_bytes);
  EXPECT_EQ(found.log.segment_ms, usual.segment_ms);
  EXPECT_EQ(found.log.retention_bytes, usual.retention_bytes);
  EXPECT_EQ(found.log.retention_ms, usual.retention_ms);
  EXPECT_EQ(found.log.flush_messages, usual.flush_messages);
  EXPECT_EQ(found.log.index_interval_bytes, usual.index_interval_bytes);
  EXPECT_EQ(found.log.delete_retention_ms, usual.delete_retention_ms);
  EXPECT_EQ(found.log.append.max_message_bytes, usual.append.max_message_bytes);
  EXPECT_EQ(found.log.append.max_record_bytes, usual.append.max_record_bytes);
  EXPECT_EQ(found.log.append.after_max_ms, usual.append.after_max_ms);
  EXPECT_EQ(found.log.append.compression, std::nullopt);
  EXPECT_TRUE(found.log.deletes);
  EXPECT_FALSE(found.log.compacts);
  EXPECT_EQ(found.min_insync_replicas, 1);
}

TEST(TopicSettingsTest, TheTopicsOwnTextsOutweighTheNodes) {
  const TopicSettings found = settings({{"retention.ms", "5"}, {"min.insync.replicas", "3"}},
                                       {{"log.retention.ms", "7"}, {"min.insync.replicas", "2"}});
  EXPECT_EQ(found.log.retention_ms, Millis(5));
  EXPECT_EQ(found.min_insync_replicas, 3);
}

TEST(TopicSettingsTest, TheNodesValuesStandBehindInTheirUnits) {
  const TopicSettings found =
      settings({}, {{"log.retention.minutes", "2"}, {"log.roll.hours", "3"}, {"message.max.bytes", "1234"}});
  EXPECT_EQ(found.log.retention_ms, std::chrono::minutes(2));
  EXPECT_EQ(found.log.segment_ms, std::chrono::hours(3));
  EXPECT_EQ(found.log.append.max_message_bytes, 1234);
}

TEST(TopicSettingsTest, PoliciesCodecsAndTimes) {
  EXPECT_TRUE(settings({{"cleanup.policy", "compact"}}).log.append.compacted);
  EXPECT_FALSE(settings({{"cleanup.policy", "compact"}}).log.deletes);
  EXPECT_TRUE(settings({{"cleanup.policy", "compact,delete"}}).log.deletes);
  EXPECT_FALSE(settings({{"cleanup.policy", ""}}).log.deletes);
  EXPECT_EQ(settings({{"compression.type", "uncompressed"}}).log.append.compression,
            CompressionSpec(Compression::none));
  EXPECT_EQ(settings({{"compression.type", "gzip"}, {"compression.gzip.level", "4"}}).log.append.compression,
            CompressionSpec(Compression::gzip, 4));
  EXPECT_EQ(settings({{"compression.type", "lz4"}, {"compression.lz4.level", "5"}}).log.append.compression,
            CompressionSpec(Compression::lz4, 5));
  EXPECT_EQ(settings({{"compression.type", "zstd"}, {"compression.zstd.level", "6"}}).log.append.compression,
            CompressionSpec(Compression::zstd, 6));
  EXPECT_EQ(settings({{"compression.type", "snappy"}}).log.append.compression,
            CompressionSpec(Compression::snappy));
  EXPECT_EQ(settings({{"message.timestamp.type", "LogAppendTime"}}).log.append.timestamp_type,
            record::TimestampType::log_append_time);
}

TEST(TopicSettingsTest, ATextThatCannotBeUnderstoodCountsAsNotThere) {
  EXPECT_EQ(settings({{"retention.ms", "soon"}}, {{"log.retention.ms", "7"}}).log.retention_ms, Millis(7));
}

TEST(TopicSettingsTest, SmallSegmentsAreForTests) {
  EXPECT_EQ(settings({{"internal.segment.bytes", "1000"}}).log.segment_bytes, 1000);
}

TEST(TopicSettingsTest, TheLogsPartKeepsAllAlive) {
  auto shared = std::make_shared<const TopicSettings>(settings({{"retention.ms", "5"}}));
  const std::shared_ptr<const storage::LogConfig> log = log_config(std::move(shared));
  EXPECT_EQ(log->retention_ms, Millis(5));
}

}  // namespace
}  // namespace ottla::replica
