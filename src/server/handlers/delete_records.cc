#include "server/handlers/delete_records.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/error_code.h"
#include "replica/replica_manager.h"
#include "server/arena_array.h"
#include "server/asked_partitions.h"
#include "server/internal_topics.h"

namespace ottla::server {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ErrorCode;

namespace {

ErrorCode check(const metadata::TopicImage* topic, std::int32_t partition) {
  if (topic == nullptr || topic->partition(PartitionId(partition)) == nullptr)
    return ErrorCode::unknown_topic_or_partition;
  return is_internal(topic->name) ? ErrorCode::invalid_topic_exception : ErrorCode::none;
}

using Asked = AskedPartitions<DeleteRecordsRequest::DeleteRecordsPartition>;

Result<> fill(RequestContext& context, const Asked& wanted, const std::vector<replica::DeleteAnswer>& answers,
              DeleteRecordsResponse& response) {
  using Filled = DeleteRecordsResponse::DeleteRecordsPartitionResult;
  std::size_t answered = 0;
  ArenaArray<DeleteRecordsResponse::DeleteRecordsTopicResult> topics(context.arena, wanted.topics().size());
  for (const auto& topic : wanted.topics()) {
    const metadata::TopicImage* const known = context.image->topics.find(topic.name);
    ArenaArray<Filled> partitions(context.arena, topic.partitions.size());
    for (const auto& [index, partition] : topic.partitions) {
      Filled filled{.partition_index = index, .low_watermark = -1};
      ErrorCode error = check(known, index);
      if (error == ErrorCode::none) {
        error = answers[answered].error;
        filled.low_watermark = answers[answered++].low_watermark.raw();
      }
      filled.error_code = static_cast<std::int16_t>(error);
      OTTLA_CHECK(partitions.add(filled));
    }
    OTTLA_CHECK(topics.add({.name = topic.name, .partitions = partitions.finish()}));
  }
  response.topics = topics.finish();
  return {};
}

}  // namespace

Task<Result<Outcome>> answer_delete_records(RequestContext& context, const DeleteRecordsRequest& request,
                                            DeleteRecordsResponse& response) {
  context.image = context.node.image;
  Asked wanted;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions)
      wanted.add(topic.name, partition.partition_index, partition);
  }
  std::vector<replica::Asked<Offset>> asked;
  for (const auto& topic : wanted.topics()) {
    const metadata::TopicImage* const known = context.image->topics.find(topic.name);
    for (const auto& [index, partition] : topic.partitions) {
      if (check(known, index) != ErrorCode::none) continue;
      asked.push_back({{known->id, PartitionId(index)}, Offset(partition->offset)});
    }
  }
  std::vector<replica::DeleteAnswer> answers;
  if (!asked.empty()) {
    const Duration timeout = std::chrono::milliseconds(std::max(request.timeout_ms, 0));
    answers = co_await context.node.replicas->door().delete_records(std::move(asked), timeout);
  }
  OTTLA_CO_CHECK(fill(context, wanted, answers, response));
  co_return Outcome::reply;
}

}  // namespace ottla::server
