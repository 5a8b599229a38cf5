// A partition with a second replica, whose broker is played by a test: how its leader asks the controller for changes of
// the in-sync replicas, and what clients see of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/slice.h"
#include "base/uuid.h"
#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/broker_registration.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "record/batch_builder.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

using protocol::BrokerRegistrationRequest;
using protocol::CreateTopicsRequest;
using protocol::FetchRequest;
using protocol::MetadataRequest;
using protocol::ProduceRequest;
using std::chrono::seconds;

constexpr std::int32_t kSecond = 2;

class TwoReplicas : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world_.start()) << world_.failure();
    join();
    const std::int32_t brokers[] = {1, kSecond};
    const CreateTopicsRequest::CreatableReplicaAssignment assignment[] = {
        {.partition_index = 0, .broker_ids = brokers}};
    const CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = "t", .num_partitions = -1, .replication_factor = -1, .assignments = assignment}};
    const auto created = world_.read<protocol::CreateTopicsResponse>(
        world_.ask(CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7));
    ASSERT_EQ(created.topics.size(), 1u);
    ASSERT_EQ(created.topics[0].error_code, 0) << created.topics[0].error_message.value_or("");
    id_ = created.topics[0].topic_id;
    world_.world().run_for(seconds(1));
  }
  void TearDown() override {
    EXPECT_TRUE(world_.stop());
    EXPECT_EQ(world_.world().violations(), std::vector<std::string>());
  }

  void join() {
    const BrokerRegistrationRequest::Listener listeners[] = {
        {.name = "PLAINTEXT", .host = "10.0.0.9", .port = 9092, .security_protocol = 0}};
    const BrokerRegistrationRequest::Feature features[] = {
        {.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 33},
        {.name = "group.version", .min_supported_version = 0, .max_supported_version = 1},
        {.name = "transaction.version", .min_supported_version = 0, .max_supported_version = 2},
        {.name = "eligible.leader.replicas.version", .min_supported_version = 0, .max_supported_version = 1},
        {.name = "share.version", .min_supported_version = 0, .max_supported_version = 2},
        {.name = "streams.version", .min_supported_version = 0, .max_supported_version = 1},
        {.name = "kraft.version", .min_supported_version = 0, .max_supported_version = 1}};
    const Uuid directories[] = {Uuid(7, 7)};
    const BrokerRegistrationRequest request{.broker_id = kSecond,
                                            .cluster_id = "J8qXRwI-Qyi2G0guFTiuYw",
                                            .incarnation_id = Uuid(5, 5),
                                            .listeners = listeners,
                                            .features = features,
                                            .log_dirs = directories,
                                            .previous_broker_epoch = -1};
    const auto registered =
        world_.read<protocol::BrokerRegistrationResponse>(world_.ask(request, 4, NodeWorld::kControllerPort));
    ASSERT_EQ(registered.error_code, 0);
    epoch_ = registered.broker_epoch;
    const protocol::BrokerHeartbeatRequest heartbeat{
        .broker_id = kSecond, .broker_epoch = epoch_, .current_metadata_offset = epoch_ + 1000};
    const auto alive =
        world_.read<protocol::BrokerHeartbeatResponse>(world_.ask(heartbeat, 1, NodeWorld::kControllerPort));
    ASSERT_EQ(alive.error_code, 0);
    ASSERT_FALSE(alive.is_fenced);
  }

  std::vector<std::int32_t> isr() {
    const MetadataRequest::MetadataRequestTopic topics[] = {{.name = "t"}};
    const auto response =
        world_.read<protocol::MetadataResponse>(world_.ask(MetadataRequest{.topics = topics}, 12));
    if (response.topics.size() != 1 || response.topics[0].partitions.size() != 1) return {};
    const auto& isr = response.topics[0].partitions[0].isr_nodes;
    return {isr.begin(), isr.end()};
  }
  std::int16_t produce(std::int32_t timeout_ms) {
    record::BatchBuilder builder({});
    builder.append({.timestamp = 1000, .value = std::as_bytes(std::span(std::string_view("v")))});
    const Slice records = std::move(builder).finish();
    const ProduceRequest::PartitionProduceData partitions[] = {
        {.index = 0, .records = protocol::Records(records.as_span())}};
    const ProduceRequest::TopicProduceData topics[] = {{.name = "t", .partition_data = partitions}};
    const ProduceRequest request{.acks = -1, .timeout_ms = timeout_ms, .topic_data = topics};
    const auto response = world_.read<protocol::ProduceResponse>(world_.ask(request, 12));
    return response.responses.size() == 1 ? response.responses[0].partition_responses[0].error_code
                                          : std::int16_t{-1};
  }
  // As the second replica asks, who has everything before `offset`. Gives the high watermark, or minus the error.
  std::int64_t follow(std::int64_t offset) {
    const FetchRequest::FetchPartition partitions[] = {{.partition = 0,
                                                        .current_leader_epoch = 0,
                                                        .fetch_offset = offset,
                                                        .last_fetched_epoch = -1,
                                                        .log_start_offset = 0,
                                                        .partition_max_bytes = 1 << 20}};
    const FetchRequest::FetchTopic topics[] = {{.topic_id = id_, .partitions = partitions}};
    FetchRequest request{
        .max_wait_ms = 10, .min_bytes = 0, .max_bytes = 1 << 20, .session_epoch = -1, .topics = topics};
    request.replica_state = {.replica_id = kSecond, .replica_epoch = epoch_};
    const auto response = world_.read<protocol::FetchResponse>(world_.ask(request, 17));
    if (response.responses.size() != 1) return -1;
    const auto& partition = response.responses[0].partitions[0];
    if (partition.error_code != 0) return -partition.error_code;
    return partition.high_watermark;
  }

  NodeWorld world_{51, {"broker.session.timeout.ms=3600000", "replica.lag.time.max.ms=10000"}};
  std::int64_t epoch_ = -1;
  Uuid id_;
};

TEST_F(TwoReplicas, WhoDoesNotFetchLeavesTheInSyncReplicasAndComesBackWhenItHasAll) {
  EXPECT_EQ(isr(), (std::vector<std::int32_t>{1, kSecond}));
  // Written, and not committed until the other one has it, or is not waited for any more.
  EXPECT_EQ(produce(1000), static_cast<std::int16_t>(protocol::ErrorCode::request_timed_out));
  world_.world().run_for(seconds(20));
  EXPECT_EQ(isr(), (std::vector<std::int32_t>{1}))
      << "the leader asked, the controller agreed, and everybody knows";
  EXPECT_EQ(produce(1000), 0);

  EXPECT_EQ(follow(0), 2);
  world_.world().run_for(seconds(1));
  EXPECT_EQ(isr(), (std::vector<std::int32_t>{1})) << "it has nothing yet";
  EXPECT_EQ(follow(2), 2);
  world_.world().run_for(seconds(1));
  EXPECT_EQ(isr(), (std::vector<std::int32_t>{1, kSecond}));
  EXPECT_EQ(produce(1000), static_cast<std::int16_t>(protocol::ErrorCode::request_timed_out));
  EXPECT_EQ(follow(3), 3) << "all have it: it is committed";
}

TEST_F(TwoReplicas, AnEpochThatIsOverJoinsNothing) {
  world_.world().run_for(seconds(20));
  EXPECT_EQ(isr(), (std::vector<std::int32_t>{1}));
  epoch_ -= 1;
  EXPECT_EQ(follow(0), -static_cast<std::int16_t>(protocol::ErrorCode::not_leader_or_follower));
  world_.world().run_for(seconds(1));
  EXPECT_EQ(isr(), (std::vector<std::int32_t>{1})) << "a broker of another life is not the one that is alive";
}

}  // namespace
}  // namespace ottla::server
