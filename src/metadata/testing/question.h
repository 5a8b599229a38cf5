// Requests and responses as JSON, for tests of what answers them.
//
// Use:    EXPECT_EQ(answer<Request, Response>(R"({"topics":null})", 13, [&](const Request& request, Arena& arena,
//                   Response& response) { return describe(…); }), R"({…})");
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/result.h"
#include "protocol/codec.h"
#include "protocol/json.h"
#include "protocol/message.h"

namespace ottla::metadata {

// The response as that version carries it, or the error.
template <protocol::Message Request, protocol::Message Response, typename Describe>
std::string answer(std::string_view json, std::int16_t version, Describe describe) {
  Budget budget("question", std::size_t{64} << 20);
  Arena arena(budget);
  Request request;
  const Result<> read = protocol::from_json(json, version, arena, request);
  EXPECT_TRUE(read.ok()) << read.error().to_string();
  Response response;
  if (const Result<> described = describe(request, arena, response); !described.ok()) {
    return described.error().to_string();
  }
  const auto bytes = protocol::encode(response, version);
  EXPECT_TRUE(bytes.ok()) << bytes.error().to_string();
  return protocol::to_json(response, version);
}

}  // namespace ottla::metadata
