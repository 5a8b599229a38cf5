#include "server/handlers/describe_producers.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metadata/topic_name.h"
#include "protocol/error_code.h"
#include "replica/replica_manager.h"
#include "server/arena_array.h"

namespace ottla::server {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using protocol::ErrorCode;

namespace {

using Filled = DescribeProducersResponse::PartitionResponse;

constexpr std::string_view kNotHere = "This server does not host this topic-partition.";

Result<Filled> fill(RequestContext& context, std::int32_t partition, const replica::ProducersAnswer& answer) {
  Filled filled{.partition_index = partition,
                .error_code = static_cast<std::int16_t>(answer.error),
                .error_message = nullptr};
  ArenaArray<DescribeProducersResponse::ProducerState> producers(context.arena, answer.producers.size());
  for (const storage::ActiveProducer& producer : answer.producers) {
    OTTLA_CHECK(producers.add({.producer_id = producer.facts.id,
                               .producer_epoch = producer.facts.epoch,
                               .last_sequence = producer.last_sequence,
                               .last_timestamp = producer.facts.last_timestamp,
                               .coordinator_epoch = producer.facts.coordinator_epoch,
                               .current_txn_start_offset = producer.facts.transaction_start.raw()}));
  }
  filled.active_producers = producers.finish();
  return filled;
}

}  // namespace

Task<Result<Outcome>> answer_describe_producers(RequestContext& context,
                                                const DescribeProducersRequest& request,
                                                DescribeProducersResponse& response) {
  context.image = context.node.image;
  std::vector<replica::PartitionKey> keys;
  for (const auto& topic : request.topics) {
    const metadata::TopicImage* const known = context.image->topics.find(topic.name);
    if (known == nullptr) continue;
    for (const std::int32_t index : topic.partition_indexes) keys.push_back({known->id, PartitionId(index)});
  }
  std::vector<replica::ProducersAnswer> answers;
  if (!keys.empty()) answers = co_await context.node.replicas->door().active_producers(std::move(keys));
  std::size_t answered = 0;
  ArenaArray<DescribeProducersResponse::TopicResponse> topics(context.arena, request.topics.size());
  for (const auto& topic : request.topics) {
    const bool is_known = context.image->topics.find(topic.name) != nullptr;
    const std::optional<std::string> fault = metadata::topic_name_fault(topic.name);
    ArenaArray<Filled> partitions(context.arena, topic.partition_indexes.size());
    for (const std::int32_t index : topic.partition_indexes) {
      Filled filled{.partition_index = index,
                    .error_code = static_cast<std::int16_t>(ErrorCode::unknown_topic_or_partition),
                    .error_message = kNotHere};
      if (fault) {
        filled.error_code = static_cast<std::int16_t>(ErrorCode::invalid_topic_exception);
        OTTLA_CO_TRY(filled.error_message, context.arena.copy("Topic name is invalid: " + *fault));
      } else if (is_known) {
        OTTLA_CO_TRY(filled, fill(context, index, answers[answered++]));
      }
      OTTLA_CO_CHECK(partitions.add(filled));
    }
    OTTLA_CO_CHECK(topics.add({.name = topic.name, .partitions = partitions.finish()}));
  }
  response.topics = topics.finish();
  co_return Outcome::reply;
}

}  // namespace ottla::server
