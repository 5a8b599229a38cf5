// Tells the way to the active controller who leads the quorum, whenever that changes.
//
// Lifetime:    of its stay with the quorum; link and view outlive it.
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
      : quorum_(quorum), link_(link), view_(view) {}

  void on_batch(const metadata::CommittedBatch&) override {}
  void on_snapshot_begin() override {}
  void on_snapshot_records(std::span<const metadata::RecordBytes>) override {}
  void on_snapshot_end(const metadata::Provenance&) override {}
  void on_leader_change(const raft::LeaderChanged& change) override {
    view_.leader = change.leader;
    if (change.leader == kNoNode) return link_.set_active(std::nullopt);
    if (change.leader == quorum_.node()) return link_.set_active(ActiveControllerPlace{.id = change.leader});
    const std::optional<raft::Endpoint> endpoint = quorum_.leader_endpoint();
    if (!endpoint) return link_.set_active(std::nullopt);
    link_.set_active(
        ActiveControllerPlace{.id = change.leader, .host = endpoint->host, .port = endpoint->port});
  }

 private:
  quorum::MetadataQuorum& quorum_;
  ControllerLink& link_;
  NodeView& view_;
};

}  // namespace ottla::server
