// What follows the metadata log: the active controller, and whoever else wants to know each record.
//
// Order:       first a snapshot, or the log from its first record; then batch after batch, without a gap; a snapshot in
//              between takes the place of all before it. This node's own leadership is told when all that was
//              committed before it has been told.
// Lifetime:    outlives its stay with a MetadataQuorum.
// Concurrency: called from the quorum's shard; may call it back. What it is shown is good until it returns.
#pragma once

#include <cstdint>
#include <span>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "metadata/image.h"
#include "metadata/loader.h"
#include "raft/decision.h"

namespace ottla::quorum {

class QuorumListener {
 public:
  QuorumListener() = default;
  QuorumListener(const QuorumListener&) = delete;
  QuorumListener& operator=(const QuorumListener&) = delete;
  virtual ~QuorumListener() = default;

  // A committed batch; one of the quorum's own has no records, and says where it ends in `last`.
  virtual void on_batch(const metadata::CommittedBatch& batch) = 0;
  // A round of batches has ended: the metadata's publishers have been told what they changed.
  virtual void on_round_end() {}

  virtual void on_snapshot_begin() = 0;
  virtual void on_snapshot_records(std::span<const metadata::RecordBytes> records) = 0;
  virtual void on_snapshot_end(const metadata::Provenance& provenance) = 0;

  // kNoNode: nobody is known to lead.
  virtual void on_leader_change(const raft::LeaderChanged& change) { static_cast<void>(change); }
  // All below is committed; it may not have been told yet.
  virtual void on_high_watermark(Offset end) { static_cast<void>(end); }
};

}  // namespace ottla::quorum
