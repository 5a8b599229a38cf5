// Quotas of clients on a running node: what is too much is told, and waited for.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "record/batch_builder.h"
#include "rpc/client_connection.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

using protocol::AlterClientQuotasRequest;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::Encodable;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr ApiVersionsRequest kNamed = {.client_software_name = "test", .client_software_version = "1"};

// In percent of a processor: less than anything takes.
constexpr double kAlmostNothing = 1e-10;

std::int32_t ms_between(Instant from, Instant to) {
  return static_cast<std::int32_t>(std::chrono::duration_cast<milliseconds>(to - from).count());
}

// One client's connection, and what it hears.
class Client {
 public:
  static Task<std::unique_ptr<Client>> connect(NodeWorld& world, std::string id) {
    auto connection = co_await rpc::ClientConnection::connect(this_shard().network(), world.address(),
                                                              {.client_id = std::move(id)}, {});
    if (!connection.ok()) co_return nullptr;
    co_return std::make_unique<Client>(world, std::move(*connection));
  }
  Client(NodeWorld& world, std::unique_ptr<rpc::ClientConnection> connection)
      : world_(world), connection_(std::move(connection)) {}

  // The time that it is told to wait; -1 when it was refused.
  Task<std::int32_t> produce(std::size_t bytes, std::int16_t acks = -1) {
    const std::string value(bytes, 'x');
    record::BatchBuilder builder({});
    builder.append({.timestamp = 1000, .value = std::as_bytes(std::span(value))});
    const Slice records = std::move(builder).finish();
    const ProduceRequest::PartitionProduceData partitions[] = {
        {.index = 0, .records = protocol::Records(records.as_span())}};
    const ProduceRequest::TopicProduceData topics[] = {{.name = "t", .partition_data = partitions}};
    const ProduceRequest request{.acks = acks, .timeout_ms = 10'000, .topic_data = topics};
    if (acks == 0) {
      const bool sent = (co_await connection_->send(Encodable(request, 12))).ok();
      co_return sent ? 0 : -1;
    }
    const auto response = world_.read<ProduceResponse>(co_await connection_->call(Encodable(request, 12)));
    if (response.responses.size() != 1) co_return -1;
    co_return response.responses[0].partition_responses[0].error_code == 0 ? response.throttle_time_ms : -1;
  }
  struct Fetched {
    std::uint64_t bytes = 0;
    std::int32_t throttle_ms = -1;
  };
  Task<Fetched> fetch(std::int32_t max_bytes) {
    const FetchRequest::FetchPartition partitions[] = {
        {.partition = 0, .fetch_offset = 0, .partition_max_bytes = max_bytes}};
    const FetchRequest::FetchTopic topics[] = {{.topic = "t", .partitions = partitions}};
    const FetchRequest request{
        .max_wait_ms = 100, .min_bytes = 1, .max_bytes = max_bytes, .session_epoch = -1, .topics = topics};
    const auto response = world_.read<FetchResponse>(co_await connection_->call(Encodable(request, 12)));
    Fetched fetched{.throttle_ms = response.throttle_time_ms};
    for (const auto& topic : response.responses) {
      for (const auto& partition : topic.partitions) fetched.bytes += partition.records.bytes().size();
    }
    co_return fetched;
  }
  // How long something small takes, and what it is told.
  struct Heard {
    std::int32_t took_ms = 0;
    std::int32_t told_ms = -1;
  };
  Task<Heard> ask() {
    const Instant asked = this_shard().exact_now();
    const auto reply = co_await connection_->call(Encodable(kNamed, 3));
    const auto response = world_.read<ApiVersionsResponse>(reply);
    co_return Heard{.took_ms = ms_between(asked, this_shard().exact_now()),
                    .told_ms = reply.ok() ? response.throttle_time_ms : -1};
  }
  Task<void> close() { co_await connection_->close(); }

 private:
  NodeWorld& world_;
  std::unique_ptr<rpc::ClientConnection> connection_;
};

class QuotasOfANode : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world_.start()) << world_.failure();
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = "t", .num_partitions = 1, .replication_factor = 1}};
    ASSERT_TRUE(world_.ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7).ok());
  }
  void TearDown() override {
    EXPECT_TRUE(world_.stop());
    EXPECT_EQ(world_.world().violations(), std::vector<std::string>());
  }
  void set(std::string_view type, std::string_view name, std::string_view key, double value) {
    const AlterClientQuotasRequest::EntityData entity[] = {{.entity_type = type, .entity_name = name}};
    const AlterClientQuotasRequest::OpData ops[] = {{.key = key, .value = value}};
    const AlterClientQuotasRequest::EntryData entries[] = {{.entity = entity, .ops = ops}};
    const auto reply = world_.ask(AlterClientQuotasRequest{.entries = entries}, 1);
    const auto response = world_.read<protocol::AlterClientQuotasResponse>(reply);
    ASSERT_EQ(response.entries.size(), 1u);
    ASSERT_EQ(response.entries[0].error_code, 0) << response.entries[0].error_message.value_or("");
    world_.world().run_for(seconds(1));
  }

  NodeWorld world_{41};
};

TEST_F(QuotasOfANode, WhoProducesTooMuchWaits) {
  set("client-id", "fast", "producer_byte_rate", 10'000);
  world_.run_client([&]() -> Task<void> {
    auto fast = co_await Client::connect(world_, "fast");
    auto other = co_await Client::connect(world_, "other");
    EXPECT_EQ(co_await fast->produce(50'000), 0);  // 5,000 a second over ten of them
    const std::int32_t told = co_await fast->produce(150'000);
    EXPECT_NEAR(told, 10'000, 1000);
    EXPECT_EQ(co_await other->produce(1'000'000), 0);
    EXPECT_EQ((co_await other->ask()).took_ms, 0);
    EXPECT_NEAR((co_await fast->ask()).took_ms, told, 50) << "nothing is read before";
    EXPECT_EQ((co_await fast->ask()).took_ms, 0);
    co_await fast->close();
    co_await other->close();
  });
}

TEST_F(QuotasOfANode, WhoExpectsNoAnswerWaitsAllTheSame) {
  set("client-id", "fast", "producer_byte_rate", 10'000);
  world_.run_client([&]() -> Task<void> {
    auto fast = co_await Client::connect(world_, "fast");
    EXPECT_EQ(co_await fast->produce(200'000, 0), 0);
    EXPECT_NEAR((co_await fast->ask()).took_ms, 10'000, 1000);
    co_await fast->close();
  });
}

TEST_F(QuotasOfANode, WhoFetchesTooMuchIsSentNothingAndAsksAgain) {
  world_.run_client([&]() -> Task<void> {
    auto producer = co_await Client::connect(world_, "p");
    for (int each = 0; each < 20; ++each) EXPECT_EQ(co_await producer->produce(100'000), 0);
    co_await producer->close();
  });
  set("client-id", "fast", "consumer_byte_rate", 100'000);
  world_.run_client([&]() -> Task<void> {
    auto fast = co_await Client::connect(world_, "fast");
    const Client::Fetched first = co_await fast->fetch(5'000'000);
    EXPECT_GT(first.bytes, 800'000u);
    EXPECT_LE(first.bytes, 1'000'000u) << "no more at once than ten seconds allow";
    EXPECT_EQ(first.throttle_ms, 0);
    const Client::Fetched second = co_await fast->fetch(5'000'000);
    EXPECT_EQ(second.bytes, 0u);
    EXPECT_GT(second.throttle_ms, 1000);
    EXPECT_NEAR((co_await fast->ask()).took_ms, second.throttle_ms, 50);
    (void)co_await sleep_for(seconds(12));
    EXPECT_EQ((co_await fast->fetch(5'000'000)).bytes, first.bytes);
    co_await fast->close();
  });
}

TEST_F(QuotasOfANode, WhoTakesTooMuchTimeWaitsForASecondAtMost) {
  set("client-id", "busy", "request_percentage", kAlmostNothing);
  world_.run_client([&]() -> Task<void> {
    auto busy = co_await Client::connect(world_, "busy");
    const auto [first, told] = co_await busy->ask();
    EXPECT_EQ(first, 0);
    EXPECT_GT(told, 0);
    EXPECT_LE(told, 1000);
    EXPECT_NEAR((co_await busy->ask()).took_ms, told, 50);
    auto other = co_await Client::connect(world_, "other");
    EXPECT_EQ((co_await other->ask()).told_ms, 0);
    co_await busy->close();
    co_await other->close();
  });
}

TEST_F(QuotasOfANode, AFetchThatTakesTooMuchTimeIsSentNothingEither) {
  world_.run_client([&]() -> Task<void> {
    auto producer = co_await Client::connect(world_, "p");
    EXPECT_EQ(co_await producer->produce(1000), 0);
    co_await producer->close();
  });
  set("client-id", "busy", "request_percentage", kAlmostNothing);
  world_.run_client([&]() -> Task<void> {
    auto busy = co_await Client::connect(world_, "busy");
    const Client::Fetched fetched = co_await busy->fetch(100'000);
    EXPECT_EQ(fetched.bytes, 0u);
    EXPECT_GT(fetched.throttle_ms, 0);
    co_await busy->close();
  });
}

TEST_F(QuotasOfANode, NodesAmongThemselvesAreNotKeptWaiting) {
  set("user", "ANONYMOUS", "request_percentage", kAlmostNothing);
  world_.world().run_for(seconds(60));
  const auto reply = world_.ask(protocol::MetadataRequest{}, 12);
  EXPECT_EQ(world_.read<protocol::MetadataResponse>(reply).brokers.size(), 1u) << "the broker is not fenced";
}

TEST_F(QuotasOfANode, WhoConnectsTooOftenIsSentAway) {
  set("ip", "10.0.0.2", "connection_creation_rate", 1);
  const auto served = [this]() -> int {
    int count = 0;
    world_.run_client([&]() -> Task<void> {
      for (int each = 0; each < 30; ++each) {
        auto client = co_await Client::connect(world_, "c");
        if (client == nullptr) continue;
        if ((co_await client->ask()).told_ms == 0) ++count;
        co_await client->close();
      }
    });
    return count;
  };
  const int first = served();
  EXPECT_GE(first, 5);
  EXPECT_LE(first, 29);
  world_.world().run_for(seconds(60));
  EXPECT_GE(served(), 5);
}

TEST_F(QuotasOfANode, AreThereAfterARestart) {
  set("client-id", "fast", "producer_byte_rate", 10'000);
  ASSERT_TRUE(world_.stop());
  ASSERT_TRUE(world_.start()) << world_.failure();
  world_.run_client([&]() -> Task<void> {
    auto fast = co_await Client::connect(world_, "fast");
    EXPECT_NEAR(co_await fast->produce(200'000), 10'000, 1000);
    co_await fast->close();
  });
}

// A bucket holds what the quota gives in all windows: here 2, though clients' windows are many more.
TEST(QuotasOfAController, HaveWindowsOfTheirOwn) {
  NodeWorld world(43, {"quota.window.num=100", "controller.quota.window.num=2"});
  ASSERT_TRUE(world.start()) << world.failure();
  const AlterClientQuotasRequest::EntityData entity[] = {{.entity_type = "user", .entity_name = nullptr}};
  const AlterClientQuotasRequest::OpData ops[] = {{.key = "controller_mutation_rate", .value = 1}};
  const AlterClientQuotasRequest::EntryData entries[] = {{.entity = entity, .ops = ops}};
  ASSERT_TRUE(world.ask(AlterClientQuotasRequest{.entries = entries}, 1).ok());
  world.world().run_for(seconds(1));
  std::vector<std::int16_t> codes;
  for (const std::string_view name : {"a", "b"}) {
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = name, .num_partitions = 5, .replication_factor = 1}};
    const auto created = world.read<protocol::CreateTopicsResponse>(
        world.ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7));
    ASSERT_EQ(created.topics.size(), 1u);
    codes.push_back(created.topics[0].error_code);
  }
  EXPECT_EQ(codes, (std::vector{std::int16_t{0},
                                static_cast<std::int16_t>(protocol::ErrorCode::throttling_quota_exceeded)}));
  EXPECT_TRUE(world.stop());
}

}  // namespace
}  // namespace ottla::server
