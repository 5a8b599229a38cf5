#include "server/node.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "protocol/api_key.h"
#include "protocol/error_code.h"
#include "protocol/messages/api_versions.h"
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

}  // namespace
}  // namespace ottla::server
