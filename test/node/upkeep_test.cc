// What a node does to its logs by itself, and to them alone: old records go, superseded ones go, logs move between
// directories while clients write, and a directory that fails takes down its own partitions only.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/metric_snapshot.h"
#include "base/slice.h"
#include "protocol/error_code.h"
#include "protocol/messages/alter_replica_log_dirs.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/describe_producers.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/produce.h"
#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "record/record_view.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "sim/host.h"
#include "sim/incarnation.h"
#include "sim/world.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using namespace std::chrono_literals;

using Configs = std::vector<std::pair<std::string_view, std::string_view>>;

// One topic, and a client that writes and reads it.
class Upkeep : public testing::Test {
 protected:
  void begin(std::vector<std::string> overrides, const Configs& configs, std::int32_t partitions = 1) {
    world_.emplace(7, std::move(overrides));
    ASSERT_TRUE(world_->start()) << world_->failure();
    std::vector<protocol::CreateTopicsRequest::CreatableTopicConfig> said;
    for (const auto& [name, value] : configs) said.push_back({.name = name, .value = value});
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = "t", .num_partitions = partitions, .replication_factor = 1, .configs = said}};
    const auto created = world_->read<protocol::CreateTopicsResponse>(
        world_->ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7));
    ASSERT_EQ(created.topics.size(), 1u);
    ASSERT_EQ(created.topics[0].error_code, 0);
  }

  // The offset, or minus the error.
  std::int64_t produce(std::string_view key, std::string_view value, std::int32_t partition = 0,
                       const record::BatchOptions& options = {}) {
    record::BatchBuilder builder(options);
    builder.append(
        {.timestamp = 1000, .key = std::as_bytes(std::span(key)), .value = std::as_bytes(std::span(value))});
    const Slice batch = std::move(builder).finish();
    const protocol::ProduceRequest::PartitionProduceData parts[] = {
        {.index = partition, .records = protocol::Records(batch.as_span())}};
    const protocol::ProduceRequest::TopicProduceData topics[] = {{.name = "t", .partition_data = parts}};
    const auto response = world_->read<protocol::ProduceResponse>(
        world_->ask(protocol::ProduceRequest{.acks = -1, .timeout_ms = 10'000, .topic_data = topics}, 12));
    if (response.responses.empty()) return -1000;
    const auto& part = response.responses[0].partition_responses[0];
    return part.error_code == 0 ? part.base_offset : -part.error_code;
  }

  // "KEY=VALUE@OFFSET …", all that is there. A fetch ends where a segment does.
  std::string records(std::int32_t partition = 0) {
    std::string shown;
    for (std::int64_t next = log_start(partition);;) {
      const auto more = records_from(next, partition, shown);
      if (!more.empty()) return more;
      if (next_ == next) return shown;
      next = next_;
    }
  }
  // What went wrong; nothing when nothing did. Where to go on stands in next_.
  std::string records_from(std::int64_t offset, std::int32_t partition, std::string& shown) {
    next_ = offset;
    const protocol::FetchRequest::FetchPartition parts[] = {
        {.partition = partition, .fetch_offset = offset, .partition_max_bytes = 1 << 20}};
    const protocol::FetchRequest::FetchTopic topics[] = {{.topic = "t", .partitions = parts}};
    const auto response = world_->read<protocol::FetchResponse>(
        world_->ask(protocol::FetchRequest{.max_bytes = 1 << 20, .topics = topics}, 12));
    if (response.responses.empty()) return "nothing";
    const auto& part = response.responses[0].partitions[0];
    if (part.error_code != 0) return "error " + std::to_string(part.error_code);
    for (std::span<const std::byte> bytes = part.records.bytes(); !bytes.empty();) {
      const auto batch = record::BatchView::first_of(bytes);
      if (!batch.ok()) return "a broken batch";
      show(*batch, shown);
      next_ = batch->base_offset().raw() + batch->last_offset_delta() + 1;
      bytes = bytes.subspan(batch->size());
    }
    return {};
  }
  static void show(const record::BatchView& batch, std::string& shown) {
    const auto text = [](std::span<const std::byte> bytes) {
      return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    record::RecordReader reader(batch.records(), batch.count());
    while (!reader.at_end()) {
      const auto record = reader.next();
      if (!record.ok()) return;
      shown += (shown.empty() ? "" : " ") + text(*record->key) + "=" + text(*record->value) + "@" +
               std::to_string(batch.base_offset().raw() + record->offset_delta);
    }
  }

  std::int64_t log_start(std::int32_t partition = 0) {
    const protocol::ListOffsetsRequest::ListOffsetsPartition parts[] = {
        {.partition_index = partition, .timestamp = -2}};
    const protocol::ListOffsetsRequest::ListOffsetsTopic topics[] = {{.name = "t", .partitions = parts}};
    const auto response = world_->read<protocol::ListOffsetsResponse>(
        world_->ask(protocol::ListOffsetsRequest{.replica_id = -1, .topics = topics}, 8));
    if (response.topics.empty()) return -1000;
    const auto& part = response.topics[0].partitions[0];
    return part.error_code == 0 ? part.offset : -part.error_code;
  }

  // "DIRECTORY" of a partition, with "+" when it is on its way there.
  std::string directory_of(std::int32_t partition) {
    const auto response = world_->read<protocol::DescribeLogDirsResponse>(world_->ask(
        protocol::DescribeLogDirsRequest{.topics =
                                             decltype(protocol::DescribeLogDirsRequest::topics)::null()},
        4));
    std::string found;
    for (const auto& directory : response.results) {
      for (const auto& topic : directory.topics) {
        for (const auto& part : topic.partitions) {
          if (topic.name != "t" || part.partition_index != partition) continue;
          found += std::string(directory.log_dir) + (part.is_future_key ? "+" : "");
        }
      }
    }
    return found;
  }

  std::int16_t move(std::int32_t partition, std::string_view directory) {
    const std::int32_t partitions[] = {partition};
    const protocol::AlterReplicaLogDirsRequest::AlterReplicaLogDirTopic topics[] = {
        {.name = "t", .partitions = partitions}};
    const protocol::AlterReplicaLogDirsRequest::AlterReplicaLogDir directories[] = {
        {.path = directory, .topics = topics}};
    const auto response = world_->read<protocol::AlterReplicaLogDirsResponse>(
        world_->ask(protocol::AlterReplicaLogDirsRequest{.dirs = directories}, 2));
    return response.results.empty() ? std::int16_t{-1000} : response.results[0].partitions[0].error_code;
  }

  // Of all brokers, while they run.
  std::int16_t alter(std::string_view key, std::string_view value) {
    const protocol::IncrementalAlterConfigsRequest::AlterableConfig configs[] = {
        {.name = key, .value = value}};
    const protocol::IncrementalAlterConfigsRequest::AlterConfigsResource resources[] = {
        {.resource_type = 4, .resource_name = "", .configs = configs}};
    const auto response = world_->read<protocol::IncrementalAlterConfigsResponse>(
        world_->ask(protocol::IncrementalAlterConfigsRequest{.resources = resources}, 1));
    return response.responses.size() == 1 ? response.responses[0].error_code : std::int16_t{-1000};
  }

  std::size_t known_producers() {
    const std::int32_t indexes[] = {0};
    const protocol::DescribeProducersRequest::TopicRequest topics[] = {
        {.name = "t", .partition_indexes = indexes}};
    const auto response = world_->read<protocol::DescribeProducersResponse>(
        world_->ask(protocol::DescribeProducersRequest{.topics = topics}, 0));
    return response.topics[0].partitions[0].active_producers.size();
  }

  // Of all shards together.
  std::int64_t gauge(std::string_view name) {
    Process& process = world_->host().incarnation();
    std::int64_t sum = 0;
    for (std::uint32_t each = 0; each < process.shard_count(); ++each) {
      for (const auto& family : process.shard(ShardId(each)).metrics().snapshot().families) {
        if (family.info.name != name) continue;
        for (const MetricSample& sample : family.series) sum += std::get<std::int64_t>(sample.value);
      }
    }
    return sum;
  }

  std::optional<NodeWorld> world_;
  std::int64_t next_ = 0;
};

TEST_F(Upkeep, OldRecordsGo) {
  begin({"log.retention.check.interval.ms=1000", "log.initial.task.delay.ms=1000"},
        {{"message.timestamp.type", "LogAppendTime"}, {"retention.ms", "20000"}, {"segment.ms", "1000"}});
  EXPECT_EQ(produce("a", "x"), 0);
  world_->world().run_for(10s);
  EXPECT_EQ(produce("b", "y"), 1);
  EXPECT_EQ(records(), "a=x@0 b=y@1");
  world_->world().run_for(15s);
  EXPECT_EQ(records(), "b=y@1");
  world_->world().run_for(20s);
  EXPECT_EQ(log_start(), 2);
  EXPECT_EQ(produce("c", "z"), 2);
  EXPECT_EQ(records(), "c=z@2");
}

TEST_F(Upkeep, SupersededRecordsGo) {
  begin({"log.cleaner.backoff.ms=1000"}, {{"cleanup.policy", "compact"},
                                          {"message.timestamp.type", "LogAppendTime"},
                                          {"min.cleanable.dirty.ratio", "0.01"},
                                          {"segment.ms", "1000"}});
  for (const std::string_view value : {"1", "2", "3"}) EXPECT_GE(produce("k", value), 0);
  EXPECT_EQ(produce("other", "x"), 3);
  world_->world().run_for(5s);
  EXPECT_EQ(produce("k", "4"), 4);
  world_->world().run_for(60s);
  EXPECT_EQ(records(), "k=3@2 other=x@3 k=4@4");
  world_->world().run_for(5s);
  EXPECT_EQ(produce("last", "y"), 5);
  world_->world().run_for(60s);
  EXPECT_EQ(records(), "other=x@3 k=4@4 last=y@5");
}

TEST_F(Upkeep, AlteredDefaultsReachThePartitionsOfEveryShard) {
  begin({"log.retention.check.interval.ms=1000", "log.initial.task.delay.ms=1000"},
        {{"message.timestamp.type", "LogAppendTime"}, {"segment.ms", "1000"}}, 4);
  for (std::int32_t each = 0; each < 4; ++each) EXPECT_EQ(produce("a", "x", each), 0);
  world_->world().run_for(60s);
  for (std::int32_t each = 0; each < 4; ++each) EXPECT_EQ(log_start(each), 0) << each;
  EXPECT_EQ(alter("log.retention.ms", "20000"), 0);
  world_->world().run_for(10s);
  for (std::int32_t each = 0; each < 4; ++each) EXPECT_EQ(log_start(each), 1) << each;
}

TEST_F(Upkeep, SilentProducersAreForgotten) {
  begin({"producer.id.expiration.check.interval.ms=1000"}, {{"message.timestamp.type", "LogAppendTime"}});
  EXPECT_EQ(produce("a", "x", 0, {.producer_id = 77, .producer_epoch = 0, .base_sequence = 0}), 0);
  world_->world().run_for(60s);
  EXPECT_EQ(known_producers(), 1U);
  EXPECT_EQ(alter("producer.id.expiration.ms", "30000"), 0);
  world_->world().run_for(2s);
  EXPECT_EQ(known_producers(), 0U);
  EXPECT_EQ(produce("a", "y", 0, {.producer_id = 77, .producer_epoch = 0, .base_sequence = 1}), 1);
  EXPECT_EQ(known_producers(), 1U) << "one that comes again is known again";
}

TEST_F(Upkeep, RotIsFoundInSegmentsThatNobodyReads) {
  begin({"log.initial.task.delay.ms=1000", "ottla.scrub.period.ms=100000"},
        {{"message.timestamp.type", "LogAppendTime"}, {"segment.ms", "1000"}, {"retention.ms", "-1"}});
  for (std::int64_t each = 0; each < 3; ++each) {
    EXPECT_EQ(produce("k", "v", 0), each);
    world_->world().run_for(2s);
  }
  world_->world().run_for(110s);
  EXPECT_EQ(gauge("ottla_storage_scrub_bad_batches"), 0);
  ASSERT_TRUE(world_->host().disk().flip_bit("/t-0/00000000000000000001.log"));
  EXPECT_EQ(alter("ottla.scrub.period.ms", "10000"), 0);
  world_->world().run_for(20s);
  EXPECT_EQ(gauge("ottla_storage_scrub_bad_batches"), 1);
}

TEST_F(Upkeep, WhatIsFlushedBeforeItsAnswerOutlivesTheLossOfPower) {
  begin({}, {{"flush.messages", "1"}, {"retention.ms", "-1"}});
  EXPECT_EQ(produce("a", "x"), 0);
  EXPECT_EQ(produce("b", "y"), 1);
  world_->kill();
  world_->host().disk().lose_power();
  ASSERT_TRUE(world_->start()) << world_->failure();
  world_->world().run_for(2s);  // until it leads
  EXPECT_EQ(records(), "a=x@0 b=y@1");
}

TEST_F(Upkeep, LogsMoveWhileClientsWrite) {
  begin({"log.dirs=/data,/more", "metadata.log.dir=/data"}, {{"retention.ms", "-1"}});
  std::string wanted;
  for (int each = 0; each < 20; ++each) {
    ASSERT_EQ(produce("k", std::to_string(each)), each);
    wanted += (each == 0 ? "" : " ") + std::string("k=") + std::to_string(each) + "@" + std::to_string(each);
  }
  const std::string from = directory_of(0);
  const std::string to = from == "/data" ? "/more" : "/data";
  ASSERT_EQ(move(0, to), 0);
  int next = 20;
  for (; directory_of(0) != to && next < 500; ++next) {
    ASSERT_EQ(produce("k", std::to_string(next)), next);
    wanted += " k=" + std::to_string(next) + "@" + std::to_string(next);
  }
  EXPECT_EQ(directory_of(0), to);
  ASSERT_EQ(produce("k", "end"), next);
  EXPECT_EQ(records(), wanted + " k=end@" + std::to_string(next));
  ASSERT_TRUE(world_->stop());
  ASSERT_TRUE(world_->start()) << world_->failure();
  EXPECT_EQ(directory_of(0), to);
  EXPECT_EQ(records(), wanted + " k=end@" + std::to_string(next));
}

TEST_F(Upkeep, OneFailedDirectoryLeavesTheOthersAlone) {
  begin({"log.dirs=/data,/more", "metadata.log.dir=/data", "log.dir.failure.timeout.ms=5000"},
        {{"retention.ms", "-1"}}, 6);
  std::set<std::int32_t> failing;
  for (std::int32_t each = 0; each < 6; ++each) {
    ASSERT_EQ(produce("k", "before", each), 0);
    if (directory_of(each) == "/more") failing.insert(each);
  }
  ASSERT_FALSE(failing.empty());
  ASSERT_LT(failing.size(), 6u);
  sim::DiskTrouble& trouble = world_->host().disk().split("/more");
  trouble.failing_writes = trouble.failing_syncs = 256;
  for (const std::int32_t each : failing)
    EXPECT_EQ(produce("k", "lost", each), -static_cast<std::int64_t>(ErrorCode::kafka_storage_error)) << each;
  world_->world().run_for(30s);
  for (std::int32_t each = 0; each < 6; ++each) {
    if (failing.contains(each)) {
      EXPECT_LT(produce("k", "after", each), 0) << each;
    } else {
      EXPECT_EQ(produce("k", "after", each), 1) << each;
      EXPECT_EQ(records(each), "k=before@0 k=after@1") << each;
    }
  }
}

}  // namespace
}  // namespace ottla::server
