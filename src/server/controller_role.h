// A node's part as a controller: the active controller upon the metadata quorum, and what the two tell each other.
//
// Use:         ControllerRole role(options, *quorum, log);  quorum->add(role);
//              group.spawn([&](Cancel cancel) { return role.run(cancel); });
// Lifetime:    run() must have ended before it is destroyed. The quorum outlives it.
// Concurrency: confined to the shard of the quorum.
// Invariants:  answers leave when the records that they rest on are committed and this node's publishers have been told
#pragma once

#include <cstdint>
#include <span>

#include "base/error.h"
#include "base/log.h"
#include "base/result.h"
#include "base/slice.h"
#include "controller/active_controller.h"
#include "controller/controller_options.h"
#include "controller/metadata_log.h"
#include "quorum/metadata_quorum.h"
#include "quorum/quorum_listener.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::server {

class ControllerRole final : public quorum::QuorumListener, private controller::MetadataLog {
 public:
  ControllerRole(controller::ControllerOptions options, quorum::MetadataQuorum& quorum, Logger log);

  // Ends with an error when the controller cannot go on.
  Task<Result<void>> run(Cancel cancel) { return controller_.run(cancel); }
  controller::ActiveController& controller() { return controller_; }

  // QuorumListener
  void on_batch(const metadata::CommittedBatch& batch) override;
  void on_round_end() override { controller_.committed(told_); }
  void on_snapshot_begin() override {}
  void on_snapshot_records(std::span<const metadata::RecordBytes>) override {}
  void on_snapshot_end(const metadata::Provenance& provenance) override;
  void on_leader_change(const raft::LeaderChanged& change) override;

 private:
  // MetadataLog
  Result<Offset> append(LeaderEpoch epoch, std::span<const Slice> records) override {
    return quorum_.append(epoch, records);
  }
  Result<Offset> append_in_parts(LeaderEpoch epoch, std::span<const Slice> records) override {
    return quorum_.append_in_parts(epoch, records);
  }
  Offset end() const override { return quorum_.log_end(); }
  void resign(LeaderEpoch epoch) override { quorum_.resign(epoch); }
  std::int16_t kraft_version() const override { return quorum_.kraft_version(); }
  Result<> raise_kraft_version(LeaderEpoch epoch, std::int16_t version, bool only_check) override {
    return quorum_.raise_kraft_version(epoch, version, only_check);
  }

  const controller::ControllerOptions options_;
  quorum::MetadataQuorum& quorum_;
  controller::ActiveController controller_;
  Offset told_ = Offset(0);  // all below was told to publishers, or will be at the end of this round
};

}  // namespace ottla::server
