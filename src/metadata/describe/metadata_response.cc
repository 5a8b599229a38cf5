#include "metadata/describe/metadata_response.h"

#include <cstddef>
#include <span>
#include <unordered_set>

#include "base/fixed_vector.h"
#include "metadata/describe/partition_lists.h"
#include "metadata/topic_name.h"

namespace ottla::metadata {
namespace {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using Broker = MetadataResponse::MetadataResponseBroker;
using Topic = MetadataResponse::MetadataResponseTopic;
using PartitionAnswer = MetadataResponse::MetadataResponsePartition;

// What came with which version.
constexpr std::int16_t kHidesNothing = 1;  // before, replicas that cannot be reached were left out
constexpr std::int16_t kOfflineReplicas = 5;
constexpr std::int16_t kMissingListeners = 6;
constexpr std::int16_t kOperations = 8;
constexpr std::int16_t kTopicIds = 10;
constexpr std::int16_t kLastClusterOperations = 10;
constexpr std::int16_t kAsksById = 12;

constexpr std::int16_t wire(ErrorCode error) {
  return static_cast<std::int16_t>(error);
}

bool asks_for_all(const MetadataRequest& request, std::int16_t version) {
  return request.topics.is_null() || (version == 0 && request.topics.empty());
}

bool asks_by_id(const MetadataRequest& request, std::int16_t version) {
  if (version < kTopicIds) return false;
  for (const auto& topic : request.topics) {
    if (!topic.topic_id.is_zero()) return true;
  }
  return false;
}

// Whether all of the request is wrong.
ErrorCode check(const MetadataRequest& request, std::int16_t version) {
  bool unnamed = false;
  for (const auto& topic : request.topics) {
    if (version < kAsksById && (topic.name.is_null() || !topic.topic_id.is_zero())) {
      return ErrorCode::invalid_request;
    }
    unnamed = unnamed || topic.name.is_null();
  }
  // Neither by name nor by id: clients know this as an unexpected error.
  return unnamed && !asks_by_id(request, version) ? ErrorCode::unknown_server_error : ErrorCode::none;
}

class Describer {
 public:
  Describer(const MetadataQuestion& question, const MetadataRequest& request, std::int16_t version,
            Arena& arena)
      : question_(question),
        image_(question.viewpoint.image),
        access_(question.viewpoint.access),
        brokers_(question.viewpoint),
        request_(request),
        version_(version),
        arena_(arena) {}

  Result<> describe(MetadataResponse& response) {
    OTTLA_TRY(response.brokers, brokers());
    OTTLA_TRY(response.topics, topics());
    response.cluster_id = question_.cluster_id;
    response.controller_id = brokers_.any_alive(question_.draw);
    if (request_.include_cluster_authorized_operations && version_ >= kOperations &&
        version_ <= kLastClusterOperations) {
      response.cluster_authorized_operations =
          access_.allows_cluster(AclOperation::describe)
              ? allowed_operations(access_, AclResourceType::cluster, kClusterResource)
              : 0;
    }
    return {};
  }

 private:
  Result<protocol::Array<Broker>> brokers() {
    OTTLA_TRY(const std::span<Broker> all, arena_.make_span<Broker>(brokers_.all().size()));
    std::size_t count = 0;
    for (const BrokerView& each : brokers_.all()) {
      if (!each.alive() || !each.reachable) continue;
      const auto& rack = each.registration->rack;
      all[count++] = {.node_id = each.id(),
                      .host = each.host,
                      .port = each.port,
                      .rack = rack ? protocol::NullableText(*rack) : protocol::NullableText(nullptr)};
    }
    return protocol::Array<Broker>(all.data(), count);
  }

  Result<protocol::Array<Topic>> topics() {
    const bool all = asks_for_all(request_, version_);
    const std::size_t most = all ? image_.topics.by_id.size() : request_.topics.size();
    OTTLA_TRY(topics_, arena_.make_span<Topic>(most));
    if (all) {
      OTTLA_CHECK(add_all());
    } else if (asks_by_id(request_, version_)) {
      OTTLA_CHECK(add_by_id());
    } else {
      OTTLA_CHECK(add_by_name());
    }
    return protocol::Array<Topic>(topics_.data(), count_);
  }

  // Topics lie all over the memory, and what is in each lies behind three pointers: some of them are looked at side by
  // side, so that their waits for memory overlap.
  Result<> add_all() {
    constexpr std::size_t kAhead = 16;
    FixedVector<const TopicImage*, kAhead> ahead;
    for (auto at = image_.topics.by_id.begin(); at != image_.topics.by_id.end();) {
      ahead.clear();
      for (; at != image_.topics.by_id.end() && ahead.size() < kAhead; ++at) {
        ahead.push_back(&at->second);
        at->second.partitions.prefetch_root();
        __builtin_prefetch(at->second.name.data());
      }
      for (const TopicImage* topic : ahead) topic->partitions.prefetch_front();
      for (const TopicImage* topic : ahead) {
        if (!topic->partitions.empty()) __builtin_prefetch(topic->partitions.begin()->second.get());
      }
      for (const TopicImage* topic : ahead) {
        if (!topic->partitions.empty() && may_describe(topic->name)) OTTLA_CHECK(add(*topic));
      }
    }
    return {};
  }

  Result<> add_by_id() {
    std::unordered_set<Uuid> seen;
    const auto each_once = [&](auto take) -> Result<> {
      seen.clear();
      for (const auto& asked : request_.topics) {
        if (asked.topic_id.is_zero() || !seen.insert(asked.topic_id).second) continue;
        OTTLA_CHECK(take(asked.topic_id, image_.topics.find(asked.topic_id)));
      }
      return {};
    };
    OTTLA_CHECK(each_once([&](const Uuid& id, const TopicImage* topic) -> Result<> {
      if (topic == nullptr) add_error(ErrorCode::unknown_topic_id, nullptr).topic_id = id;
      return {};
    }));
    OTTLA_CHECK(each_once([&](const Uuid&, const TopicImage* topic) -> Result<> {
      return topic != nullptr && may_describe(topic->name) ? add_if_there(topic->name, topic) : Result<>();
    }));
    return each_once([&](const Uuid& id, const TopicImage* topic) -> Result<> {
      if (topic == nullptr || may_describe(topic->name)) return {};
      add_error(ErrorCode::topic_authorization_failed, nullptr).topic_id = id;
      return {};
    });
  }

  Result<> add_by_name() {
    std::unordered_set<std::string_view> seen;
    const auto each_once = [&](auto take) -> Result<> {
      seen.clear();
      for (const auto& asked : request_.topics) {
        if (seen.insert(*asked.name).second) OTTLA_CHECK(take(*asked.name));
      }
      return {};
    };
    const auto there = [&](std::string_view name) -> const TopicImage* {
      const TopicImage* topic = image_.topics.find(name);
      return topic == nullptr || topic->partitions.empty() ? nullptr : topic;
    };
    OTTLA_CHECK(each_once([&](std::string_view name) -> Result<> {
      const TopicImage* topic = there(name);
      return topic != nullptr && may_describe(name) ? add(*topic) : Result<>();
    }));
    OTTLA_CHECK(each_once([&](std::string_view name) -> Result<> {
      if (there(name) == nullptr && may_describe(name) && may_create(name)) add_missing(name);
      return {};
    }));
    return each_once([&](std::string_view name) -> Result<> {
      const bool describable = may_describe(name);
      if (describable && (there(name) != nullptr || may_create(name))) return {};
      Topic& topic = add_error(ErrorCode::topic_authorization_failed, name);
      topic.is_internal = describable && is_internal_topic(name);
      return {};
    });
  }

  bool may_describe(std::string_view name) const {
    return access_.allows(AclOperation::describe, AclResourceType::topic, name);
  }
  bool may_create(std::string_view name) const {
    return !question_.creates || access_.allows_cluster(AclOperation::create) ||
           access_.allows(AclOperation::create, AclResourceType::topic, name);
  }

  Result<> add_if_there(std::string_view name, const TopicImage* topic) {
    if (!topic->partitions.empty()) return add(*topic);
    add_missing(name);
    return {};
  }

  void add_missing(std::string_view name) {
    const ErrorCode error = question_.on_missing ? question_.on_missing(name) : missing_topic_error(name);
    Topic& topic = add_error(error, name);
    topic.is_internal = is_internal_topic(name);
    // One that has no partitions yet.
    if (const TopicImage* found = image_.topics.find(name)) topic.topic_id = found->id;
    topic.topic_authorized_operations = operations(name);
  }

  Topic& add_error(ErrorCode error, protocol::NullableText name) {
    Topic& topic = topics_[count_++];
    topic.error_code = wire(error);
    topic.name = name;
    return topic;
  }

  Result<> add(const TopicImage& topic) {
    Topic& answer = topics_[count_++];
    answer.name = std::string_view(topic.name);
    answer.topic_id = topic.id;
    answer.is_internal = is_internal_topic(topic.name);
    answer.topic_authorized_operations = operations(topic.name);
    OTTLA_TRY(const std::span<PartitionAnswer> partitions,
              arena_.make_span<PartitionAnswer>(topic.partitions.size()));
    std::size_t next = 0;
    for (const auto& [index, partition] : topic.partitions) {
      OTTLA_CHECK(fill(partitions[next++], index, *partition));
    }
    answer.partitions = partitions;
    return {};
  }

  std::int32_t operations(std::string_view name) const {
    if (version_ < kOperations || !request_.include_topic_authorized_operations) return kOperationsOmitted;
    return allowed_operations(access_, AclResourceType::topic, name);
  }

  Result<> fill(PartitionAnswer& answer, PartitionId index, const Partition& partition) {
    answer.partition_index = index.raw();
    answer.leader_epoch = partition.leader_epoch();
    if (version_ < kHidesNothing) {
      OTTLA_TRY(answer.replica_nodes, alive_among(partition.replicas(), brokers_, arena_));
      OTTLA_TRY(answer.isr_nodes, alive_among(partition.isr(), brokers_, arena_));
    } else {
      answer.replica_nodes = shared(partition.replicas());
      answer.isr_nodes = shared(partition.isr());
    }
    if (version_ >= kOfflineReplicas) {
      OTTLA_TRY(answer.offline_replicas, offline_replicas(partition, brokers_, arena_));
    }
    const ErrorCode error = error_of(answer, partition);
    const bool leaderless =
        error == ErrorCode::leader_not_available || error == ErrorCode::listener_not_found;
    answer.leader_id = leaderless ? -1 : partition.leader();
    answer.error_code = wire(error);
    return {};
  }

  ErrorCode error_of(const PartitionAnswer& answer, const Partition& partition) const {
    const BrokerView* leader = brokers_.find(partition.leader());
    if (leader == nullptr) return ErrorCode::leader_not_available;
    if (!leader->reachable) {
      return version_ < kMissingListeners ? ErrorCode::leader_not_available : ErrorCode::listener_not_found;
    }
    const bool hidden = answer.replica_nodes.size() < partition.replicas().size() ||
                        answer.isr_nodes.size() < partition.isr().size();
    return hidden ? ErrorCode::replica_not_available : ErrorCode::none;
  }

  const MetadataQuestion& question_;
  const MetadataImage& image_;
  const Access& access_;
  const BrokerViews brokers_;
  const MetadataRequest& request_;
  const std::int16_t version_;
  Arena& arena_;
  std::span<Topic> topics_;
  std::size_t count_ = 0;
};

}  // namespace

ErrorCode missing_topic_error(std::string_view name) {
  return is_valid_topic_name(name) ? ErrorCode::unknown_topic_or_partition
                                   : ErrorCode::invalid_topic_exception;
}

Result<> describe_metadata(const MetadataQuestion& question, const MetadataRequest& request,
                           std::int16_t version, Arena& arena, MetadataResponse& response) {
  const ErrorCode wrong = check(request, version);
  if (wrong != ErrorCode::none) return refuse_metadata(request, wrong, arena, response);
  return Describer(question, request, version, arena).describe(response);
}

Result<> refuse_metadata(const MetadataRequest& request, ErrorCode error, Arena& arena,
                         MetadataResponse& response) {
  OTTLA_TRY(const std::span<Topic> topics, arena.make_span<Topic>(request.topics.size()));
  for (std::size_t each = 0; each < topics.size(); ++each) {
    topics[each].error_code = wire(error);
    topics[each].name = request.topics[each].name.value_or("");
    topics[each].topic_id = request.topics[each].topic_id;
  }
  response.topics = topics;
  response.error_code = wire(error);
  return {};
}

}  // namespace ottla::metadata
