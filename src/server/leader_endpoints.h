// Who leads, and where: what clients are told with errors of stale metadata, so that they need not ask (KIP-951).
//
// Use:         LeaderEndpoints leaders(viewpoint);   error.current_leader = leaders.tell<CurrentLeader>(hint, …);
//              OTTLA_TRY(response.node_endpoints, leaders.finish<NodeEndpoint>(arena));
// Lifetime:    points into the viewpoint.
// Concurrency: confined to its shard.
#pragma once

#include <cstdint>
#include <set>

#include "base/arena.h"
#include "base/node_id.h"
#include "base/result.h"
#include "metadata/describe/brokers.h"
#include "metadata/partition.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "replica/answers.h"
#include "server/arena_array.h"

namespace ottla::server {

class LeaderEndpoints {
 public:
  // Who leads by what the replica knows, else by the image; null when it has no such partition.
  static replica::LeaderHint leader_of(const replica::LeaderHint& known,
                                       const metadata::Partition* partition) {
    if (known.epoch != kUnknownLeaderEpoch || partition == nullptr) return known;
    return {NodeId(partition->leader()), LeaderEpoch(partition->leader_epoch())};
  }

  template <typename LeaderIdAndEpoch>
  LeaderIdAndEpoch tell(const replica::LeaderHint& leader) {
    if (leader.leader != kNoNode) leaders_.insert(leader.leader.raw());
    return {.leader_id = leader.leader.raw(), .leader_epoch = leader.epoch.raw()};
  }

  // Of all that were told and can be reached from there.
  template <typename NodeEndpoint>
  Result<protocol::Array<NodeEndpoint>> finish(const metadata::Viewpoint& viewpoint, Arena& arena) const {
    ArenaArray<NodeEndpoint> endpoints(arena, leaders_.size());
    if (leaders_.empty()) return endpoints.finish();
    const metadata::BrokerViews brokers(viewpoint);
    for (const std::int32_t leader : leaders_) {
      const metadata::BrokerView* const broker = brokers.find_alive(leader);
      if (broker == nullptr) continue;
      const auto& rack = broker->registration->rack;
      OTTLA_CHECK(endpoints.add({.node_id = leader,
                                 .host = broker->host,
                                 .port = broker->port,
                                 .rack = rack ? protocol::NullableText(std::string_view(*rack))
                                              : protocol::NullableText(nullptr)}));
    }
    return endpoints.finish();
  }

 private:
  std::set<std::int32_t> leaders_;
};

}  // namespace ottla::server
