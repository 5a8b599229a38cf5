#include "metadata/describe/topic_partitions.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "metadata/describe/metadata_response.h"
#include "metadata/describe/partition_lists.h"
#include "metadata/topic_name.h"

namespace ottla::metadata {
namespace {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using protocol::ErrorCode;
using Topic = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;
using PartitionAnswer = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition;

// The names that were asked for from the cursor on, each once, in their order.
std::set<std::string_view> names_of(const DescribeTopicPartitionsRequest& request) {
  const std::string_view from = request.cursor.is_null() ? "" : request.cursor->topic_name;
  std::set<std::string_view> names;
  for (const auto& topic : request.topics) {
    if (topic.name >= from) names.insert(topic.name);
  }
  return names;
}

bool cursor_fits(const DescribeTopicPartitionsRequest& request, const std::set<std::string_view>& names) {
  if (request.cursor.is_null()) return true;
  if (request.cursor->partition_index < 0) return false;
  return request.topics.empty() || names.contains(request.cursor->topic_name);
}

class Pager {
 public:
  Pager(const Viewpoint& viewpoint, const DescribeTopicPartitionsRequest& request, std::int32_t most,
        Arena& arena, DescribeTopicPartitionsResponse& response)
      : image_(viewpoint.image),
        access_(viewpoint.access),
        brokers_(viewpoint),
        request_(request),
        left_(std::max(std::min(most, request.response_partition_limit), 1)),
        arena_(arena),
        response_(response) {}

  Result<> page_all() {
    const std::string_view from = request_.cursor.is_null() ? "" : request_.cursor->topic_name;
    for (auto at = image_.topics.by_name.lower_bound(from); at != image_.topics.by_name.end(); ++at) {
      const auto& [name, id] = *at;
      if (!may_describe(name)) continue;
      const TopicImage* topic = image_.topics.find(id);
      OTTLA_TRY(const bool ended, add(name, *topic));
      if (ended) break;
    }
    return finish();
  }

  Result<> page(const std::set<std::string_view>& names) {
    std::vector<std::string_view> hidden;
    bool ended = false;
    for (const std::string_view name : names) {
      if (!may_describe(name)) {
        hidden.push_back(name);
      } else if (!ended) {
        OTTLA_TRY(ended, add_named(name));
      }
    }
    for (const std::string_view name : hidden) {
      topics_.push_back(
          {.error_code = static_cast<std::int16_t>(ErrorCode::topic_authorization_failed), .name = name});
    }
    return finish();
  }

 private:
  bool may_describe(std::string_view name) const {
    return access_.allows(AclOperation::describe, AclResourceType::topic, name);
  }

  // Whether the page is full.
  Result<bool> add_named(std::string_view name) {
    if (const TopicImage* topic = image_.topics.find(name)) return add(name, *topic);
    if (left_ == 0) return turn_page(name, 0);
    topics_.push_back({.error_code = static_cast<std::int16_t>(missing_topic_error(name)),
                       .name = name,
                       .is_internal = is_internal_topic(name),
                       .topic_authorized_operations = operations(name)});
    return false;
  }

  Result<bool> add(std::string_view name, const TopicImage& topic) {
    if (left_ == 0) return turn_page(name, 0);
    const bool resumed = !request_.cursor.is_null() && request_.cursor->topic_name == name;
    const std::int32_t from = resumed ? request_.cursor->partition_index : 0;
    const auto there = static_cast<std::int64_t>(topic.partitions.size());
    const std::int64_t until = std::min(there, std::int64_t{from} + left_);
    const std::size_t room = until > from ? static_cast<std::size_t>(until - from) : 0;
    OTTLA_TRY(const std::span<PartitionAnswer> partitions, arena_.make_span<PartitionAnswer>(room));
    std::size_t count = 0;
    for (auto at = topic.partitions.lower_bound(PartitionId(from)); at != topic.partitions.end(); ++at) {
      if (at->first.raw() >= until) break;
      OTTLA_CHECK(fill(partitions[count++], at->first, *at->second));
    }
    topics_.push_back({.name = name,
                       .topic_id = topic.id,
                       .is_internal = is_internal_topic(name),
                       .partitions = {partitions.data(), count},
                       .topic_authorized_operations = operations(name)});
    if (until < there) return turn_page(name, static_cast<std::int32_t>(until));
    left_ -= static_cast<std::int32_t>(count);
    return false;
  }

  Result<bool> turn_page(std::string_view topic, std::int32_t partition) {
    auto* cursor = arena_.make<DescribeTopicPartitionsResponse::Cursor>();
    if (cursor == nullptr) return Errc::out_of_budget;
    cursor->topic_name = topic;
    cursor->partition_index = partition;
    response_.next_cursor = cursor;
    return true;
  }

  Result<> fill(PartitionAnswer& answer, PartitionId index, const Partition& partition) {
    const BrokerView* leader = brokers_.find(partition.leader());
    answer.partition_index = index.raw();
    answer.leader_id = leader != nullptr && leader->reachable ? partition.leader() : -1;
    answer.leader_epoch = partition.leader_epoch();
    answer.replica_nodes = shared(partition.replicas());
    answer.isr_nodes = shared(partition.isr());
    answer.eligible_leader_replicas = shared(partition.elr());
    answer.last_known_elr = shared(partition.last_known_elr());
    OTTLA_TRY(answer.offline_replicas, offline_replicas(partition, brokers_, arena_));
    return {};
  }

  std::int32_t operations(std::string_view name) const {
    return allowed_operations(access_, AclResourceType::topic, name);
  }

  Result<> finish() {
    OTTLA_TRY(const std::span<Topic> topics, arena_.make_span<Topic>(topics_.size()));
    std::ranges::copy(topics_, topics.begin());
    response_.topics = topics;
    return {};
  }

  const MetadataImage& image_;
  const Access& access_;
  const BrokerViews brokers_;
  const DescribeTopicPartitionsRequest& request_;
  std::int32_t left_;  // partitions that still fit
  Arena& arena_;
  DescribeTopicPartitionsResponse& response_;
  std::vector<Topic> topics_;
};

}  // namespace

Result<> describe_topic_partitions(const Viewpoint& viewpoint, std::int32_t most,
                                   const DescribeTopicPartitionsRequest& request, Arena& arena,
                                   DescribeTopicPartitionsResponse& response) {
  const std::set<std::string_view> names = names_of(request);
  if (!cursor_fits(request, names)) {
    return refuse_topic_partitions(request, ErrorCode::invalid_request, arena, response);
  }
  Pager pager(viewpoint, request, most, arena, response);
  return request.topics.empty() ? pager.page_all() : pager.page(names);
}

Result<> refuse_topic_partitions(const DescribeTopicPartitionsRequest& request, ErrorCode error, Arena& arena,
                                 DescribeTopicPartitionsResponse& response) {
  OTTLA_TRY(const std::span<Topic> topics, arena.make_span<Topic>(request.topics.size()));
  for (std::size_t each = 0; each < topics.size(); ++each) {
    topics[each].error_code = static_cast<std::int16_t>(error);
    topics[each].name = request.topics[each].name;
  }
  response.topics = topics;
  return {};
}

}  // namespace ottla::metadata
