#include "server/handlers/produce.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/endian.h"
#include "protocol/error_code.h"
#include "record/append_analysis.h"
#include "record/batch_layout.h"
#include "record/produce_check.h"
#include "replica/replica_manager.h"
#include "runtime/shard.h"
#include "server/arena_array.h"
#include "server/internal_topics.h"
#include "server/leader_endpoints.h"
#include "server/quotas/quota_door.h"
#include "server/response_fields.h"
#include "server/viewpoint.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using TopicData = ProduceRequest::TopicProduceData;
using PartitionData = ProduceRequest::PartitionProduceData;
using PartitionResponse = ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t kFirstWithIds = 13;
constexpr std::int16_t kFirstWithLeaders = 10;
constexpr std::string_view kAdminClient = "__admin_client";

// One partition of the request, and what becomes of it.
struct Part {
  const PartitionData* data = nullptr;
  const metadata::TopicImage* topic = nullptr;
  ErrorCode error = ErrorCode::none;
  std::optional<std::size_t> asked = {};  // its place among the appends
};

// What is named twice counts once, as it was named last.
struct TopicParts {
  const TopicData* data = nullptr;
  std::map<std::int32_t, Part> parts;
};

class Produce {
 public:
  Produce(RequestContext& context, const ProduceRequest& request, ProduceResponse& response)
      : context_(context), request_(request), response_(response) {}

  Task<Result<Outcome>> run() {
    const Instant begun = this_shard().exact_now();
    if (!check_whole()) {
      OTTLA_CO_CHECK(refuse_whole());
      co_return outcome();
    }
    sort_out();
    replica::ProduceCall call = make_call();
    if (!call.items.empty()) {
      const auto producing = context_.node.replicas->door().begin_produce(std::move(call));
      context_.busy += this_shard().exact_now() - begun;
      context_.note_shard(producing->only_shard());
      answers_ = co_await producing->answers();
    }
    count_records();
    OTTLA_CO_CHECK(fill());  // looks at a younger image in the end, and lets go of the topics
    co_await count_bytes();
    co_return outcome();
  }

 private:
  bool uses_ids() const { return context_.version() >= kFirstWithIds; }

  Outcome outcome() const {
    if (request_.acks != 0) return Outcome::reply;
    // Whoever expects no answer learns of an error by the end of its connection.
    return failed_ ? Outcome::hang_up : Outcome::silence;
  }

  // Before anything else the batches of all partitions are counted: what is none fails the request as a whole.
  bool check_whole() {
    bool transactional = false;
    for (const TopicData& topic : request_.topic_data) {
      for (const PartitionData& partition : topic.partition_data) {
        if (partition.records.is_null()) {
          whole_ = ErrorCode::unknown_server_error;
          return false;
        }
        const auto first = record::next_bounds(partition.records.bytes());
        if (first) {
          transactional = transactional || is_transactional(partition.records.bytes(), *first);
          continue;
        }
        whole_ = first.error().reason == record::RejectReason::corrupt ? ErrorCode::corrupt_message
                                                                       : ErrorCode::invalid_record;
        whole_text_ = first.error().message;
        return false;
      }
    }
    if (!transactional || !request_.transactional_id.is_null()) return true;
    whole_ = ErrorCode::transactional_id_authorization_failed;
    return false;
  }
  static bool is_transactional(std::span<const std::byte> records,
                               const std::optional<record::BatchBounds>& first) {
    return first && first->magic == record::kMagic && first->size >= record::kRecordsAt &&
           record::Attributes(load_big_endian<std::int16_t>(records.data() + record::kAttributesAt))
               .is_transactional();
  }

  Result<> refuse_whole() {
    failed_ = true;
    ArenaArray<ProduceResponse::TopicProduceResponse> topics(context_.arena, request_.topic_data.size());
    protocol::NullableText text(nullptr);
    if (!whole_text_.empty()) {
      OTTLA_TRY(const std::string_view copied, context_.arena.copy(whole_text_));
      text = copied;
    }
    for (const TopicData& topic : request_.topic_data) {
      ArenaArray<PartitionResponse> partitions(context_.arena, topic.partition_data.size());
      for (const PartitionData& partition : topic.partition_data) {
        OTTLA_CHECK(partitions.add({.index = partition.index,
                                    .error_code = static_cast<std::int16_t>(whole_),
                                    .base_offset = -1,
                                    .error_message = text}));
      }
      OTTLA_CHECK(topics.add(
          {.name = topic.name, .topic_id = topic.topic_id, .partition_responses = partitions.finish()}));
    }
    response_.responses = topics.finish();
    return {};
  }

  const metadata::TopicImage* find(const TopicData& topic) const {
    const metadata::TopicsImage& topics = context_.image->topics;
    return uses_ids() ? topics.find(topic.topic_id) : topics.find(topic.name);
  }

  void sort_out() {
    context_.image = context_.node.image;
    topics_.reserve(request_.topic_data.size());
    std::map<std::pair<std::string_view, Uuid>, std::size_t> places;
    for (const TopicData& topic : request_.topic_data) {
      if (topic.partition_data.empty()) continue;
      std::size_t place = topics_.size();
      // One topic alone, as most requests have it, is found without a map.
      if (request_.topic_data.size() > 1) {
        const std::string_view name = uses_ids() ? std::string_view() : topic.name;
        place = places.try_emplace({name, uses_ids() ? topic.topic_id : Uuid()}, place).first->second;
      }
      if (place == topics_.size()) topics_.push_back({.data = &topic, .parts = {}});
      const metadata::TopicImage* const known = find(topic);
      for (const PartitionData& partition : topic.partition_data) {
        topics_[place].parts[partition.index] = {
            .data = &partition, .topic = known, .error = check(known, partition)};
      }
    }
  }

  ErrorCode check(const metadata::TopicImage* topic, const PartitionData& partition) const {
    if (topic == nullptr)
      return uses_ids() ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
    if (topic->partition(PartitionId(partition.index)) == nullptr)
      return ErrorCode::unknown_topic_or_partition;
    const auto refused = record::check_produced(partition.records.bytes(), context_.version());
    if (refused) return code_of(refused->reason);
    if (request_.acks < -1 || request_.acks > 1) return ErrorCode::invalid_required_acks;
    if (is_internal(topic->name) && context_.incoming.head.client_id != kAdminClient)
      return ErrorCode::invalid_topic_exception;
    return ErrorCode::none;
  }

  static ErrorCode code_of(record::RejectReason reason) {
    switch (reason) {
      case record::RejectReason::unsupported_compression:
        return ErrorCode::unsupported_compression_type;
      case record::RejectReason::undecodable:
        return ErrorCode::unknown_server_error;
      case record::RejectReason::corrupt:
        return ErrorCode::corrupt_message;
      default:
        return ErrorCode::invalid_record;
    }
  }

  replica::ProduceCall make_call() {
    replica::ProduceCall call{
        .items = {}, .acks = request_.acks, .timeout = std::chrono::milliseconds(request_.timeout_ms)};
    for (TopicParts& topic : topics_) {
      for (auto& [index, part] : topic.parts) {
        if (part.error != ErrorCode::none) continue;
        part.asked = call.items.size();
        call.items.push_back({.key = {part.topic->id, PartitionId(index)},
                              .records = ExclusiveBytes(part.data->records.slice_of(context_.incoming.frame)),
                              .terms = {}});
      }
    }
    return call;
  }

  Result<> fill() {
    ArenaArray<ProduceResponse::TopicProduceResponse> topics(context_.arena, topics_.size());
    for (const TopicParts& topic : topics_) {
      ArenaArray<PartitionResponse> partitions(context_.arena, topic.parts.size());
      for (const auto& [index, part] : topic.parts) {
        OTTLA_TRY(const PartitionResponse filled, fill_partition(index, part));
        failed_ = failed_ || filled.error_code != 0;
        OTTLA_CHECK(partitions.add(filled));
      }
      OTTLA_CHECK(topics.add({.name = topic.data->name,
                              .topic_id = topic.data->topic_id,
                              .partition_responses = partitions.finish()}));
    }
    response_.responses = topics.finish();
    OTTLA_TRY(const metadata::Viewpoint viewpoint, viewpoint_of(context_));
    OTTLA_TRY(response_.node_endpoints,
              leaders_.finish<ProduceResponse::NodeEndpoint>(viewpoint, context_.arena));
    return {};
  }

  Result<PartitionResponse> fill_partition(std::int32_t index, const Part& part) {
    PartitionResponse filled{
        .index = index, .error_code = static_cast<std::int16_t>(part.error), .base_offset = -1};
    if (!part.asked) return filled;
    const replica::AppendAnswer& answer = answers_[*part.asked];
    filled.error_code = static_cast<std::int16_t>(answer.error);
    filled.base_offset = answer.first_offset.raw();
    filled.log_append_time_ms = answer.log_append_time;
    filled.log_start_offset = answer.log_start.raw();
    if (answer.message) {
      OTTLA_TRY(const std::string_view text, context_.arena.copy(*answer.message));
      filled.error_message = text;
    }
    OTTLA_TRY(filled.record_errors, record_errors(answer));
    if (answer.error == ErrorCode::not_leader_or_follower && context_.version() >= kFirstWithLeaders) {
      const auto leader =
          LeaderEndpoints::leader_of(answer.leader, part.topic->partition(PartitionId(index)));
      filled.current_leader = leaders_.tell<ProduceResponse::LeaderIdAndEpoch>(leader);
    }
    return filled;
  }

  Result<protocol::Array<ProduceResponse::BatchIndexAndErrorMessage>> record_errors(
      const replica::AppendAnswer& answer) {
    ArenaArray<ProduceResponse::BatchIndexAndErrorMessage> errors(context_.arena, answer.records.size());
    for (const record::RecordError& error : answer.records) {
      OTTLA_TRY(const std::string_view text, context_.arena.copy(error.message));
      OTTLA_CHECK(errors.add({.batch_index = error.batch_index, .batch_index_error_message = text}));
    }
    return errors.finish();
  }

  void count_records() const {
    if (answers_.empty()) return;
    replica::TopicMeterSet& meters = context_.node.replicas->set().meters();
    for (const TopicParts& topic : topics_) {
      for (const auto& [index, part] : topic.parts) {
        if (part.asked) {
          meters.count_append(part.topic->name, part.data->records.size(), answers_[*part.asked]);
        }
      }
    }
  }

  // By the size of the request, as the reference counts it.
  Task<void> count_bytes() {
    QuotaDoor* const quotas = context_.node.broker_quotas;
    if (quotas == nullptr || !quotas->any(QuotaKind::produce)) co_return;
    const std::int64_t wait = co_await quotas->record(QuotaKind::produce, context_.client.principal.name,
                                                      std::string(context_.incoming.head.client_id),
                                                      static_cast<double>(context_.incoming.frame.size()));
    if (wait <= 0) co_return;
    response_.throttle_time_ms = told_wait(wait);
    context_.mute = std::max(context_.mute, Duration(std::chrono::milliseconds(wait)));
  }

  RequestContext& context_;
  const ProduceRequest& request_;
  ProduceResponse& response_;
  ErrorCode whole_ = ErrorCode::none;
  std::string whole_text_;
  std::vector<TopicParts> topics_;
  std::vector<replica::AppendAnswer> answers_;
  LeaderEndpoints leaders_;
  bool failed_ = false;
};

}  // namespace

Task<Result<Outcome>> answer_produce(RequestContext& context, const ProduceRequest& request,
                                     ProduceResponse& response) {
  Produce produce(context, request, response);
  co_return co_await produce.run();
}

}  // namespace ottla::server
