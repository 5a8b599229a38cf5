#include "rpc/client_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/frame_splitter.h"
#include "protocol/messages/api_versions.h"
#include "protocol/request_header.h"
#include "runtime/cancel.h"
#include "runtime/shard.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/testing/manual_world.h"
#include "runtime/testing/stream_pair.h"

namespace ottla::rpc {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::Encodable;

// A connection whose server is the test.
class ClientConnections : public testing::Test {
 public:
  ClientConnections() {
    const Shard::Scope scope(world_.shard());
    StreamPair pair = make_stream_pair();
    connection_ =
        std::make_unique<ClientConnection>(std::move(pair.first), ClientConnectionOptions{.client_id = "me"});
    server_ = std::move(pair.second);
  }
  ~ClientConnections() override {
    run([](ClientConnections& test) -> Task<void> {
      co_await test.connection_->close();
      co_await test.calls_.stop();
      co_await test.server_->close();
    });
    const Shard::Scope scope(world_.shard());
    connection_.reset();
    server_.reset();
  }
  // Runs until nothing moves any more.
  void run(Task<void> (*make)(ClientConnections&)) {
    {
      const Shard::Scope scope(world_.shard());
      steps_.spawn(make(*this));
    }
    world_.settle();
  }
  Task<void> ask(std::size_t index, Cancel cancel) {
    const ApiVersionsRequest request;
    auto reply = co_await connection_->call(Encodable(request, 0), cancel);
    outcomes_[index] = reply.ok() ? throttle_of(*reply) : std::string(name_of(reply.error().code()));
  }
  std::string throttle_of(const Reply& reply) {
    ApiVersionsResponse response;
    const auto read = reply.read(arena_, response);
    return read.ok() ? std::to_string(response.error_code) : std::string(name_of(read.error().code()));
  }
  void call(std::size_t index) {
    {
      const Shard::Scope scope(world_.shard());
      calls_.spawn(ask(index, cancel_.token()));
    }
    world_.settle();
  }
  Task<void> write_bytes(std::string bytes) {
    static_cast<void>(co_await server_->write(Chain(Slice::copy_of(bytes))));
  }
  void answer(std::string_view hex) {
    {
      const Shard::Scope scope(world_.shard());
      steps_.spawn(write_bytes(*hex_decode(hex)));
    }
    world_.settle();
  }

  ManualWorld world_;
  Budget budget_{"test", 1 << 16};
  Arena arena_{budget_};
  CancelSource cancel_;
  TaskGroup steps_;
  TaskGroup calls_;
  std::unique_ptr<ClientConnection> connection_;
  std::unique_ptr<Stream> server_;
  std::array<std::string, 3> outcomes_;
};

// Replies to ApiVersions of version 0 with the correlation and the error code that the test sees.
constexpr std::string_view kFirst =
    "0000000a"
    "00000000"
    "0007"
    "00000000";
constexpr std::string_view kSecond =
    "0000000a"
    "00000001"
    "0008"
    "00000000";

TEST_F(ClientConnections, EachCallGetsItsReply) {
  call(0);
  call(1);
  EXPECT_EQ(connection_->in_flight(), 2u);
  answer(std::string(kFirst) + std::string(kSecond));
  EXPECT_EQ(outcomes_[0], "7");
  EXPECT_EQ(outcomes_[1], "8");
}

TEST_F(ClientConnections, ACancelledCallLeavesTheConnectionUsable) {
  call(0);
  {
    const Shard::Scope scope(world_.shard());
    cancel_.request();
  }
  world_.settle();
  EXPECT_EQ(outcomes_[0], "cancelled");
  answer(kFirst);
  EXPECT_EQ(connection_->in_flight(), 0u);
}

TEST_F(ClientConnections, AReplyOutOfOrderEndsAllCalls) {
  call(0);
  call(1);
  answer(kSecond);
  EXPECT_EQ(outcomes_[0], "malformed");
  EXPECT_EQ(outcomes_[1], "malformed");
  call(2);
  EXPECT_EQ(outcomes_[2], "malformed");
}

TEST_F(ClientConnections, AReplyThatNobodyAskedForEndsTheConnection) {
  answer(kFirst);
  call(0);
  EXPECT_EQ(outcomes_[0], "malformed");
}

TEST_F(ClientConnections, AServerThatLeavesEndsAllCalls) {
  call(0);
  run([](ClientConnections& test) -> Task<void> {
    EXPECT_TRUE((co_await test.server_->finish_writing()).ok());
  });
  EXPECT_EQ(outcomes_[0], "end_of_stream");
}

TEST_F(ClientConnections, CloseEndsCallsInFlight) {
  call(0);
  run([](ClientConnections& test) -> Task<void> { co_await test.connection_->close(); });
  EXPECT_EQ(outcomes_[0], "closed");
}

TEST_F(ClientConnections, ABodyThatIsCutIsTheCallersError) {
  call(0);
  answer(
      "00000006"
      "00000000"
      "0007");
  EXPECT_EQ(outcomes_[0], "truncated");
}

TEST_F(ClientConnections, ARequestThatCannotBeEncodedLeavesTheConnectionUsable) {
  run([](ClientConnections& test) -> Task<void> {
    const ApiVersionsRequest request;
    const auto reply = co_await test.connection_->call(Encodable(request, 99));
    test.outcomes_[0] = name_of(reply.error().code());
  });
  EXPECT_EQ(outcomes_[0], "unsupported");
  call(1);
  answer(kFirst);
  EXPECT_EQ(outcomes_[1], "7");
}

}  // namespace
}  // namespace ottla::rpc
