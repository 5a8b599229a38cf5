#include "server/controller_link.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/headers.h"
#include "protocol/messages/unregister_broker.h"
#include "rpc/server_connection.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "server/controller_versions.h"
#include "server/dispatcher.h"
#include "server/testing/lone_broker.h"
#include "sim/world.h"

namespace ottla::server {
namespace {

using protocol::ApiKey;
using protocol::ApiVersionsResponse;
using protocol::Encodable;
using protocol::UnregisterBrokerRequest;
using protocol::UnregisterBrokerResponse;
using protocol::Versions;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint16_t kPort = 9093;

TEST(ControllerVersions, AreThoseOfBoth) {
  std::vector<Versions> its(90);
  its[19] = {.first = 2, .last = 5};
  its[57] = {.first = 3, .last = 4};
  const Versions own{.first = 0, .last = 7};
  EXPECT_EQ(also_served(nullptr, ApiKey::create_topics, own), own);
  EXPECT_EQ(also_served(&its, ApiKey::create_topics, own), (Versions{.first = 2, .last = 5}));
  EXPECT_TRUE(also_served(&its, ApiKey::update_features, {.first = 0, .last = 2}).empty());
  EXPECT_TRUE(also_served(&its, ApiKey::create_partitions, own).empty()) << "it does not serve it at all";
  EXPECT_TRUE(also_served(&its, ApiKey::unregister_controller, own).empty()) << "nor has it heard of it";
}

// A controller that serves UnregisterBroker 0 and says what it is told to say.
class Controller final : public rpc::Service {
 public:
  bool may_overlap(const protocol::RequestHead&) const override { return false; }
  Task<rpc::Answer> serve(rpc::Incoming request, Cancel) override {
    if (request.head.api->key == ApiKey::api_versions) {
      const ApiVersionsResponse::ApiVersion apis[] = {
          {.api_key = 18, .min_version = 0, .max_version = 3},
          {.api_key = static_cast<std::int16_t>(ApiKey::unregister_broker),
           .min_version = 0,
           .max_version = 0}};
      const ApiVersionsResponse response{.api_keys = apis};
      co_return answer(request, Encodable(response, request.head.version));
    }
    ++asked;
    UnregisterBrokerResponse response;
    response.error_code = static_cast<std::int16_t>(says);
    co_return answer(request, Encodable(response, request.head.version));
  }

  int asked = 0;
  protocol::ErrorCode says = protocol::ErrorCode::none;

 private:
  static rpc::Answer answer(const rpc::Incoming& request, Encodable body) {
    const protocol::ResponseHeader header{.correlation_id = request.head.correlation};
    const std::array<Encodable, 2> parts = {
        Encodable(header, protocol::response_header_version(*request.head.api, request.head.version)), body};
    return {.bytes = *protocol::encode(parts, protocol::Prefix::frame_size)};
  }
};

class Links : public testing::Test {
 protected:
  Links() {
    controller_.start([this](Process&, Cancel cancel) { return control(cancel); });
    world_.run_for(milliseconds(10));
  }
  ~Links() override {
    controller_.request_stop();
    world_.run_for(seconds(1));
  }

  Task<int> control(Cancel cancel) {
    auto listener = co_await this_shard().network().listen(Address::ipv4({0, 0, 0, 0}, kPort), {});
    const rpc::ServerConnectionOptions options{.served = {.listener = protocol::Listener::kController}};
    TaskGroup connections;
    for (;;) {
      auto pending = co_await (*listener)->accept(cancel);
      if (!pending.ok()) break;
      auto stream = (*pending)->adopt();
      if (!stream.ok()) continue;
      connections.spawn([this, &options, taken = std::move(*stream)](Cancel inner) mutable -> Task<void> {
        rpc::ServerConnection connection(std::move(taken), service_, options);
        co_await connection.run(inner);
      });
    }
    co_await connections.stop();
    co_await (*listener)->close();
    co_return 0;
  }

  // What a broker does with a link.
  void with_link(std::function<Task<void>(ControllerLink&)> work) {
    broker_.start([&](Process&, Cancel) -> Task<int> {
      LoneBroker broker;
      ControllerLink link(
          {.self = NodeId(2),
           .client_id = "2",
           .own = {},
           .request_timeout = seconds(5),
           .setup_timeout = seconds(1),
           .setup_timeout_max = seconds(3),
           .on_versions = [this](SharedVersions served) { told_.push_back(std::move(served)); }},
          broker.dispatcher, {});
      co_await work(link);
      co_await link.stop();
      co_return 0;
    });
    ASSERT_TRUE(world_.run_until([&] { return !broker_.running(); }, std::chrono::minutes(5)));
  }
  ActiveControllerPlace place() const { return {.id = NodeId(1), .host = "10.0.0.1", .port = kPort}; }
  // The code that it got, or the error's name.
  static Task<std::string> unregister(ControllerLink& link) {
    const UnregisterBrokerRequest request{.broker_id = 7};
    const auto reply = co_await link.call(Asking(request), seconds(10), {});
    if (!reply.ok()) co_return std::string(name_of(reply.error().code()));
    Budget budget("reply", std::size_t{1} << 20);
    Arena arena(budget);
    UnregisterBrokerResponse response;
    co_return reply->read(arena, response).ok() ? std::to_string(response.error_code) : "unreadable";
  }

  sim::World world_{1};
  sim::Host& controller_ = world_.add_host("controller");
  sim::Host& broker_ = world_.add_host("broker");
  Controller service_;
  std::vector<SharedVersions> told_;
};

TEST_F(Links, AskTheControllerThatIsKnown) {
  std::string heard;
  with_link([&](ControllerLink& link) -> Task<void> {
    link.set_active(place());
    heard = co_await unregister(link);
  });
  EXPECT_EQ(heard, "0");
  EXPECT_EQ(service_.asked, 1);
}

TEST_F(Links, LookAgainForALeaderWhosePlaceIsNotKnownYet) {
  std::string heard;
  int looks = 0;
  with_link([&](ControllerLink& link) -> Task<void> {
    link.set_finder([&]() -> std::optional<ActiveControllerPlace> {
      return ++looks < 5 ? std::nullopt : std::optional(place());
    });
    heard = co_await unregister(link);
  });
  EXPECT_EQ(heard, "0");
  EXPECT_EQ(looks, 5);
}

TEST_F(Links, LookAgainWhenThePlaceThatIsKnownGivesNoAnswer) {
  std::string heard;
  with_link([&](ControllerLink& link) -> Task<void> {
    link.set_active(ActiveControllerPlace{.id = NodeId(1), .host = "10.0.0.1", .port = 1});
    link.set_finder([&] { return std::optional(place()); });
    heard = co_await unregister(link);
  });
  EXPECT_EQ(heard, "0");
}

TEST_F(Links, WaitLongerForEachConnectionThatFails) {
  std::string heard;
  int looks = 0;
  world_.network().set_closed(broker_, controller_, true);
  with_link([&](ControllerLink& link) -> Task<void> {
    link.set_active(place());
    link.set_finder([&] {
      ++looks;
      return std::optional(place());
    });
    heard = co_await unregister(link);
  });
  EXPECT_EQ(heard, "timed_out");
  EXPECT_EQ(looks, 4) << "after 1, 2, 3 and 3 seconds";
}

TEST_F(Links, GiveUpWhenPatienceEnds) {
  std::string heard;
  with_link([&](ControllerLink& link) -> Task<void> { heard = co_await unregister(link); });
  EXPECT_EQ(heard, "timed_out");
}

TEST_F(Links, TellWhichVersionsTheControllerServesWhileTheyAreConnected) {
  with_link([&](ControllerLink& link) -> Task<void> {
    link.set_active(place());
    (void)co_await unregister(link);
    service_.says = protocol::ErrorCode::not_controller;
    (void)co_await unregister(link);
  });
  ASSERT_GE(told_.size(), 2u);
  ASSERT_NE(told_[0], nullptr);
  EXPECT_EQ(also_served(told_[0].get(), ApiKey::unregister_broker, {.first = 0, .last = 9}),
            (Versions{.first = 0, .last = 0}));
  EXPECT_TRUE(also_served(told_[0].get(), ApiKey::create_topics, {.first = 0, .last = 9}).empty());
  EXPECT_EQ(told_[1], nullptr) << "it leads no more: its connection is given up";
}

}  // namespace
}  // namespace ottla::server
