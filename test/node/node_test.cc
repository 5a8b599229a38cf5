#include "server/node.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api_key.h"
#include "protocol/error_code.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/metadata.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::ErrorCode;

std::int16_t code(ErrorCode error) {
  return static_cast<std::int16_t>(error);
}

ApiVersionsRequest named() {
  return {.client_software_name = "test", .client_software_version = "1.0"};
}

TEST(Nodes, StartServeAndStop) {
  NodeWorld world(1);
  ASSERT_TRUE(world.start()) << world.failure();
  for (std::int16_t version = 0; version <= 5; ++version) {
    const auto reply = world.ask(named(), version);
    ASSERT_TRUE(reply.ok()) << version;
    const auto response = world.read<ApiVersionsResponse>(reply);
    EXPECT_EQ(response.error_code, 0) << version;
    EXPECT_FALSE(response.api_keys.empty()) << version;
  }
  EXPECT_TRUE(world.stop());
  EXPECT_EQ(world.world().violations(), std::vector<std::string>());
}

TEST(Nodes, ClientsThatNameThemselvesBadlyAreTold) {
  NodeWorld world(2);
  ASSERT_TRUE(world.start()) << world.failure();
  ApiVersionsRequest request = named();
  request.client_software_name = "a b";
  EXPECT_EQ(world.read<ApiVersionsResponse>(world.ask(request, 3)).error_code,
            code(ErrorCode::invalid_request));
  request = named();
  request.cluster_id = "another";
  request.node_id = 1;
  EXPECT_EQ(world.read<ApiVersionsResponse>(world.ask(request, 5)).error_code,
            code(ErrorCode::rebootstrap_required));
}

TEST(Nodes, WhatIsNoRequestEndsItsConnectionAlone) {
  NodeWorld world(3);
  ASSERT_TRUE(world.start()) << world.failure();
  EXPECT_EQ(world.send_raw(std::string("\xff\xff\xff\xff", 4)), "<end_of_stream>");
  EXPECT_EQ(world.send_raw(std::string("\x7f\xff\xff\xff", 4)), "<end_of_stream>");
  EXPECT_EQ(world.send_raw("GET / HTTP/1.1\r\n\r\n"), "<end_of_stream>");
  EXPECT_TRUE(world.ask(named(), 3).ok());
}

protocol::CreateTopicsRequest::CreatableTopic topic(std::string_view name, std::int32_t partitions = 2) {
  return {.name = name, .num_partitions = partitions, .replication_factor = 1};
}

class Topics : public testing::Test {
 protected:
  std::int16_t create(std::string_view name) {
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {topic(name)};
    const auto reply = world_.ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7);
    const auto response = world_.read<protocol::CreateTopicsResponse>(reply);
    return response.topics.size() == 1 ? response.topics[0].error_code : std::int16_t{-2};
  }
  protocol::MetadataResponse metadata(std::string_view name, std::int16_t version = 13) {
    const protocol::MetadataRequest::MetadataRequestTopic topics[] = {{.name = name}};
    const protocol::MetadataRequest request = {.topics = topics, .allow_auto_topic_creation = false};
    return world_.read<protocol::MetadataResponse>(world_.ask(request, version));
  }

  NodeWorld world_{4};
};

TEST_F(Topics, AreCreatedAndFoundAndOutliveARestart) {
  ASSERT_TRUE(world_.start()) << world_.failure();
  ASSERT_EQ(create("a"), 0);
  const auto before = metadata("a");
  ASSERT_EQ(before.topics.size(), 1u);
  EXPECT_EQ(before.topics[0].error_code, 0);
  ASSERT_EQ(before.topics[0].partitions.size(), 2u);
  EXPECT_EQ(before.topics[0].partitions[0].leader_id, 1);
  const Uuid id = before.topics[0].topic_id;
  ASSERT_TRUE(world_.stop());
  EXPECT_EQ(world_.world().violations(), std::vector<std::string>());
  ASSERT_TRUE(world_.start()) << world_.failure();
  const auto after = metadata("a");
  ASSERT_EQ(after.topics.size(), 1u);
  EXPECT_EQ(after.topics[0].topic_id, id);
  EXPECT_EQ(create("a"), code(ErrorCode::topic_already_exists));
}

}  // namespace
}  // namespace ottla::server
