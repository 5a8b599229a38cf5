// What the responses of several of the quorum's APIs have in common. Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "protocol/array.h"
#include "protocol/error_code.h"
#include "protocol/fields.h"
#include "quorum/messages/serving.h"
#include "quorum/metadata_topic.h"
#include "raft/message.h"

namespace ottla::quorum::serving {

using protocol::Array;
using protocol::ErrorCode;

constexpr std::int16_t number_of(ErrorCode error) {
  return static_cast<std::int16_t>(error);
}

// The text that the reference has for an error when there is nothing else to say.
std::string_view default_text(ErrorCode error);

inline bool is_other_cluster(const protocol::NullableText& cluster, const ServingTerms& terms) {
  return !cluster.is_null() && *cluster != terms.cluster;
}

// An array of one.
template <typename T>
Result<Array<T>> single(Arena& arena, const T& element) {
  OTTLA_TRY(const std::span<T> one, arena.make_span<T>(1));
  one[0] = element;
  return Array<T>(one);
}

// Whether the request is about the one partition that there is.
template <typename Topics>
bool is_about_metadata(const Topics& topics) {
  return topics.size() == 1 && topics[0].topic_name == kMetadataTopic && topics[0].partitions.size() == 1 &&
         topics[0].partitions[0].partition_index == kMetadataPartition;
}

// Names a replica, or nobody.
inline raft::ReplicaKey key_of(std::int32_t node, const Uuid& directory) {
  return node < 0 ? raft::ReplicaKey{} : raft::ReplicaKey{NodeId(node), directory};
}

template <typename Listeners>
raft::Endpoints endpoints_of(const Listeners& listeners) {
  std::vector<raft::Endpoint> endpoints;
  for (const auto& each : listeners) {
    endpoints.push_back({std::string(each.name), std::string(each.host), each.port});
  }
  return raft::Endpoints(std::move(endpoints));
}

// Where the leader that an answer names listens, on the listener of the request.
template <typename Response>
Result<> name_leader(NodeId leader, const raft::Endpoints& endpoints, const ServingTerms& terms, Arena& arena,
                     Response& response) {
  const raft::Endpoint* at = endpoints.find(terms.listener);
  if (at == nullptr || leader < NodeId(0)) return {};
  using Node = typename decltype(response.node_endpoints)::value_type;
  Node node;
  node.node_id = leader.raw();
  OTTLA_TRY(node.host, arena.copy(at->host));
  node.port = at->port;
  OTTLA_TRY(response.node_endpoints, single(arena, node));
  return {};
}

}  // namespace ottla::quorum::serving
