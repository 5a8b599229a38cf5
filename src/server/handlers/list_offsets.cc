#include "server/handlers/list_offsets.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/leader_epoch.h"
#include "protocol/error_code.h"
#include "replica/replica_manager.h"
#include "runtime/shard.h"
#include "server/arena_array.h"
#include "server/asked_partitions.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using replica::OffsetCall;
using PartitionResponse = ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr std::int32_t kConsumer = -1;
constexpr std::int32_t kDebugging = -2;  // asks any replica
constexpr std::int16_t kFirstWithEpochs = 4;
constexpr std::int16_t kFirstWithOffsetNotAvailable = 5;

// The first version in which a time below zero means something.
std::optional<std::int16_t> first_version_of(std::int64_t timestamp) {
  switch (timestamp) {
    case OffsetCall::kLatest:
    case OffsetCall::kEarliest:
      return std::int16_t{1};
    case OffsetCall::kMaxTimestamp:
      return std::int16_t{7};
    case OffsetCall::kEarliestLocal:
      return std::int16_t{8};
    case OffsetCall::kLatestTiered:
      return std::int16_t{9};
    case OffsetCall::kEarliestPendingUpload:
      return std::int16_t{11};
    default:
      return std::nullopt;
  }
}

class ListOffsets {
 public:
  ListOffsets(RequestContext& context, const ListOffsetsRequest& request, ListOffsetsResponse& response)
      : context_(context), request_(request), response_(response) {}

  Task<Result<Outcome>> run() {
    context_.image = context_.node.image;
    sort_out();
    std::vector<replica::Asked<OffsetCall>> asked;
    for (const auto& topic : asked_.topics()) {
      const metadata::TopicImage* const known = context_.image->topics.find(topic.name);
      for (const auto& [index, partition] : topic.partitions) {
        const ErrorCode error = check(topic.name, known, *partition);
        errors_.push_back(error);
        if (error == ErrorCode::none) asked.push_back({{known->id, PartitionId(index)}, call_of(*partition)});
      }
    }
    if (!asked.empty()) answers_ = co_await context_.node.replicas->door().find_offsets(std::move(asked));
    OTTLA_CO_CHECK(fill());
    co_return Outcome::reply;
  }

 private:
  bool is_consumer() const { return request_.replica_id == kConsumer; }

  void sort_out() {
    for (const auto& topic : request_.topics) {
      for (const auto& partition : topic.partitions) {
        ++named_[{topic.name, partition.partition_index}];
        asked_.add(topic.name, partition.partition_index, partition);
      }
    }
  }

  ErrorCode check(std::string_view name, const metadata::TopicImage* topic,
                  const ListOffsetsRequest::ListOffsetsPartition& partition) const {
    if (named_.at({name, partition.partition_index}) > 1) return ErrorCode::invalid_request;
    if (partition.timestamp < 0) {
      const auto first = first_version_of(partition.timestamp);
      if (!first || context_.version() < *first) return ErrorCode::unsupported_version;
    }
    if (topic == nullptr || topic->partition(PartitionId(partition.partition_index)) == nullptr)
      return ErrorCode::unknown_topic_or_partition;
    const bool is_isolated = request_.isolation_level == 0 || request_.isolation_level == 1;
    return is_consumer() && !is_isolated ? ErrorCode::unknown_server_error : ErrorCode::none;
  }

  OffsetCall call_of(const ListOffsetsRequest::ListOffsetsPartition& partition) const {
    const storage::Isolation of_consumer =
        request_.isolation_level == 1 ? storage::Isolation::committed : storage::Isolation::high_watermark;
    const std::int32_t epoch = partition.current_leader_epoch;
    return {.timestamp = partition.timestamp,
            .isolation = is_consumer() ? of_consumer : storage::Isolation::log_end,
            .current_epoch =
                epoch == kUnknownLeaderEpoch.raw() ? std::nullopt : std::optional(LeaderEpoch(epoch)),
            .leader_only = request_.replica_id != kDebugging};
  }

  ErrorCode told(ErrorCode error) const {
    const bool is_unknown =
        error == ErrorCode::offset_not_available && context_.version() < kFirstWithOffsetNotAvailable;
    return is_unknown ? ErrorCode::leader_not_available : error;
  }

  Result<> fill() {
    std::size_t place = 0;
    std::size_t answered = 0;
    ArenaArray<ListOffsetsResponse::ListOffsetsTopicResponse> topics(context_.arena, asked_.topics().size());
    for (const auto& topic : asked_.topics()) {
      ArenaArray<PartitionResponse> partitions(context_.arena, topic.partitions.size());
      for (const auto& [index, partition] : topic.partitions) {
        PartitionResponse filled{.partition_index = index};
        ErrorCode error = errors_[place++];
        if (error == ErrorCode::none) {
          const replica::OffsetAnswer& answer = answers_[answered++];
          error = told(answer.error);
          filled.timestamp = answer.timestamp;
          filled.offset = answer.offset.raw();
          if (context_.version() >= kFirstWithEpochs) filled.leader_epoch = answer.leader_epoch;
        }
        filled.error_code = static_cast<std::int16_t>(error);
        OTTLA_CHECK(partitions.add(filled));
      }
      OTTLA_CHECK(topics.add({.name = topic.name, .partitions = partitions.finish()}));
    }
    response_.topics = topics.finish();
    return {};
  }

  RequestContext& context_;
  const ListOffsetsRequest& request_;
  ListOffsetsResponse& response_;
  AskedPartitions<ListOffsetsRequest::ListOffsetsPartition> asked_;
  std::map<std::pair<std::string_view, std::int32_t>, int> named_;  // how often
  std::vector<ErrorCode> errors_;                                   // in the order of asked_
  std::vector<replica::OffsetAnswer> answers_;                      // of those without one
};

}  // namespace

Task<Result<Outcome>> answer_list_offsets(RequestContext& context, const ListOffsetsRequest& request,
                                          ListOffsetsResponse& response) {
  ListOffsets listing(context, request, response);
  co_return co_await listing.run();
}

}  // namespace ottla::server
