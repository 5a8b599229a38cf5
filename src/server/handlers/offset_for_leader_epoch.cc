#include "server/handlers/offset_for_leader_epoch.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/leader_epoch.h"
#include "protocol/error_code.h"
#include "replica/replica_manager.h"
#include "server/arena_array.h"

namespace ottla::server {

using protocol::ErrorCode;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;

namespace {

using Request = OffsetForLeaderEpochRequest;
using Response = OffsetForLeaderEpochResponse;

const metadata::TopicImage* find(const metadata::MetadataImage& image,
                                 const Request::OffsetForLeaderTopic& topic, std::int32_t partition) {
  const metadata::TopicImage* const known = image.topics.find(topic.topic);
  return known == nullptr || known->partition(PartitionId(partition)) == nullptr ? nullptr : known;
}

Result<> fill(RequestContext& context, const Request& request,
              const std::vector<replica::EpochEndAnswer>& answers, Response& response) {
  std::size_t answered = 0;
  ArenaArray<Response::OffsetForLeaderTopicResult> topics(context.arena, request.topics.size());
  for (const auto& topic : request.topics) {
    ArenaArray<Response::EpochEndOffset> partitions(context.arena, topic.partitions.size());
    for (const auto& partition : topic.partitions) {
      Response::EpochEndOffset filled{.partition = partition.partition};
      ErrorCode error = ErrorCode::unknown_topic_or_partition;
      if (find(*context.image, topic, partition.partition) != nullptr) {
        const replica::EpochEndAnswer& answer = answers[answered++];
        error = answer.error;
        filled.leader_epoch = answer.end.epoch.raw();
        filled.end_offset = answer.end.end.raw();
      }
      filled.error_code = static_cast<std::int16_t>(error);
      OTTLA_CHECK(partitions.add(filled));
    }
    OTTLA_CHECK(topics.add({.topic = topic.topic, .partitions = partitions.finish()}));
  }
  response.topics = topics.finish();
  return {};
}

}  // namespace

Task<Result<Outcome>> answer_offset_for_leader_epoch(RequestContext& context, const Request& request,
                                                     Response& response) {
  context.image = context.node.image;
  std::vector<replica::Asked<replica::EpochCall>> asked;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      const metadata::TopicImage* const known = find(*context.image, topic, partition.partition);
      if (known == nullptr) continue;
      const std::int32_t current = partition.current_leader_epoch;
      asked.push_back(
          {{known->id, PartitionId(partition.partition)},
           {.epoch = LeaderEpoch(partition.leader_epoch),
            .current_epoch =
                current == kUnknownLeaderEpoch.raw() ? std::nullopt : std::optional(LeaderEpoch(current))}});
    }
  }
  std::vector<replica::EpochEndAnswer> answers;
  if (!asked.empty()) answers = co_await context.node.replicas->door().ends_of_epochs(std::move(asked));
  OTTLA_CO_CHECK(fill(context, request, answers, response));
  co_return Outcome::reply;
}

}  // namespace ottla::server
