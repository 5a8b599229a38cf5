#include "server/error_reply.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/testing/random_message.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using protocol::NullableText;

constexpr auto kError = ErrorCode::request_timed_out;
constexpr std::int16_t kCode = 7;

class ErrorReplies : public testing::Test {
 protected:
  template <protocol::Message Response, protocol::Message Request>
  Response reply(const Request& request, std::int16_t version, NullableText message = nullptr) {
    Response response;
    EXPECT_TRUE(
        error_reply(
            {.api = *protocol::find_api(Request::message().key), .version = version, .request = &request},
            kError, message, arena_, &response)
            .ok());
    EXPECT_TRUE(protocol::encode(response, version).ok());
    return response;
  }

  void* make(const protocol::MessageInfo& message) {
    void* place = arena_.allocate(message.root->size, message.root->alignment);
    std::memcpy(place, message.root->initial, message.root->size);
    return place;
  }

  Budget budget_{"test", std::size_t{16} << 20};
  Arena arena_{budget_};
};

TEST_F(ErrorReplies, SayItAtTheTop) {
  const auto response =
      reply<protocol::DescribeClusterResponse>(protocol::DescribeClusterRequest(), 2, "too late");
  EXPECT_EQ(response.error_code, kCode);
  EXPECT_EQ(response.error_message, NullableText("too late"));
}

TEST_F(ErrorReplies, SayItOfEachTopic) {
  const protocol::CreateTopicsRequest::CreatableTopic topics[] = {{.name = "a"}, {.name = "b"}};
  const auto response =
      reply<protocol::CreateTopicsResponse>(protocol::CreateTopicsRequest{.topics = topics}, 7);
  ASSERT_EQ(response.topics.size(), 2u);
  EXPECT_EQ(response.topics[1].name, "b");
  EXPECT_EQ(response.topics[1].error_code, kCode);
  EXPECT_TRUE(response.topics[1].error_message.is_null());
}

TEST_F(ErrorReplies, NamesThatAreNoStructuresAreMirroredToo) {
  const std::string_view names[] = {"a", "b"};
  const auto response =
      reply<protocol::DeleteTopicsResponse>(protocol::DeleteTopicsRequest{.topic_names = names}, 4);
  ASSERT_EQ(response.responses.size(), 2u);
  EXPECT_EQ(response.responses[1].name, NullableText("b"));
  EXPECT_EQ(response.responses[1].error_code, kCode);
}

TEST_F(ErrorReplies, PartitionsOfTopicsAreMirrored) {
  const std::int32_t partitions[] = {3, 4};
  const protocol::ElectLeadersRequest::TopicPartitions topics[] = {{.topic = "a", .partitions = partitions}};
  const auto response =
      reply<protocol::ElectLeadersResponse>(protocol::ElectLeadersRequest{.topic_partitions = topics}, 2);
  EXPECT_EQ(response.error_code, kCode);
  ASSERT_EQ(response.replica_election_results.size(), 1u);
  EXPECT_EQ(response.replica_election_results[0].topic, "a");
  ASSERT_EQ(response.replica_election_results[0].partition_result.size(), 2u);
  EXPECT_EQ(response.replica_election_results[0].partition_result[1].partition_id, 4);
  EXPECT_EQ(response.replica_election_results[0].partition_result[1].error_code, kCode);
}

TEST_F(ErrorReplies, ATopicWithoutANameGetsAnEmptyOneWhereNullIsNotAllowed) {
  const protocol::MetadataRequest::MetadataRequestTopic topics[] = {
      {.topic_id = Uuid(1, 2), .name = nullptr}};
  const auto response = reply<protocol::MetadataResponse>(protocol::MetadataRequest{.topics = topics}, 12);
  ASSERT_EQ(response.topics.size(), 1u);
  EXPECT_EQ(response.topics[0].topic_id, Uuid(1, 2));
  EXPECT_EQ(response.topics[0].error_code, kCode);
}

// Whatever the request of whatever API and version: the answer can be sent, and nothing is read beyond its end.
TEST_F(ErrorReplies, AnyRequestGetsOneThatCanBeSent) {
  for (const protocol::ApiInfo& api : protocol::all_apis()) {
    if (api.request == nullptr) continue;
    for (std::int16_t version = api.request->versions.first; version <= api.request->versions.last;
         ++version) {
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        arena_.reset();
        protocol::RandomMessages random(seed, arena_);
        void* response = make(*api.response);
        void* request = make(*api.request);
        random.fill(*api.request, version, request);
        ASSERT_TRUE(error_reply({.api = api, .version = version, .request = request}, kError, nullptr, arena_,
                                response)
                        .ok());
        const protocol::Encodable part(*api.response, response, version);
        const auto bytes = protocol::encode(std::span(&part, 1), protocol::Prefix::none);
        EXPECT_TRUE(bytes.ok()) << api.name << ' ' << version << ' ' << bytes.error().to_string();
      }
    }
  }
}

}  // namespace
}  // namespace ottla::server
