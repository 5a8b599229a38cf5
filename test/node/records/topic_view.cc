#include "test/node/records/topic_view.h"

#include <chrono>
#include <string_view>

#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"

namespace ottla::server {
namespace {

constexpr Duration kPatience = std::chrono::seconds(2);

template <typename T>
protocol::Array<T> one(const T& element) {
  return protocol::Array<T>(&element, 1);
}

}  // namespace

Task<std::optional<TopicView>> ask_for_topic(Line& line, std::string topic, Cancel cancel) {
  const protocol::MetadataRequest::MetadataRequestTopic asked{.name = std::string_view(topic)};
  const protocol::MetadataRequest request{.topics = one(asked), .allow_auto_topic_creation = false};
  line.forget();
  const auto reply = co_await line.ask({request, 12}, kPatience, cancel);
  protocol::MetadataResponse response;
  if (!reply.ok() || !line.read(*reply, response) || response.topics.empty()) co_return std::nullopt;
  const auto& told = response.topics.front();
  if (told.error_code != 0) co_return std::nullopt;
  co_return TopicView{.id = told.topic_id, .partitions = static_cast<std::int32_t>(told.partitions.size())};
}

Task<std::optional<std::int64_t>> ask_for_offset(Line& line, std::string topic, std::int32_t partition,
                                                 std::int64_t timestamp, Cancel cancel) {
  using protocol::ListOffsetsRequest;
  const ListOffsetsRequest::ListOffsetsPartition place{.partition_index = partition, .timestamp = timestamp};
  const ListOffsetsRequest::ListOffsetsTopic asked{.name = topic, .partitions = one(place)};
  const ListOffsetsRequest request{.replica_id = -1, .topics = one(asked), .timeout_ms = 1000};
  line.forget();
  const auto reply = co_await line.ask({request, 10}, kPatience, cancel);
  protocol::ListOffsetsResponse response;
  if (!reply.ok() || !line.read(*reply, response) || response.topics.empty()) co_return std::nullopt;
  const auto& told = response.topics.front().partitions.front();
  if (told.error_code != 0) co_return std::nullopt;
  co_return told.offset;
}

}  // namespace ottla::server
