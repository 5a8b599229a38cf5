// Tells the way to the active controller who leads the quorum, whenever that changes.
//
// Lifetime:    of its stay with the quorum; view and what the link does outlive it.
// Concurrency: confined to the first shard.
#pragma once

#include <optional>
#include <span>

#include "quorum/metadata_quorum.h"
#include "quorum/quorum_listener.h"
#include "server/controller_link.h"
#include "server/node_view.h"

namespace ottla::server {

class LeaderWatch final : public quorum::QuorumListener {
 public:
  LeaderWatch(quorum::MetadataQuorum& quorum, ControllerLink& link, NodeView& view)
      : quorum_(quorum), link_(link), view_(view) {
    link_.set_finder([this] { return place(); });
  }

  void on_batch(const metadata::CommittedBatch&) override {}
  void on_snapshot_begin() override {}
  void on_snapshot_records(std::span<const metadata::RecordBytes>) override {}
  void on_snapshot_end(const metadata::Provenance&) override {}
  void on_leader_change(const raft::LeaderChanged& change) override {
    view_.leader = change.leader;
    link_.set_active(place());
  }

 private:
  // As the quorum knows it by now: where a leader is may be heard of later than that it leads.
  std::optional<ActiveControllerPlace> place() const {
    const NodeId leader = view_.leader;
    if (leader == kNoNode) return std::nullopt;
    if (leader == quorum_.node()) return ActiveControllerPlace{.id = leader};
    const std::optional<raft::Endpoint> endpoint = quorum_.leader_endpoint();
    if (!endpoint) return std::nullopt;
    return ActiveControllerPlace{.id = leader, .host = endpoint->host, .port = endpoint->port};
  }

  quorum::MetadataQuorum& quorum_;
  ControllerLink& link_;
  NodeView& view_;
};

}  // namespace ottla::server
