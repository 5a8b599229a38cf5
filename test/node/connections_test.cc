// Many connections, slow ones, idle ones, and more than there may be: who is served all the same, and who has to go.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/request_header.h"
#include "record/batch_builder.h"
#include "rpc/client_connection.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/when.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

using protocol::ApiVersionsRequest;
using protocol::Encodable;
using protocol::MetadataRequest;
using protocol::ProduceRequest;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint16_t kClientsPort = 9094;
constexpr std::uint16_t kNewPort = 9095;
constexpr std::string_view kAsAtFirst = "PLAINTEXT://:9092,CLIENTS://:9094,CONTROLLER://:9093";
constexpr std::string_view kOneMore = "PLAINTEXT://:9092,CLIENTS://:9094,CONTROLLER://:9093,MORE://:9095";
constexpr ApiVersionsRequest kNamed = {.client_software_name = "test", .client_software_version = "1"};

using Streams = std::vector<std::unique_ptr<Stream>>;

// What a client does in the simulated world; all of it runs in one process.
class ManyConnections : public testing::Test {
 protected:
  void begin(std::vector<std::string> overrides) {
    world_ = std::make_unique<NodeWorld>(31, std::move(overrides));
    ASSERT_TRUE(world_->start()) << world_->failure();
  }
  void TearDown() override {
    EXPECT_TRUE(world_->stop());
    EXPECT_EQ(world_->world().violations(), std::vector<std::string>());
  }
  // Two listeners of the broker: the one between brokers, and one for clients.
  static std::vector<std::string> two_listeners(std::string more) {
    static constexpr const char* kProtocols =
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT,"
        "MORE:PLAINTEXT,OTHER:PLAINTEXT";
    return {
        "listeners=PLAINTEXT://:9092,CLIENTS://:9094,CONTROLLER://:9093",
        "advertised.listeners=PLAINTEXT://10.0.0.1:9092,CLIENTS://10.0.0.1:9094,CONTROLLER://10.0.0.1:9093",
        kProtocols, "inter.broker.listener.name=PLAINTEXT", std::move(more)};
  }

  Task<std::unique_ptr<Stream>> connect(std::uint16_t port = NodeWorld::kPort) {
    auto stream = co_await this_shard().network().connect(world_->address(port), {}, {});
    co_return stream.ok() ? std::move(*stream) : nullptr;
  }
  Task<Streams> connect_many(std::size_t count) {
    Streams all;
    for (std::size_t each = 0; each < count; ++each) all.push_back(co_await connect());
    co_return all;
  }
  // "answered", "silence" after some seconds, or how it ended.
  static Task<std::string> ask(Stream& stream) {
    const Chain request = *protocol::encode_request(Encodable(kNamed, 3), {.correlation = 1});
    if (!(co_await stream.write(request.clone())).ok()) co_return "closed";
    std::array<std::byte, 8192> room;
    const auto count = co_await with_timeout(
        seconds(5), {}, [&](Cancel inner) { return stream.read(std::span(room), inner); });
    if (count.ok()) co_return "answered";
    co_return count.error() == Errc::timed_out ? "silence" : std::string(name_of(count.error().code()));
  }
  // How it ended, or "open".
  static Task<std::string> state(Stream& stream) {
    std::array<std::byte, 8192> room;
    for (;;) {
      const auto count = co_await with_timeout(
          milliseconds(1), {}, [&](Cancel inner) { return stream.read(std::span(room), inner); });
      if (count.ok()) continue;  // the rest of an answer
      co_return count.error() == Errc::timed_out ? "open" : std::string(name_of(count.error().code()));
    }
  }
  // Whether the node took it. It has done it a second later.
  Task<bool> altered(std::string_view listeners) {
    const bool taken = co_await world_->alter("1", "listeners", std::string(listeners));
    static_cast<void>(co_await sleep_for(seconds(1)));
    co_return taken;
  }
  void alter_listeners(std::string_view listeners) {
    world_->run_client(
        [this, listeners]() -> Task<void> { EXPECT_TRUE(co_await altered(listeners)) << listeners; });
  }
  // "refused", or what a client hears at that port.
  std::string knock(std::uint16_t port) {
    std::string heard = "refused";
    world_->run_client([&]() -> Task<void> {
      const auto stream = co_await connect(port);
      if (!stream) co_return;
      heard = co_await ask(*stream);
      co_await stream->close();
    });
    return heard;
  }
  static Task<void> close_all(Streams streams) {
    for (const auto& each : streams) co_await each->close();
  }
  void create(std::string_view name, std::int32_t partitions) {
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = name, .num_partitions = partitions, .replication_factor = 1}};
    const auto created = world_->read<protocol::CreateTopicsResponse>(
        world_->ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7));
    ASSERT_EQ(created.topics.size(), 1u);
    ASSERT_EQ(created.topics[0].error_code, 0);
  }

  std::unique_ptr<NodeWorld> world_;
};

TEST_F(ManyConnections, TheLimitOfTheNodeHolds) {
  begin({"max.connections=3"});
  std::vector<std::string> heard;
  world_->run_client([&]() -> Task<void> {
    Streams all = co_await connect_many(4);
    for (const auto& each : all) heard.push_back(co_await ask(*each));
    co_await all[1]->close();
    heard.push_back(co_await ask(*all[3]));
    co_await close_all(std::move(all));
  });
  EXPECT_EQ(heard, (std::vector<std::string>{"answered", "answered", "answered", "silence", "answered"}));
}

TEST_F(ManyConnections, WhatBrokersNeedTakesThePlaceOfWhatWasUsedLongestAgo) {
  begin(two_listeners("max.connections=3"));
  std::vector<std::string> heard;
  world_->run_client([&]() -> Task<void> {
    Streams clients;
    for (int each = 0; each < 3; ++each) {
      clients.push_back(co_await connect(kClientsPort));
      (void)co_await ask(*clients.back());
    }
    (void)co_await ask(*clients[0]);
    auto more = co_await connect(kClientsPort);
    heard.push_back("more: " + co_await ask(*more));
    auto broker = co_await connect();
    heard.push_back("broker: " + co_await ask(*broker));
    for (const auto& each : clients) heard.push_back(co_await state(*each));
    co_await more->close();
    co_await broker->close();
    co_await close_all(std::move(clients));
  });
  EXPECT_EQ(heard,
            (std::vector<std::string>{"more: silence", "broker: answered", "open", "end_of_stream", "open"}));
}

TEST_F(ManyConnections, ALowerLimitEndsThoseTooMany) {
  begin({});
  std::vector<std::string> heard;
  world_->run_client([&]() -> Task<void> {
    Streams all = co_await connect_many(5);
    for (const auto& each : all) (void)co_await ask(*each);
    EXPECT_TRUE(co_await world_->alter("", "max.connections", "2"));
    (void)co_await sleep_for(seconds(2));
    for (const auto& each : all) heard.push_back(co_await state(*each));
    co_await close_all(std::move(all));
  });
  EXPECT_EQ(std::ranges::count(heard, "open"), 1) << "beside the one that asked for it";
  EXPECT_EQ(heard.front(), "end_of_stream");
  EXPECT_EQ(heard.back(), "open");
}

TEST_F(ManyConnections, ListenersComeAndGoWhileTheNodeRuns) {
  begin(two_listeners("max.connections=100"));
  EXPECT_EQ(knock(kNewPort), "refused");
  alter_listeners(kOneMore);
  EXPECT_EQ(knock(kNewPort), "answered");
  EXPECT_EQ(world_->node()->listeners().size(), 4u);
  alter_listeners(kAsAtFirst);
  EXPECT_EQ(knock(kNewPort), "refused");
  EXPECT_EQ(knock(kClientsPort), "answered");
  alter_listeners(kOneMore);
  EXPECT_EQ(knock(kNewPort), "answered");
}

TEST_F(ManyConnections, ThoseOfAListenerGoWithIt) {
  begin(two_listeners("max.connections=100"));
  alter_listeners(kOneMore);
  std::vector<std::string> heard;
  world_->run_client([&]() -> Task<void> {
    Streams streams;
    for (int each = 0; each < 5; ++each) streams.push_back(co_await connect(kNewPort));
    streams.push_back(co_await connect(kClientsPort));
    heard.push_back(co_await ask(*streams.front()));
    EXPECT_TRUE(co_await altered(kAsAtFirst));
    for (const auto& each : streams) heard.push_back(co_await state(*each));
    heard.push_back(co_await ask(*streams.back()));
    co_await close_all(std::move(streams));
  });
  const std::string gone(name_of(Errc::end_of_stream));
  EXPECT_EQ(heard, (std::vector<std::string>{"answered", gone, gone, gone, gone, gone, "open", "answered"}));
}

TEST_F(ManyConnections, AlteredListenersOutliveAStart) {
  begin(two_listeners("max.connections=100"));
  alter_listeners(kOneMore);
  ASSERT_TRUE(world_->stop());
  EXPECT_EQ(knock(kNewPort), "refused");
  ASSERT_TRUE(world_->start()) << world_->failure();
  world_->world().run_for(seconds(1));
  EXPECT_EQ(knock(kNewPort), "answered");
  alter_listeners(kAsAtFirst);
  EXPECT_EQ(knock(kNewPort), "refused");
}

TEST_F(ManyConnections, AListenerThatCannotBeOpenedIsLeftOut) {
  begin(two_listeners("max.connections=100"));
  // 74631 is 9095 in what a port has room for.
  alter_listeners("PLAINTEXT://:9092,CLIENTS://:9094,CONTROLLER://:9093,MORE://:74631,OTHER://:9096");
  EXPECT_EQ(knock(kNewPort), "refused");
  EXPECT_EQ(knock(9096), "answered");
  ASSERT_EQ(world_->node()->listeners().size(), 4u);
  alter_listeners(kOneMore);
  EXPECT_EQ(knock(kNewPort), "answered");
}

// The port of one that goes is free for one that comes.
TEST_F(ManyConnections, AListenerMayTakeThePlaceOfAnother) {
  begin(two_listeners("max.connections=100"));
  alter_listeners(kOneMore);
  alter_listeners("PLAINTEXT://:9092,CLIENTS://:9094,CONTROLLER://:9093,OTHER://:9095");
  EXPECT_EQ(knock(kNewPort), "answered");
  ASSERT_EQ(world_->node()->listeners().size(), 4u);
  EXPECT_EQ(world_->node()->listeners().back().name, "OTHER");
}

TEST_F(ManyConnections, IdleOnesAreEnded) {
  begin({"connections.max.idle.ms=10000"});
  std::vector<std::string> heard;
  world_->run_client([&]() -> Task<void> {
    Streams all = co_await connect_many(2);
    for (int each = 0; each < 4; ++each) {
      (void)co_await sleep_for(seconds(4));
      heard.push_back(co_await ask(*all[0]));
    }
    heard.push_back(co_await state(*all[1]));
    co_await close_all(std::move(all));
  });
  EXPECT_EQ(heard,
            (std::vector<std::string>{"answered", "answered", "answered", "answered", "end_of_stream"}));
}

TEST_F(ManyConnections, OfThoseWhoseOtherEndIsGoneNothingStays) {
  begin({"max.connections=20", "connections.max.idle.ms=30000"});
  sim::Host& lost = world_->world().add_host("lost");
  lost.start([this](Process&, Cancel) -> Task<int> {
    Streams all = co_await connect_many(20);
    for (const auto& each : all) {
      (void)co_await each->write(Chain(Slice::copy_of(std::string_view("\0\0\1\0half", 8))));
    }
    (void)co_await sleep_for(std::chrono::hours(1));
    co_return 0;
  });
  world_->world().run_for(seconds(5));
  lost.cut_power();
  std::vector<std::string> heard;
  world_->run_client([&]() -> Task<void> {
    auto stream = co_await connect();
    heard.push_back(co_await ask(*stream));
    (void)co_await sleep_for(seconds(40));
    heard.push_back(co_await ask(*stream));
    co_await stream->close();
  });
  EXPECT_EQ(heard, (std::vector<std::string>{"silence", "answered"}));
}

TEST_F(ManyConnections, ThousandsThatAreIdleOrDripDisturbNobody) {
  begin({"ottla.memory=67108864"});
  create("t", 1);
  // A frame of 90 MB, of which a byte comes each second.
  const std::string announced("\x05\x5d\x4a\x80\0\0\0\x0d", 8);
  std::int64_t longest_us = 0;
  std::int16_t error = -1;
  const std::string value(200'000, 'x');
  record::BatchBuilder builder({});
  builder.append({.timestamp = 1, .value = std::as_bytes(std::span(value))});
  const Slice records = std::move(builder).finish();
  world_->run_client(
      [&]() -> Task<void> {
        Streams idle = co_await connect_many(10'000);
        Streams dripping = co_await connect_many(1'000);
        auto good =
            co_await rpc::ClientConnection::connect(this_shard().network(), world_->address(), {}, {});
        for (std::size_t each = 0; each < 10; ++each) {
          for (const auto& stream : dripping) {
            const char byte = each < announced.size() ? announced[each] : 'x';
            (void)co_await stream->write(Chain(Slice::copy_of(std::string_view(&byte, 1))));
          }
          (void)co_await sleep_for(seconds(1));
          const ProduceRequest::PartitionProduceData partitions[] = {
              {.index = 0, .records = protocol::Records(records.as_span())}};
          const ProduceRequest::TopicProduceData topics[] = {{.name = "t", .partition_data = partitions}};
          const ProduceRequest request{.acks = -1, .timeout_ms = 1000, .topic_data = topics};
          const Instant asked = this_shard().exact_now();
          const auto reply = co_await (*good)->call(Encodable(request, 12));
          const auto took = this_shard().exact_now() - asked;
          longest_us = std::max<std::int64_t>(
              longest_us, std::chrono::duration_cast<std::chrono::microseconds>(took).count());
          const auto response = world_->read<protocol::ProduceResponse>(reply);
          if (response.responses.size() == 1) error = response.responses[0].partition_responses[0].error_code;
        }
        co_await (*good)->close();
        co_await close_all(std::move(dripping));
        co_await close_all(std::move(idle));
      },
      std::chrono::minutes(10));
  EXPECT_EQ(error, 0);
  EXPECT_LT(longest_us, 200'000);
}

TEST_F(ManyConnections, ThoseThatDoNotReadTheirAnswersDisturbNobody) {
  begin({"ottla.memory=67108864"});
  create("t", 3000);
  const MetadataRequest everything = {.topics =
                                          protocol::Array<MetadataRequest::MetadataRequestTopic>::null()};
  const std::string asked(
      protocol::encode_request(Encodable(everything, 12), {.correlation = 1})->flatten().as_string_view());
  std::vector<std::string> heard;
  bool large = false;
  world_->run_client(
      [&]() -> Task<void> {
        Streams slow = co_await connect_many(300);
        for (const auto& stream : slow) (void)co_await stream->write(Chain(Slice::copy_of(asked)));
        (void)co_await sleep_for(seconds(2));
        auto good = co_await connect();
        for (int each = 0; each < 10; ++each) heard.push_back(co_await ask(*good));
        co_await good->close();
        // A large answer has to wait until those who do not read have had their time.
        auto patient =
            co_await rpc::ClientConnection::connect(this_shard().network(), world_->address(), {}, {});
        large = (co_await (*patient)->call(Encodable(everything, 12))).ok();
        co_await (*patient)->close();
        co_await close_all(std::move(slow));
      },
      std::chrono::minutes(20));
  EXPECT_EQ(heard, std::vector<std::string>(10, "answered"));
  EXPECT_TRUE(large);
}

// How many requests are answered while so many clients ask as fast as they can.
class Overload : public ManyConnections {
 protected:
  Task<void> press(rpc::ClientConnection& connection, const ProduceRequest& request, const bool& over) {
    while (!over) {
      if (!(co_await connection.call(Encodable(request, 12))).ok()) co_return;
      ++answered_;
    }
  }
  // In a while of it; each connection has so many requests under way.
  int requests_of(std::size_t clients, int at_once) {
    record::BatchBuilder builder({});
    builder.append({.timestamp = 1, .value = std::as_bytes(std::span(std::string_view("value")))});
    const Slice records = std::move(builder).finish();
    answered_ = 0;
    int counted = 0;
    world_->run_client(
        [&]() -> Task<void> {
          const ProduceRequest::PartitionProduceData partitions[] = {
              {.index = 0, .records = protocol::Records(records.as_span())}};
          const ProduceRequest::TopicProduceData topics[] = {{.name = "t", .partition_data = partitions}};
          const ProduceRequest request{.acks = -1, .timeout_ms = 60'000, .topic_data = topics};
          std::vector<std::unique_ptr<rpc::ClientConnection>> all;
          for (std::size_t each = 0; each < clients; ++each) {
            all.push_back(std::move(
                *co_await rpc::ClientConnection::connect(this_shard().network(), world_->address(), {}, {})));
          }
          bool over = false;
          TaskGroup group;
          for (const auto& connection : all) {
            for (int each = 0; each < at_once; ++each) group.spawn(press(*connection, request, over));
          }
          (void)co_await sleep_for(milliseconds(20));
          const int before = answered_;
          (void)co_await sleep_for(milliseconds(100));
          counted = answered_ - before;
          over = true;
          co_await group.wait();
          for (const auto& connection : all) co_await connection->close();
        },
        std::chrono::minutes(10));
    return counted;
  }

  int answered_ = 0;
};

TEST_F(Overload, TenTimesAsMuchAskedIsAsMuchDone) {
  begin({});
  create("t", 1);
  const int peak = requests_of(10, 4);
  const int overloaded = requests_of(100, 4);
  const int after = requests_of(10, 4);
  EXPECT_GE(overloaded, peak * 8 / 10) << peak;
  EXPECT_GE(after, peak * 9 / 10) << peak;
  RecordProperty("peak", peak);
  RecordProperty("overloaded", overloaded);
}

}  // namespace
}  // namespace ottla::server
