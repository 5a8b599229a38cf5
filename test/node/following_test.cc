// Connections that move to the shard of their partitions: nothing of what they were told or asked is lost on the way.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/metric_registry.h"
#include "base/metric_snapshot.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/produce.h"
#include "record/batch_builder.h"
#include "rpc/client_connection.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "sim/host.h"
#include "sim/incarnation.h"
#include "sim/shard_home.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

using protocol::ApiVersionsRequest;
using protocol::Encodable;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Connection = std::unique_ptr<rpc::ClientConnection>;

class FollowingConnections : public testing::Test {
 protected:
  void begin(std::vector<std::string> overrides, std::size_t shards = 2, std::int32_t partitions = 6) {
    shards_ = shards;
    world_ = std::make_unique<NodeWorld>(7, std::move(overrides), shards);
    ASSERT_TRUE(world_->start()) << world_->failure();
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = "a", .num_partitions = partitions, .replication_factor = 1}};
    const auto created = world_->read<protocol::CreateTopicsResponse>(
        world_->ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7));
    ASSERT_EQ(created.topics.size(), 1u);
    id_ = created.topics[0].topic_id;
  }
  void TearDown() override {
    EXPECT_TRUE(world_->stop());
    EXPECT_EQ(world_->world().violations(), std::vector<std::string>());
  }

  Task<Connection> connect(std::uint16_t port = NodeWorld::kPort) {
    co_return (co_await rpc::ClientConnection::connect(this_shard().network(), world_->address(port), {}, {}))
        .value();
  }
  // The node has done it a second later.
  Task<void> alter_listeners(std::string_view listeners) {
    EXPECT_TRUE(co_await world_->alter("1", "listeners", std::string(listeners)));
    (void)co_await sleep_for(seconds(1));
  }
  // The offset, or minus the error; -1000 when the connection ended.
  Task<std::int64_t> produce(rpc::ClientConnection& connection, std::int32_t partition) {
    record::BatchBuilder builder({});
    builder.append({.timestamp = 1000, .value = std::as_bytes(std::span(std::string_view("x")))});
    const Slice records = std::move(builder).finish();
    const ProduceRequest::PartitionProduceData partitions[] = {
        {.index = partition, .records = protocol::Records(records.as_span())}};
    const ProduceRequest::TopicProduceData topics[] = {{.topic_id = id_, .partition_data = partitions}};
    const ProduceRequest request{.acks = -1, .timeout_ms = 10'000, .topic_data = topics};
    const auto reply = co_await connection.call(Encodable(request, 13));
    Budget budget("reply", 1 << 20);
    Arena arena(budget);
    ProduceResponse response;
    if (!reply.ok() || !reply->read(arena, response).ok()) co_return -1000;
    const auto& answered = response.responses[0].partition_responses[0];
    co_return answered.error_code == 0 ? answered.base_offset : -answered.error_code;
  }
  Task<std::string> produce_many(rpc::ClientConnection& connection, std::int32_t partition, int count) {
    std::string told;
    for (int each = 0; each < count; ++each)
      told += std::to_string(co_await produce(connection, partition)) + ' ';
    co_return told;
  }
  struct Session {
    std::int32_t id = 0;
    std::int32_t epoch = 0;
  };
  // "PARTITION:BYTES …", or the error; the session goes on.
  Task<std::string> fetch(rpc::ClientConnection& connection, Session& session,
                          std::vector<std::int32_t> partitions = {}) {
    std::vector<FetchRequest::FetchPartition> asked;
    for (const std::int32_t each : partitions)
      asked.push_back({.partition = each, .fetch_offset = 0, .partition_max_bytes = 1 << 20});
    std::vector<FetchRequest::FetchTopic> topics;
    if (!asked.empty()) topics.push_back({.topic_id = id_, .partitions = asked});
    const FetchRequest request{.max_wait_ms = 10,
                               .min_bytes = 1,
                               .max_bytes = 1 << 20,
                               .session_id = session.id,
                               .session_epoch = session.epoch,
                               .topics = topics};
    const auto reply = co_await connection.call(Encodable(request, 18));
    Budget budget("reply", 1 << 20);
    Arena arena(budget);
    FetchResponse response;
    if (!reply.ok() || !reply->read(arena, response).ok()) co_return "ended";
    if (response.error_code != 0) co_return "error " + std::to_string(response.error_code);
    session = {.id = response.session_id, .epoch = session.epoch < 0 ? -1 : session.epoch + 1};
    std::string told;
    for (const auto& topic : response.responses) {
      for (const auto& each : topic.partitions) {
        told += (told.empty() ? "" : " ") + std::to_string(each.partition_index) + ":" +
                std::to_string(each.records.bytes().size());
      }
    }
    co_return told;
  }

  // What all shards, or one of them, have counted under that name.
  std::int64_t count(std::string_view name, std::size_t shard) {
    std::int64_t sum = 0;
    const MetricSnapshot all = world_->host().incarnation().home(shard).shard().metrics().snapshot();
    for (const auto& family : all.families) {
      if (family.info.name != name) continue;
      for (const auto& series : family.series) {
        if (const auto* gauge = std::get_if<std::int64_t>(&series.value)) sum += *gauge;
        if (const auto* counter = std::get_if<std::uint64_t>(&series.value))
          sum += static_cast<std::int64_t>(*counter);
      }
    }
    return sum;
  }
  std::int64_t count_all(std::string_view name) {
    std::int64_t sum = 0;
    for (std::size_t shard = 0; shard < shards_; ++shard) sum += count(name, shard);
    return sum;
  }
  // What their clients say that they are, a number and the labels each; wherever they are.
  std::string software() {
    std::map<std::string, std::int64_t> kinds;
    for (std::size_t shard = 0; shard < shards_; ++shard) {
      const MetricSnapshot all = world_->host().incarnation().home(shard).shard().metrics().snapshot();
      for (const auto& family : all.families) {
        if (family.info.name != "kafka_server_socket_server_metrics_connections_software") continue;
        for (const auto& series : family.series) {
          std::string name;
          for (const auto& label : series.labels)
            if (label.key != "network_processor") name += label.value + ' ';
          kinds[name] += std::get<std::int64_t>(series.value);
        }
      }
    }
    std::string told;
    for (const auto& [name, number] : kinds)
      if (number != 0) told += std::to_string(number) + ' ' + name;
    return told;
  }
  std::int64_t moves() { return count_all("ottla_connection_moves"); }
  // "2 0": how many each shard has.
  std::string open() {
    std::string told;
    for (std::size_t shard = 0; shard < shards_; ++shard) {
      told += (told.empty() ? "" : " ") +
              std::to_string(count("kafka_server_socket_server_metrics_connection_count", shard));
    }
    return told;
  }

  std::unique_ptr<NodeWorld> world_;
  std::size_t shards_ = 2;
  Uuid id_;
};

TEST_F(FollowingConnections, AllWhoWriteToAPartitionComeToItsShard) {
  begin({"ottla.connection.move.after.requests=4"});
  const std::int64_t before = count_all("kafka_server_socket_server_metrics_connection_creation");
  world_->run_client([&]() -> Task<void> {
    Connection one = co_await connect();
    Connection two = co_await connect();
    for (const std::int32_t partition : {0, 1}) {
      EXPECT_EQ(open(), "1 1");
      const ApiVersionsRequest named{.client_software_name = "test", .client_software_version = "1"};
      EXPECT_TRUE((co_await one->call(Encodable(named, 3))).ok());
      const std::string said = software();
      EXPECT_NE(said.find("test"), std::string::npos) << said;
      const std::string first = co_await produce_many(*one, partition, 8);
      const std::string second = co_await produce_many(*two, partition, 8);
      EXPECT_EQ(first + second, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 ") << partition;
      EXPECT_TRUE(open() == "2 0" || open() == "0 2") << open();
      (void)co_await sleep_for(milliseconds(300));
      // Enough of them for who has moved already.
      (void)co_await produce_many(*one, 2, 40);
      (void)co_await produce_many(*two, 3, 40);
      EXPECT_EQ(open(), "1 1");
      (void)co_await sleep_for(milliseconds(300));
      (void)co_await produce_many(*one, partition + 4, 100);
      (void)co_await produce_many(*two, partition + 4, 100);
      EXPECT_TRUE(open() == "2 0" || open() == "0 2") << open();
      EXPECT_EQ(software(), said);
      (void)co_await sleep_for(milliseconds(300));
      co_await one->close();
      co_await two->close();
      (void)co_await sleep_for(milliseconds(100));
      EXPECT_EQ(open(), "0 0");
      one = co_await connect();
      two = co_await connect();
    }
    co_await one->close();
    co_await two->close();
  });
  EXPECT_GE(moves(), 6);
  EXPECT_EQ(count_all("kafka_server_socket_server_metrics_connection_creation") - before, 6);
}

TEST_F(FollowingConnections, RequestsThatOverlapAreAnsweredInTheirOrder) {
  begin({"ottla.connection.move.after.requests=4"});
  std::string told;
  world_->run_client([&]() -> Task<void> {
    const Connection connection = co_await connect();
    for (const std::int32_t partition : {0, 1, 0, 1}) {
      TaskGroup group;
      for (int each = 0; each < 60; ++each) {
        group.spawn([&, partition](Cancel) -> Task<void> {
          const std::int64_t offset = co_await produce(*connection, partition);
          if (partition == 0) told += std::to_string(offset) + ' ';
        });
      }
      co_await group.wait();
      (void)co_await sleep_for(milliseconds(300));
    }
    co_await connection->close();
  });
  std::string expected;
  for (int each = 0; each < 120; ++each) expected += std::to_string(each) + ' ';
  EXPECT_EQ(told, expected);
  EXPECT_GE(moves(), 3);
}

TEST_F(FollowingConnections, FetchSessionsGoOn) {
  begin({"ottla.connection.move.after.requests=3"}, 3);
  world_->run_client([&]() -> Task<void> {
    const Connection writer = co_await connect();
    const Connection reader = co_await connect();
    const Connection other = co_await connect();
    // On each of three shards lies one of these.
    for (const std::int32_t partition : {0, 1, 2}) {
      Session session;
      EXPECT_EQ(co_await fetch(*reader, session, {partition}), std::to_string(partition) + ":0");
      const std::int32_t id = session.id;
      EXPECT_NE(id, 0);
      for (int each = 0; each < 100; ++each) {
        EXPECT_EQ(co_await fetch(*reader, session), "");
        EXPECT_EQ(session.id, id);
        if (each % 10 == 0) (void)co_await sleep_for(milliseconds(100));
      }
      EXPECT_GE(co_await produce(*writer, partition), 0);
      const std::string found = co_await fetch(*reader, session);
      EXPECT_EQ(found.substr(0, 2), std::to_string(partition) + ":");
      EXPECT_NE(found, std::to_string(partition) + ":0");
      // Whoever else names it, wherever it is, means the same one.
      Session late{.id = id, .epoch = 1};
      EXPECT_EQ(co_await fetch(*other, late),
                "error " + std::to_string(static_cast<int>(ErrorCode::invalid_fetch_session_epoch)));
      EXPECT_NE(co_await fetch(*reader, session), "ended");
      Session last{.id = id, .epoch = -1};
      (void)co_await fetch(*writer, last);
      EXPECT_EQ(co_await fetch(*reader, session),
                "error " + std::to_string(static_cast<int>(ErrorCode::fetch_session_id_not_found)));
    }
    co_await writer->close();
    co_await reader->close();
    co_await other->close();
  });
  EXPECT_GE(moves(), 2);
}

TEST_F(FollowingConnections, StayWhenTheyAreToldTo) {
  begin({"ottla.connection.move.after.requests=0"});
  world_->run_client([&]() -> Task<void> {
    const Connection one = co_await connect();
    const Connection two = co_await connect();
    (void)co_await produce_many(*one, 0, 100);
    (void)co_await produce_many(*two, 0, 100);
    EXPECT_EQ(open(), "1 1");
    co_await one->close();
    co_await two->close();
  });
  EXPECT_EQ(moves(), 0);
}

TEST_F(FollowingConnections, AreCountedWhereverTheyAre) {
  begin({"ottla.connection.move.after.requests=2", "max.connections.per.ip=3"});
  world_->run_client([&]() -> Task<void> {
    for (int round = 0; round < 3; ++round) {
      std::vector<Connection> all;
      for (int each = 0; each < 3; ++each) all.push_back(co_await connect());
      for (const Connection& each : all) EXPECT_NE(co_await produce_many(*each, round % 2, 5), "");
      const Connection refused = co_await connect();
      EXPECT_EQ(co_await produce(*refused, 0), -1000);
      co_await refused->close();
      for (const Connection& each : all) co_await each->close();
      (void)co_await sleep_for(seconds(1));
    }
  });
  EXPECT_EQ(open(), "0 0");
  EXPECT_GE(moves(), 3);
}

// Eight at most come to a shard at a time.
TEST_F(FollowingConnections, WhoIsGivenBackCountsWhereItWas) {
  begin({"ottla.connection.move.after.requests=1"});
  world_->run_client([&]() -> Task<void> {
    std::vector<Connection> all;
    for (int each = 0; each < 24; ++each) all.push_back(co_await connect());
    EXPECT_EQ(open(), "12 12");
    TaskGroup group;
    for (const Connection& each : all) {
      group.spawn([this, &each](Cancel) -> Task<void> { (void)co_await produce_many(*each, 0, 2); });
    }
    co_await group.wait();
    EXPECT_TRUE(open() == "20 4" || open() == "4 20") << open();
    for (const Connection& each : all) co_await each->close();
    (void)co_await sleep_for(milliseconds(100));
    EXPECT_EQ(open(), "0 0");
    // Those to come go where the fewest are.
    const Connection one = co_await connect();
    const Connection two = co_await connect();
    EXPECT_EQ(open(), "1 1");
    co_await one->close();
    co_await two->close();
  });
  EXPECT_EQ(moves(), 8);
}

// Wherever they are by then.
TEST_F(FollowingConnections, GoWithTheirListener) {
  begin({"ottla.connection.move.after.requests=1", "listeners=PLAINTEXT://:9092,CONTROLLER://:9093",
         "advertised.listeners=PLAINTEXT://10.0.0.1:9092,CONTROLLER://10.0.0.1:9093",
         "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,MORE:PLAINTEXT"});
  world_->run_client([&]() -> Task<void> {
    co_await alter_listeners("PLAINTEXT://:9092,CONTROLLER://:9093,MORE://:9095");
    const Connection one = co_await connect(9095);
    const Connection two = co_await connect(9095);
    EXPECT_EQ(open(), "1 1");
    EXPECT_EQ(co_await produce_many(*one, 0, 2), "0 1 ");
    EXPECT_EQ(co_await produce_many(*two, 0, 2), "2 3 ");
    EXPECT_TRUE(open() == "2 0" || open() == "0 2") << open();
    co_await alter_listeners("PLAINTEXT://:9092,CONTROLLER://:9093");
    EXPECT_EQ(open(), "0 0");
    EXPECT_EQ(co_await produce(*one, 0), -1000);
    EXPECT_EQ(co_await produce(*two, 0), -1000);
    co_await one->close();
    co_await two->close();
  });
  EXPECT_EQ(moves(), 1);
}

// A stop finds some of them on their way.
TEST_F(FollowingConnections, NothingIsLeftWhenTheNodeStops) {
  begin({"ottla.connection.move.after.requests=1"}, 3);
  for (int round = 0; round < 4; ++round) {
    sim::Host& client = world_->world().add_host("client" + std::to_string(round));
    client.start([this](Process&, Cancel cancel) -> Task<int> {
      TaskGroup group(cancel);
      for (std::int32_t each = 0; each < 6; ++each) {
        group.spawn([this, each](Cancel inner) -> Task<void> {
          const Connection connection = co_await connect();
          for (std::int32_t turn = 0; !inner.requested(); ++turn) {
            if (co_await produce(*connection, (each + turn / 40) % 6) < 0) break;
          }
          co_await connection->close();
        });
      }
      co_await group.wait();
      co_return 0;
    });
    world_->world().run_for(milliseconds(700 + round * 13));
    EXPECT_GT(moves(), 0);
    ASSERT_TRUE(world_->stop());
    EXPECT_EQ(world_->world().violations(), std::vector<std::string>());
    client.kill();
    ASSERT_TRUE(world_->start()) << world_->failure();
  }
}

}  // namespace
}  // namespace ottla::server
