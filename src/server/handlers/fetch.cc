#include "server/handlers/fetch.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/node_key.h"
#include "protocol/error_code.h"
#include "replica/fetch_sessions.h"
#include "replica/replica_manager.h"
#include "runtime/shard.h"
#include "server/arena_array.h"
#include "server/leader_endpoints.h"
#include "server/quotas/quota_door.h"
#include "server/quotas/request_quota.h"
#include "server/response_fields.h"
#include "server/viewpoint.h"

namespace ottla::server {
namespace {

using config::node_key;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using replica::FetchContext;
using replica::FetchFacts;
using replica::FetchReply;
using replica::FetchTopic;
using replica::FetchWish;
using PartitionData = FetchResponse::PartitionData;

constexpr std::int16_t kFirstWithIds = 13;
constexpr std::int16_t kFirstWithReplicaState = 15;
constexpr std::int16_t kFirstWithLeaders = 16;
constexpr std::int16_t kFirstWithRacks = 11;  // who knows these may read from followers
constexpr std::int16_t kLastWithoutStorageErrors = 5;
constexpr std::uint64_t kAboutAPartition = 40;  // bytes that it takes of an answer beside its records

std::optional<LeaderEpoch> epoch_of(std::int32_t raw) {
  return raw < 0 ? std::nullopt : std::optional(LeaderEpoch(raw));
}

std::uint64_t size_of(std::int32_t bytes) {
  return static_cast<std::uint64_t>(std::max(bytes, 0));
}

class Fetch {
 public:
  Fetch(RequestContext& context, const FetchRequest& request, FetchResponse& response)
      : context_(context),
        request_(request),
        response_(response),
        meters_(context.node.replicas->set().meters()) {}

  Task<Result<Outcome>> run() {
    const Instant begun = this_shard().exact_now();
    context_.image = context_.node.image;
    context_.exempt = replica() != kNoNode;
    if (request_.isolation_level != 0 && request_.isolation_level != 1) {
      OTTLA_CO_CHECK(refuse_whole(ErrorCode::unknown_server_error));
      co_return Outcome::reply;
    }
    replica::ReplicaDoor& door = context_.node.replicas->door();
    fetch_ = co_await door.begin_fetch(opening());
    if (fetch_.kind == FetchContext::Kind::refused) {
      response_.error_code = static_cast<std::int16_t>(fetch_.error);
      co_return Outcome::reply;
    }
    if (has_quota()) co_await limit_to_quota();
    replica::FetchCall call = make_call();
    context_.busy += this_shard().exact_now() - begun;
    std::vector<replica::ReadAnswer> read;
    if (!call.items.empty()) {
      std::optional<ShardId> shard;
      call.only_shard = &shard;
      read = co_await door.fetch(std::move(call), context_.cancel);
      context_.note_shard(shard);
    }
    take(std::move(read));
    if (co_await throttles()) {
      const FetchReply reply = co_await door.throttle_fetch(std::move(fetch_));
      response_.error_code = static_cast<std::int16_t>(reply.error);
      response_.session_id = reply.session_id;
      co_return Outcome::reply;
    }
    const FetchReply reply = co_await door.finish_fetch(fetch_, facts());
    response_.error_code = static_cast<std::int16_t>(reply.error);
    response_.session_id = reply.session_id;
    if (reply.error == ErrorCode::none) OTTLA_CO_CHECK(fill(reply));
    co_return Outcome::reply;
  }

 private:
  bool uses_ids() const { return context_.version() >= kFirstWithIds; }
  NodeId replica() const {
    const std::int32_t id = context_.version() >= kFirstWithReplicaState ? request_.replica_state.replica_id
                                                                         : request_.replica_id;
    return id >= 0 ? NodeId(id) : kNoNode;
  }

  // Clients that know names only look for the error at each partition.
  Result<> refuse_whole(ErrorCode error) {
    response_.error_code = static_cast<std::int16_t>(error);
    if (uses_ids()) return {};
    ArenaArray<FetchResponse::FetchableTopicResponse> topics(context_.arena, request_.topics.size());
    for (const FetchRequest::FetchTopic& topic : request_.topics) {
      ArenaArray<PartitionData> partitions(context_.arena, topic.partitions.size());
      for (const FetchRequest::FetchPartition& partition : topic.partitions) {
        OTTLA_CHECK(partitions.add_default());
        partitions.back().partition_index = partition.partition;
        partitions.back().error_code = static_cast<std::int16_t>(error);
        partitions.back().high_watermark = -1;
      }
      OTTLA_CHECK(
          topics.add({.topic = topic.topic, .topic_id = topic.topic_id, .partitions = partitions.finish()}));
    }
    response_.responses = topics.finish();
    return {};
  }

  // --- What is asked ------------------------------------------------------------------------------------------
  replica::FetchOpening opening() const {
    replica::FetchOpening opening{.version = context_.version(),
                                  .session_id = request_.session_id,
                                  .session_epoch = request_.session_epoch,
                                  .from_follower = replica() != kNoNode,
                                  .wishes = {},
                                  .forgotten = {}};
    for (const FetchRequest::FetchTopic& topic : request_.topics) {
      const auto name = shared_name(topic.topic);
      for (const FetchRequest::FetchPartition& partition : topic.partitions) {
        opening.wishes.push_back(
            {.partition = {.id = topic.topic_id, .name = name, .index = PartitionId(partition.partition)},
             .offset = Offset(partition.fetch_offset),
             .log_start = Offset(partition.log_start_offset),
             .max_bytes = partition.partition_max_bytes,
             .leader_epoch = partition.current_leader_epoch,
             .last_fetched_epoch = partition.last_fetched_epoch});
      }
    }
    for (const FetchRequest::ForgottenTopic& topic : request_.forgotten_topics_data) {
      const auto name = shared_name(topic.topic);
      for (const std::int32_t index : topic.partitions)
        opening.forgotten.push_back({.id = topic.topic_id, .name = name, .index = PartitionId(index)});
    }
    return opening;
  }
  std::shared_ptr<const std::string> shared_name(std::string_view name) const {
    return uses_ids() ? nullptr : std::make_shared<const std::string>(name);
  }

  replica::FetchCall make_call() {
    const std::int32_t most =
        std::min({request_.max_bytes, context_.node.setting(node_key<"fetch.max.bytes">), quota_allows_});
    replica::FetchCall call{.items = {},
                            .max_bytes = size_of(most),
                            .min_bytes = size_of(std::min(request_.min_bytes, most)),
                            .max_wait = std::chrono::milliseconds(std::max(request_.max_wait_ms, 0))};
    parts_.resize(fetch_.partitions.size());
    for (std::size_t place = 0; place < parts_.size(); ++place) {
      const FetchWish& wish = fetch_.partitions[place];
      Part& part = parts_[place];
      part.topic = find(wish.partition);
      part.error = check(part.topic, wish.partition);
      if (part.error != ErrorCode::none) continue;
      part.asked = call.items.size();
      call.items.push_back({{part.topic->id, wish.partition.index}, read_call(wish)});
    }
    // Of what cannot be read the reader has to hear at once.
    if (call.items.size() < parts_.size() && call.items.empty()) call.max_wait = Duration(0);
    return call;
  }
  replica::ReadCall read_call(const FetchWish& wish) const {
    const bool is_follower = replica() != kNoNode;
    const storage::Isolation of_consumer =
        request_.isolation_level == 1 ? storage::Isolation::committed : storage::Isolation::high_watermark;
    return {.offset = wish.offset,
            .max_bytes = size_of(wish.max_bytes),
            .isolation = is_follower ? storage::Isolation::log_end : of_consumer,
            .leader_only = is_follower || context_.version() < kFirstWithRacks,
            .current_epoch = epoch_of(wish.leader_epoch),
            .last_fetched_epoch = epoch_of(wish.last_fetched_epoch),
            .replica = replica(),
            .log_start = wish.log_start,
            .broker_epoch =
                context_.version() >= kFirstWithReplicaState ? request_.replica_state.replica_epoch : -1};
  }

  const metadata::TopicImage* find(const FetchTopic& topic) const {
    const metadata::TopicsImage& topics = context_.image->topics;
    return topic.name ? topics.find(std::string_view(*topic.name)) : topics.find(topic.id);
  }
  ErrorCode check(const metadata::TopicImage* topic, const FetchTopic& wanted) const {
    if (topic == nullptr)
      return wanted.name ? ErrorCode::unknown_topic_or_partition : ErrorCode::unknown_topic_id;
    if (topic->partition(wanted.index) == nullptr) return ErrorCode::unknown_topic_or_partition;
    return ErrorCode::none;
  }

  // --- What was found -----------------------------------------------------------------------------------------
  struct Part {
    const metadata::TopicImage* topic = nullptr;
    ErrorCode error = ErrorCode::none;
    std::optional<std::size_t> asked = {};  // its place among what was read
  };

  void take(std::vector<replica::ReadAnswer> read) {
    read_ = std::move(read);
    for (Part& part : parts_) {
      if (!part.asked) continue;
      part.error = told(read_[*part.asked].error);
      meters_.count_read(part.topic->name, part.error);
    }
  }
  // Older clients would take an error of the disk for one that does not pass.
  ErrorCode told(ErrorCode error) const {
    const bool is_unknown =
        error == ErrorCode::kafka_storage_error && context_.version() <= kLastWithoutStorageErrors;
    return is_unknown ? ErrorCode::not_leader_or_follower : error;
  }

  std::vector<FetchFacts> facts() const {
    std::vector<FetchFacts> facts(parts_.size());
    for (std::size_t place = 0; place < parts_.size(); ++place) {
      facts[place].failed = parts_[place].error != ErrorCode::none;
      if (!parts_[place].asked) continue;
      const replica::ReadAnswer& answer = read_[*parts_[place].asked];
      facts[place].records_size = answer.records.size();
      facts[place].high_watermark = answer.high_watermark;
      facts[place].log_start = answer.log_start;
      facts[place].diverging = answer.diverging.has_value();
    }
    return facts;
  }

  // More than its quota allows at once would keep the client waiting for ever.
  bool has_quota() const {
    const QuotaDoor* const quotas = context_.node.broker_quotas;
    return replica() == kNoNode && quotas != nullptr && quotas->any(QuotaKind::fetch);
  }
  Task<void> limit_to_quota() {
    const std::optional<double> most = co_await context_.node.broker_quotas->most_at_once(
        QuotaKind::fetch, context_.client.principal.name, std::string(context_.incoming.head.client_id));
    if (most && *most < INT32_MAX) quota_allows_ = static_cast<std::int32_t>(std::max(*most, 0.0));
  }
  // A client that has had too much, of bytes or of time, is sent nothing this time, and asks for the same again later.
  Task<bool> throttles() {
    QuotaDoor* const quotas = context_.node.broker_quotas;
    if (replica() != kNoNode || quotas == nullptr) co_return false;
    if (!quotas->any(QuotaKind::fetch) && !quotas->any(QuotaKind::request)) co_return false;
    context_.exempt = true;  // the time is counted here
    const std::int64_t of_time = co_await record_request(*quotas, context_);
    std::uint64_t bytes = 0;
    for (const replica::ReadAnswer& answer : read_) bytes += answer.records.size() + kAboutAPartition;
    const std::string user = context_.client.principal.name;
    const std::string client(context_.incoming.head.client_id);
    const std::int64_t of_bytes =
        co_await quotas->record(QuotaKind::fetch, user, client, static_cast<double>(bytes));
    const std::int64_t wait = std::max(of_time, of_bytes);
    if (wait <= 0) co_return false;
    co_await quotas->take_back(QuotaKind::fetch, user, client, static_cast<double>(bytes));
    response_.throttle_time_ms = told_wait(wait);
    co_return true;
  }

  // --- The answer ---------------------------------------------------------------------------------------------
  Result<> fill(const FetchReply& reply) {
    context_.records.reserve(parts_.size());  // what the response points into stays where it is
    ArenaArray<FetchResponse::FetchableTopicResponse> topics(context_.arena);
    std::optional<ArenaArray<PartitionData>> partitions;
    for (std::size_t place = 0; place < parts_.size(); ++place) {
      if (!reply.sent[place]) continue;
      const FetchTopic& topic = fetch_.partitions[place].partition;
      const std::string_view name = topic.name ? std::string_view(*topic.name) : std::string_view();
      const bool same =
          topics.size() > 0 && topics.back().topic_id == topic.id && topics.back().topic == name;
      if (!same) {
        if (partitions) topics.back().partitions = partitions->finish();
        OTTLA_TRY(const std::string_view kept, context_.arena.copy(name));
        OTTLA_CHECK(topics.add({.topic = kept, .topic_id = topic.id, .partitions = {}}));
        partitions.emplace(context_.arena);
      }
      OTTLA_CHECK(partitions->add_default());
      OTTLA_CHECK(fill_partition(place, partitions->back()));
    }
    if (partitions) topics.back().partitions = partitions->finish();
    response_.responses = topics.finish();
    if (replica() != kNoNode) return {};  // followers know where brokers are
    OTTLA_TRY(const metadata::Viewpoint viewpoint, viewpoint_of(context_));
    OTTLA_TRY(response_.node_endpoints,
              leaders_.finish<FetchResponse::NodeEndpoint>(viewpoint, context_.arena));
    return {};
  }

  Result<> fill_partition(std::size_t place, PartitionData& filled) {
    const Part& part = parts_[place];
    const PartitionId index = fetch_.partitions[place].partition.index;
    filled.partition_index = index.raw();
    filled.error_code = static_cast<std::int16_t>(part.error);
    filled.high_watermark = -1;
    if (!part.asked) return {};
    replica::ReadAnswer& answer = read_[*part.asked];
    filled.high_watermark = answer.high_watermark.raw();
    filled.last_stable_offset = answer.last_stable.raw();
    filled.log_start_offset = answer.log_start.raw();
    if (answer.diverging)
      filled.diverging_epoch = {.epoch = answer.diverging->epoch.raw(),
                                .end_offset = answer.diverging->end.raw()};
    OTTLA_TRY(filled.aborted_transactions, aborted(answer));
    if (replica() == kNoNode) meters_.count_sent(part.topic->name, answer.records.size());
    if (!answer.records.empty()) {
      context_.records.push_back(std::move(answer.records));
      filled.records = protocol::Records(context_.records.back());
    }
    const bool names_leader =
        part.error == ErrorCode::not_leader_or_follower || part.error == ErrorCode::fenced_leader_epoch;
    if (names_leader && context_.version() >= kFirstWithLeaders) {
      const auto leader = LeaderEndpoints::leader_of(answer.leader, part.topic->partition(index));
      filled.current_leader = leaders_.tell<FetchResponse::LeaderIdAndEpoch>(leader);
    }
    return {};
  }

  Result<protocol::Array<FetchResponse::AbortedTransaction>> aborted(const replica::ReadAnswer& answer) {
    using Aborted = FetchResponse::AbortedTransaction;
    if (!answer.aborted) return protocol::Array<Aborted>::null();
    ArenaArray<Aborted> all(context_.arena, answer.aborted->size());
    for (const replica::AbortedRange& each : *answer.aborted)
      OTTLA_CHECK(all.add({.producer_id = each.producer_id, .first_offset = each.first_offset.raw()}));
    return all.finish();
  }

  RequestContext& context_;
  const FetchRequest& request_;
  FetchResponse& response_;
  FetchContext fetch_;
  std::vector<Part> parts_;  // by the place in fetch_.partitions
  std::vector<replica::ReadAnswer> read_;
  LeaderEndpoints leaders_;
  std::int32_t quota_allows_ = INT32_MAX;  // bytes at once
  replica::TopicMeterSet& meters_;
};

}  // namespace

Task<Result<Outcome>> answer_fetch(RequestContext& context, const FetchRequest& request,
                                   FetchResponse& response) {
  Fetch fetch(context, request, response);
  co_return co_await fetch.run();
}

}  // namespace ottla::server
