// Records through a whole node: produced, fetched, looked up and deleted in every version.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/slice.h"
#include "protocol/error_code.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/describe_producers.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"
#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

std::int16_t code(ErrorCode error) {
  return static_cast<std::int16_t>(error);
}

Slice batch(std::string_view value, std::int64_t timestamp = 1000) {
  record::BatchBuilder builder({});
  builder.append({.timestamp = timestamp, .value = std::as_bytes(std::span(value))});
  return std::move(builder).finish();
}

// Of a fetch session: none, unless it says otherwise.
struct Session {
  std::int32_t id = 0;
  std::int32_t epoch = -1;
};

class RecordsOfANode : public testing::Test {
 protected:
  void begin(std::string_view name = "a", std::int32_t partitions = 3) {
    if (!started_) ASSERT_TRUE(world_.start()) << world_.failure();
    started_ = true;
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = name, .num_partitions = partitions, .replication_factor = 1}};
    const auto reply = world_.ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7);
    const auto created = world_.read<protocol::CreateTopicsResponse>(reply);
    ASSERT_EQ(created.topics.size(), 1u);
    ASSERT_EQ(created.topics[0].error_code, 0);
    id_ = created.topics[0].topic_id;
  }

  // The first offset, or minus the error; -1000 when there was no answer.
  std::int64_t produce(std::int32_t partition, const Slice& records, std::int16_t version = 13,
                       std::int16_t acks = -1, std::string_view topic = "a", Uuid id = {}) {
    const ProduceRequest::PartitionProduceData partitions[] = {
        {.index = partition, .records = protocol::Records(records.as_span())}};
    const ProduceRequest::TopicProduceData topics[] = {
        {.name = topic, .topic_id = id.is_zero() ? id_ : id, .partition_data = partitions}};
    const auto reply =
        world_.ask(ProduceRequest{.acks = acks, .timeout_ms = 10'000, .topic_data = topics}, version);
    const auto response = world_.read<ProduceResponse>(reply);
    if (response.responses.size() != 1 || response.responses[0].partition_responses.size() != 1) return -1000;
    const auto& answered = response.responses[0].partition_responses[0];
    return answered.error_code == 0 ? answered.base_offset : -answered.error_code;
  }

  // All record bytes of each partition that was answered: "0:BYTES 2:error 1"
  struct Fetched {
    std::int16_t error = 0;
    std::int32_t session = 0;
    std::string shown;
  };
  Fetched fetch(std::vector<std::pair<std::int32_t, std::int64_t>> from, std::int16_t version = 18,
                Session session = {}) {
    std::vector<FetchRequest::FetchPartition> partitions;
    for (const auto& [partition, offset] : from) {
      partitions.push_back({.partition = partition, .fetch_offset = offset, .partition_max_bytes = 1 << 20});
    }
    std::vector<FetchRequest::FetchTopic> topics;
    if (!partitions.empty()) topics.push_back({.topic = "a", .topic_id = id_, .partitions = partitions});
    const FetchRequest request{.max_wait_ms = 100,
                               .min_bytes = 1,
                               .max_bytes = most_,
                               .session_id = session.id,
                               .session_epoch = session.epoch,
                               .topics = topics};
    const auto reply = world_.ask(request, version);
    const auto response = world_.read<FetchResponse>(reply);
    Fetched fetched{.error = response.error_code, .session = response.session_id, .shown = {}};
    for (const auto& topic : response.responses) {
      for (const auto& partition : topic.partitions) {
        fetched.shown += (fetched.shown.empty() ? "" : " ") + std::to_string(partition.partition_index) + ":";
        const auto bytes = partition.records.bytes();
        fetched.shown += partition.error_code != 0
                             ? "error " + std::to_string(partition.error_code)
                             : std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      }
    }
    return fetched;
  }
  // A batch as the log has it.
  static std::string stored(const Slice& records, std::int64_t offset) {
    std::string bytes(records.as_string_view());
    record::set_base_offset(std::as_writable_bytes(std::span(bytes)), Offset(offset));
    record::set_leader_epoch(std::as_writable_bytes(std::span(bytes)), 0);
    return bytes;
  }

  // "OFFSET@TIME/EPOCH", or the error.
  std::string offset_at(std::int64_t timestamp, std::int16_t version = 11, std::int32_t partition = 0) {
    const ListOffsetsRequest::ListOffsetsPartition partitions[] = {
        {.partition_index = partition, .timestamp = timestamp}};
    const ListOffsetsRequest::ListOffsetsTopic topics[] = {{.name = "a", .partitions = partitions}};
    const auto reply = world_.ask(ListOffsetsRequest{.replica_id = -1, .topics = topics}, version);
    const auto response = world_.read<ListOffsetsResponse>(reply);
    if (response.topics.size() != 1) return "none";
    const auto& answered = response.topics[0].partitions[0];
    if (answered.error_code != 0) return "error " + std::to_string(answered.error_code);
    return std::to_string(answered.offset) + "@" + std::to_string(answered.timestamp) + "/" +
           std::to_string(answered.leader_epoch);
  }

  NodeWorld world_{5};
  Uuid id_;
  bool started_ = false;
  std::int32_t most_ = 1 << 20;  // bytes of one fetch
};

TEST_F(RecordsOfANode, ComeBackAsTheyWereInEveryVersion) {
  begin();
  std::string all;
  std::int64_t next = 0;
  for (std::int16_t version = 3; version <= 13; ++version) {
    const Slice records = batch("version " + std::to_string(version));
    EXPECT_EQ(produce(0, records, version), next) << version;
    all += stored(records, next++);
  }
  for (std::int16_t version = 4; version <= 18; ++version)
    EXPECT_EQ(fetch({{0, 0}}, version).shown, "0:" + all) << version;
}

TEST_F(RecordsOfANode, AreThereAfterARestart) {
  begin();
  const Slice records = batch("kept");
  for (std::int32_t partition = 0; partition < 3; ++partition) EXPECT_EQ(produce(partition, records), 0);
  ASSERT_TRUE(world_.stop());
  EXPECT_EQ(world_.world().violations(), std::vector<std::string>());
  ASSERT_TRUE(world_.start()) << world_.failure();
  const std::string bytes = stored(records, 0);
  EXPECT_EQ(fetch({{0, 0}, {1, 0}, {2, 0}}).shown, "0:" + bytes + " 1:" + bytes + " 2:" + bytes);
  EXPECT_EQ(produce(1, records), 1);
}

TEST_F(RecordsOfANode, OutliveAProcessThatWasKilled) {
  begin();
  const Slice records = batch("kept");
  for (std::int64_t each = 0; each < 20; ++each) EXPECT_EQ(produce(0, records), each);
  world_.kill();
  ASSERT_TRUE(world_.start()) << world_.failure();
  // The controller lets it lead again when it has come back.
  const std::string not_leader = "error " + std::to_string(code(ErrorCode::not_leader_or_follower));
  for (int each = 0; each < 100 && offset_at(-1) == not_leader; ++each)
    world_.world().run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(offset_at(-1).substr(0, 5), "20@-1");
  EXPECT_EQ(produce(0, records), 20);
}

TEST_F(RecordsOfANode, ThatCannotBeAreRefused) {
  begin();
  const Slice good = batch("x");
  EXPECT_EQ(produce(7, good), -code(ErrorCode::unknown_topic_or_partition));
  EXPECT_EQ(produce(0, good, 12, -1, "nobody"), -code(ErrorCode::unknown_topic_or_partition));
  EXPECT_EQ(produce(0, good, 13, -1, "a", Uuid(9, 9)), -code(ErrorCode::unknown_topic_id));
  EXPECT_EQ(produce(0, good, 13, 2), -code(ErrorCode::invalid_required_acks));
  std::string broken(good.as_string_view());
  broken[broken.size() - 1] ^= 1;
  EXPECT_EQ(produce(0, Slice::copy_of(broken)), -code(ErrorCode::corrupt_message));
  EXPECT_EQ(produce(0, Slice::copy_of(broken.substr(0, 30))), -code(ErrorCode::invalid_record));
  EXPECT_EQ(offset_at(-1), "0@-1/0");
}

TEST_F(RecordsOfANode, WithoutAnAnswerEndTheConnectionWhenTheyAreRefused) {
  begin();
  const Slice good = batch("x");
  EXPECT_EQ(produce(7, good, 13, 0), -1000);
  EXPECT_EQ(offset_at(-1), "0@-1/0");
}

TEST_F(RecordsOfANode, AreSentInASessionWhenTheyAreNew) {
  begin();
  const Slice records = batch("x");
  produce(1, records);
  const Fetched first = fetch({{0, 0}, {1, 0}, {2, 0}}, 18, {0, 0});
  ASSERT_NE(first.session, 0);
  EXPECT_EQ(first.shown, "0: 1:" + stored(records, 0) + " 2:");
  EXPECT_EQ(fetch({{1, 1}}, 18, {first.session, 1}).shown, "");
  produce(2, records);
  const Fetched third = fetch({}, 18, {first.session, 2});
  EXPECT_EQ(third.session, first.session);
  EXPECT_EQ(third.shown, "2:" + stored(records, 0));
  EXPECT_EQ(fetch({}, 18, {first.session, 2}).error, code(ErrorCode::invalid_fetch_session_epoch));
  EXPECT_EQ(fetch({}, 12, {first.session, 3}).error, code(ErrorCode::fetch_session_topic_id_error));
  EXPECT_EQ(fetch({}, 18, {first.session + 1, 1}).error, code(ErrorCode::fetch_session_id_not_found));
}

// The partitions live on two shards.
TEST_F(RecordsOfANode, AreSentInTheOrderOfTheRequestWhenNotAllFit) {
  begin("a", 4);
  const Slice records = batch("x");
  for (std::int32_t each = 0; each < 4; ++each) produce(each, records);
  most_ = static_cast<std::int32_t>(records.size()) + 10;
  const std::string bytes = stored(records, 0);
  EXPECT_EQ(fetch({{0, 0}, {1, 0}, {2, 0}, {3, 0}}).shown, "0:" + bytes + " 1: 2: 3:");
  EXPECT_EQ(fetch({{3, 0}, {1, 0}, {2, 0}, {0, 0}}).shown, "3:" + bytes + " 1: 2: 0:");
  EXPECT_EQ(fetch({{2, 1}, {1, 0}, {0, 0}, {3, 0}}).shown, "2: 1:" + bytes + " 0: 3:");
  most_ = 1;  // less than one batch: the first one is sent whole
  EXPECT_EQ(fetch({{1, 0}, {0, 0}}).shown, "1:" + bytes + " 0:");
  EXPECT_EQ(fetch({{0, 0}, {1, 0}}).shown, "0:" + bytes + " 1:");
}

TEST_F(RecordsOfANode, AreFoundByTime) {
  begin();
  for (std::int64_t each = 1; each <= 3; ++each) produce(0, batch("x", each * 1000));
  for (std::int16_t version = 4; version <= 11; ++version) {
    EXPECT_EQ(offset_at(-1, version), "3@-1/0") << version;
    EXPECT_EQ(offset_at(-2, version), "0@-1/0") << version;
    EXPECT_EQ(offset_at(1500, version), "1@2000/0") << version;
    EXPECT_EQ(offset_at(4000, version), "-1@-1/-1") << version;
    const std::string unsupported = "error " + std::to_string(code(ErrorCode::unsupported_version));
    EXPECT_EQ(offset_at(-3, version), version < 7 ? unsupported : "2@3000/0") << version;
    EXPECT_EQ(offset_at(-4, version), version < 8 ? unsupported : "0@-1/0") << version;
    EXPECT_EQ(offset_at(-5, version), version < 9 ? unsupported : "-1@-1/-1") << version;
    EXPECT_EQ(offset_at(-6, version), version < 11 ? unsupported : "-1@-1/-1") << version;
    EXPECT_EQ(offset_at(-7, version), unsupported) << version;
  }
}

TEST_F(RecordsOfANode, AreDeletedBelowAnOffset) {
  begin();
  for (int each = 0; each < 3; ++each) produce(0, batch("x"));
  const auto remove = [&](std::int64_t offset, std::int32_t partition, std::int16_t version) -> std::int64_t {
    using Request = protocol::DeleteRecordsRequest;
    const Request::DeleteRecordsPartition partitions[] = {{.partition_index = partition, .offset = offset}};
    const Request::DeleteRecordsTopic topics[] = {{.name = "a", .partitions = partitions}};
    const auto reply = world_.ask(Request{.topics = topics, .timeout_ms = 1000}, version);
    const auto response = world_.read<protocol::DeleteRecordsResponse>(reply);
    const auto& answered = response.topics[0].partitions[0];
    return answered.error_code == 0 ? answered.low_watermark : -answered.error_code;
  };
  EXPECT_EQ(remove(2, 0, 0), 2);
  EXPECT_EQ(remove(9, 0, 1), -code(ErrorCode::offset_out_of_range));
  EXPECT_EQ(remove(0, 8, 1), -code(ErrorCode::unknown_topic_or_partition));
  EXPECT_EQ(fetch({{0, 1}}).shown, "0:error " + std::to_string(code(ErrorCode::offset_out_of_range)));
  EXPECT_EQ(offset_at(-2), "2@-1/0");
  EXPECT_EQ(remove(-1, 0, 2), 3);
}

TEST_F(RecordsOfANode, EndWhereTheirEpochDoes) {
  begin();
  produce(0, batch("x"));
  const auto end_of = [&](std::int32_t epoch, std::int32_t current) {
    using Request = protocol::OffsetForLeaderEpochRequest;
    const Request::OffsetForLeaderPartition partitions[] = {
        {.partition = 0, .current_leader_epoch = current, .leader_epoch = epoch}};
    const Request::OffsetForLeaderTopic topics[] = {{.topic = "a", .partitions = partitions}};
    const auto reply = world_.ask(Request{.topics = topics}, 4);
    const auto response = world_.read<protocol::OffsetForLeaderEpochResponse>(reply);
    const auto& answered = response.topics[0].partitions[0];
    return std::to_string(answered.error_code) + ":" + std::to_string(answered.leader_epoch) + "@" +
           std::to_string(answered.end_offset);
  };
  EXPECT_EQ(end_of(0, -1), "0:0@1");
  EXPECT_EQ(end_of(3, -1), "0:-1@-1");
  EXPECT_EQ(end_of(0, 5), std::to_string(code(ErrorCode::unknown_leader_epoch)) + ":-1@-1");
}

TEST_F(RecordsOfANode, TellWhoWroteThem) {
  begin();
  record::BatchBuilder builder({.producer_id = 77, .producer_epoch = 1, .base_sequence = 0});
  builder.append({.timestamp = 5, .value = {}});
  const Slice records = std::move(builder).finish();
  EXPECT_EQ(produce(0, records), 0);
  EXPECT_EQ(produce(0, records), 0);  // once more, and known
  const std::int32_t indexes[] = {0, 9};
  using Request = protocol::DescribeProducersRequest;
  const Request::TopicRequest topics[] = {{.name = "a", .partition_indexes = indexes}};
  const auto reply = world_.ask(Request{.topics = topics}, 0);
  const auto response = world_.read<protocol::DescribeProducersResponse>(reply);
  ASSERT_EQ(response.topics.size(), 1u);
  ASSERT_EQ(response.topics[0].partitions[0].active_producers.size(), 1u);
  const auto& producer = response.topics[0].partitions[0].active_producers[0];
  EXPECT_EQ(producer.producer_id, 77);
  EXPECT_EQ(producer.producer_epoch, 1);
  EXPECT_EQ(producer.last_sequence, 0);
  EXPECT_EQ(producer.last_timestamp, 5);
  EXPECT_EQ(response.topics[0].partitions[1].error_code, code(ErrorCode::unknown_topic_or_partition));
}

}  // namespace
}  // namespace ottla::server
