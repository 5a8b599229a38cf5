// What administrators and other nodes ask of a running node: configurations, quotas, envelopes, topics made on demand.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/frame_splitter.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/alter_replica_log_dirs.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/describe_acls.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/envelope.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/metadata.h"
#include "protocol/request_header.h"
#include "rpc/client_connection.h"
#include "runtime/shard.h"
#include "server/envelope.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::Encodable;
using protocol::ErrorCode;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

constexpr std::int8_t kBroker = 4;

std::int16_t code(ErrorCode error) {
  return static_cast<std::int16_t>(error);
}

class Administration : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(world_.start()) << world_.failure(); }

  CreateTopicsResponse create(std::string_view name, std::int16_t version = 7) {
    const CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = name, .num_partitions = 1, .replication_factor = 1}};
    return world_.read<CreateTopicsResponse>(
        world_.ask(CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, version));
  }
  MetadataResponse metadata(std::string_view name) {
    const MetadataRequest::MetadataRequestTopic topics[] = {{.name = name}};
    return world_.read<MetadataResponse>(world_.ask(MetadataRequest{.topics = topics}, 12));
  }
  // Sets a key of a broker, or of all of them; gives the code, and the text of a refusal.
  std::pair<std::int16_t, std::string> set(std::int8_t type, std::string_view name, std::string_view key,
                                           std::string_view value, std::uint16_t port = NodeWorld::kPort) {
    const IncrementalAlterConfigsRequest::AlterableConfig configs[] = {{.name = key, .value = value}};
    const IncrementalAlterConfigsRequest::AlterConfigsResource resources[] = {
        {.resource_type = type, .resource_name = name, .configs = configs}};
    const auto response = world_.read<IncrementalAlterConfigsResponse>(
        world_.ask(IncrementalAlterConfigsRequest{.resources = resources}, 1, port));
    if (response.responses.size() != 1) return {-2, "no answer"};
    return {response.responses[0].error_code, std::string(response.responses[0].error_message.value_or(""))};
  }

  NodeWorld world_{21};
};

TEST_F(Administration, TopicsAreMadeOnDemand) {
  const auto first = metadata("wanted");
  ASSERT_EQ(first.topics.size(), 1u);
  EXPECT_EQ(first.topics[0].error_code, code(ErrorCode::unknown_topic_or_partition));
  world_.world().run_for(std::chrono::seconds(1));
  const auto second = metadata("wanted");
  ASSERT_EQ(second.topics.size(), 1u);
  EXPECT_EQ(second.topics[0].error_code, 0);
  EXPECT_EQ(second.topics[0].partitions.size(), 1u);
}

TEST_F(Administration, LimitsOnConnectionsCanBeAlteredWhileRunning) {
  EXPECT_EQ(set(kBroker, "", "max.connections.per.ip", "1").first, 0);
  world_.world().run_for(std::chrono::seconds(1));
  std::string second;
  world_.run_client([&]() -> Task<void> {
    Network& network = this_shard().network();
    auto open = co_await rpc::ClientConnection::connect(network, world_.address(), {}, {});
    const protocol::ApiVersionsRequest named = {.client_software_name = "a", .client_software_version = "1"};
    EXPECT_TRUE((co_await (*open)->call(Encodable(named, 3))).ok());
    auto more = co_await rpc::ClientConnection::connect(network, world_.address(), {}, {});
    const auto reply = co_await (*more)->call(Encodable(named, 3));
    second = reply.ok() ? "answered" : std::string(name_of(reply.error().code()));
    co_await (*more)->close();
    co_await (*open)->close();
  });
  EXPECT_NE(second, "answered");
}

TEST_F(Administration, WhatANodeCannotTakeIsRefusedByIt) {
  EXPECT_EQ(set(kBroker, "1", "node.id", "7").first, code(ErrorCode::invalid_request));
  EXPECT_EQ(set(kBroker, "2", "log.cleaner.threads", "2"),
            std::pair(code(ErrorCode::invalid_request),
                      std::string("Unexpected broker id, expected 1, but received 2")));
  EXPECT_EQ(set(kBroker, "x", "log.cleaner.threads", "2").second, "Node id must be an integer, but it is: x");
  EXPECT_EQ(set(9, "x", "a", "b").second, "Unknown resource type 9");
}

TEST_F(Administration, LevelsOfLoggersAreTheNodesOwn) {
  constexpr std::int8_t kLogger = 8;
  EXPECT_EQ(set(kLogger, "1", "server", "DEBUG").first, 0);
  EXPECT_EQ(set(kLogger, "1", "nowhere", "DEBUG"),
            std::pair(code(ErrorCode::invalid_config), std::string("Logger nowhere does not exist!")));
  EXPECT_EQ(set(kLogger, "1", "server", "LOUD").first, code(ErrorCode::invalid_config));
  EXPECT_EQ(set(kLogger, "1", "root", "WARN").first, 0);
}

TEST_F(Administration, ControllersAlterTheLevelsOfTheirLoggers) {
  constexpr std::int8_t kLogger = 8;
  constexpr std::uint16_t kThere = NodeWorld::kControllerPort;
  EXPECT_EQ(set(kLogger, "1", "server", "DEBUG", kThere), std::pair(code(ErrorCode::none), std::string()));
  EXPECT_EQ(set(kLogger, "1", "nowhere", "DEBUG", kThere),
            std::pair(code(ErrorCode::invalid_config), std::string("Logger nowhere does not exist!")));
  EXPECT_EQ(set(kLogger, "2", "server", "DEBUG", kThere),
            std::pair(code(ErrorCode::invalid_request),
                      std::string("Unexpected node id. Expected 1, but received 2")));
  EXPECT_EQ(set(kBroker, "", "message.max.bytes", "2000000", kThere).first, 0);

  const IncrementalAlterConfigsRequest::AlterableConfig level[] = {{.name = "server", .value = "INFO"}};
  constexpr std::int8_t kTopic = 2;
  const IncrementalAlterConfigsRequest::AlterConfigsResource both[] = {
      {.resource_type = kTopic, .resource_name = "none"},
      {.resource_type = kLogger, .resource_name = "1", .configs = level}};
  const auto answer = world_.read<IncrementalAlterConfigsResponse>(
      world_.ask(IncrementalAlterConfigsRequest{.resources = both}, 1, kThere));
  ASSERT_EQ(answer.responses.size(), 2u);
  EXPECT_EQ(answer.responses[0].resource_type, kLogger);
  EXPECT_EQ(answer.responses[0].error_code, 0);
  EXPECT_EQ(answer.responses[1].resource_type, kTopic);
  EXPECT_EQ(answer.responses[1].error_code, code(ErrorCode::unknown_topic_or_partition));
}

TEST_F(Administration, ControllersAreFoundThroughAnyNode) {
  const protocol::ApiVersionsRequest elsewhere = {
      .client_software_name = "a", .client_software_version = "1", .cluster_id = "other", .node_id = 9};
  const auto at = [&](std::uint16_t port) {
    return world_.read<protocol::ApiVersionsResponse>(world_.ask(elsewhere, 5, port)).error_code;
  };
  EXPECT_EQ(at(NodeWorld::kPort), code(ErrorCode::rebootstrap_required));
  EXPECT_EQ(at(NodeWorld::kControllerPort), 0);
}

TEST_F(Administration, AReplicaOfNothingDoesNotMove) {
  const std::int32_t partitions[] = {0, 9};
  const protocol::AlterReplicaLogDirsRequest::AlterReplicaLogDirTopic topics[] = {
      {.name = "here", .partitions = partitions}, {.name = "none", .partitions = partitions}};
  ASSERT_EQ(create("here").topics[0].error_code, 0);
  const auto told =
      world_.read<protocol::DescribeLogDirsResponse>(world_.ask(protocol::DescribeLogDirsRequest{}, 4));
  ASSERT_EQ(told.results.size(), 1u);
  const std::string path(told.results[0].log_dir);
  const protocol::AlterReplicaLogDirsRequest::AlterReplicaLogDir dirs[] = {{.path = path, .topics = topics}};
  const auto answer = world_.read<protocol::AlterReplicaLogDirsResponse>(
      world_.ask(protocol::AlterReplicaLogDirsRequest{.dirs = dirs}, 2));
  ASSERT_EQ(answer.results.size(), 2u);
  EXPECT_EQ(answer.results[0].partitions[0].error_code, 0);
  EXPECT_EQ(answer.results[0].partitions[1].error_code, code(ErrorCode::unknown_topic_or_partition));
  EXPECT_EQ(answer.results[1].partitions[0].error_code, code(ErrorCode::unknown_topic_or_partition));
}

TEST_F(Administration, RulesOfAnUnknownKindEndTheConnection) {
  const protocol::DescribeAclsRequest request = {
      .resource_type_filter = 0, .pattern_type_filter = 3, .operation = 1, .permission_type = 1};
  for (const std::uint16_t port : {NodeWorld::kPort, NodeWorld::kControllerPort}) {
    EXPECT_FALSE(world_.ask(request, 3, port).ok());
  }
}

TEST_F(Administration, WhoChangesTooMuchIsThrottled) {
  const protocol::AlterClientQuotasRequest::EntityData entity[] = {
      {.entity_type = "client-id", .entity_name = nullptr}};
  const protocol::AlterClientQuotasRequest::OpData ops[] = {
      {.key = "controller_mutation_rate", .value = 0.1}};
  const protocol::AlterClientQuotasRequest::EntryData entries[] = {{.entity = entity, .ops = ops}};
  const auto set = world_.ask(protocol::AlterClientQuotasRequest{.entries = entries}, 1);
  ASSERT_EQ(world_.read<protocol::AlterClientQuotasResponse>(set).entries[0].error_code, 0);
  // One and a little are there at first: the second goes below zero, the third is refused.
  EXPECT_EQ(create("a").topics[0].error_code, 0);
  EXPECT_EQ(create("b").topics[0].error_code, 0);
  const auto refused = create("c");
  EXPECT_EQ(refused.topics[0].error_code, code(ErrorCode::throttling_quota_exceeded));
  EXPECT_GT(refused.throttle_time_ms, 0);
  world_.world().run_for(std::chrono::minutes(2));
  EXPECT_EQ(create("c").topics[0].error_code, 0);
}

TEST_F(Administration, ControllersUnwrapEnvelopes) {
  const CreateTopicsRequest::CreatableTopic topics[] = {
      {.name = "wrapped", .num_partitions = 1, .replication_factor = 1}};
  const CreateTopicsRequest inner = {.topics = topics, .timeout_ms = 1000};
  Chain frame = *protocol::encode_request(Encodable(inner, 7), {.correlation = 77, .client_id = "c"});
  frame.consume(protocol::FrameSplitter::kSizeBytes);
  const Slice bytes = frame.flatten();
  const Slice principal = *encode_principal(Principal{});
  const std::array<std::byte, 4> host{};
  const protocol::EnvelopeRequest envelope = {.request_data = protocol::Bytes(bytes.as_span()),
                                              .request_principal = protocol::Bytes(principal.as_span()),
                                              .client_host_address = protocol::Bytes(host)};
  const auto answer =
      world_.read<protocol::EnvelopeResponse>(world_.ask(envelope, 0, NodeWorld::kControllerPort));
  EXPECT_EQ(answer.error_code, 0);
  ASSERT_FALSE(answer.response_data.is_null());
  EXPECT_EQ(metadata("wrapped").topics[0].error_code, 0);

  protocol::EnvelopeRequest broken = envelope;
  broken.client_host_address = protocol::Bytes(std::span(host).first(3));
  const auto ask = [&](const protocol::EnvelopeRequest& request) {
    return world_.read<protocol::EnvelopeResponse>(world_.ask(request, 0, NodeWorld::kControllerPort))
        .error_code;
  };
  EXPECT_EQ(ask(broken), code(ErrorCode::invalid_request));
  broken = envelope;
  broken.request_principal = protocol::Bytes(host);
  EXPECT_EQ(ask(broken), code(ErrorCode::principal_deserialization_failure));
  broken = envelope;
  broken.request_data = protocol::Bytes(bytes.as_span().first(bytes.size() - 2));
  EXPECT_EQ(ask(broken), code(ErrorCode::unsupported_version));
  for (const std::size_t much : {std::size_t{0}, std::size_t{6}}) {  // no whole header
    broken.request_data = protocol::Bytes(bytes.as_span().first(much));
    EXPECT_EQ(ask(broken), code(ErrorCode::unsupported_version)) << much;
  }
}

TEST_F(Administration, ADeadNodeComesBackWithoutWaitingForItsOldSession) {
  ASSERT_EQ(create("kept").topics[0].error_code, 0);
  world_.host().kill();
  const Instant killed = world_.world().now();
  ASSERT_TRUE(world_.start()) << world_.failure();
  EXPECT_LT(world_.world().now() - killed, std::chrono::seconds(3));
  EXPECT_EQ(metadata("kept").topics[0].error_code, 0);
  EXPECT_TRUE(world_.stop());
  EXPECT_EQ(world_.world().violations(), std::vector<std::string>());
}

TEST(Connections, AreClosedWhenTheyAreIdle) {
  NodeWorld world(22, {"connections.max.idle.ms=60000"});
  ASSERT_TRUE(world.start()) << world.failure();
  const Instant begun = world.world().now();
  EXPECT_EQ(world.send_raw("", NodeWorld::kPort, std::chrono::minutes(3)), "<end_of_stream>");
  EXPECT_GE(world.world().now() - begun, std::chrono::seconds(60));
}

TEST(ManyNodes, StartAndStopWhateverTheSeed) {
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    NodeWorld world(seed, {}, 1 + seed % 3);
    ASSERT_TRUE(world.start()) << seed << ' ' << world.failure();
    const auto reply = world.ask(protocol::DescribeClusterRequest{}, 2);
    const auto cluster = world.read<protocol::DescribeClusterResponse>(reply);
    ASSERT_EQ(cluster.brokers.size(), 1u) << seed;
    EXPECT_FALSE(cluster.brokers[0].is_fenced);
    ASSERT_TRUE(world.stop()) << seed;
    EXPECT_EQ(world.world().violations(), std::vector<std::string>()) << seed;
  }
}

}  // namespace
}  // namespace ottla::server
