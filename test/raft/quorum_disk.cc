#include "test/raft/quorum_disk.h"

#include <algorithm>
#include <utility>

namespace ottla::raft {

QuorumDisk::QuorumDisk(std::vector<ControlEntry> bootstrap) {
  snapshots_[kBootstrapSnapshot] = {1, std::move(bootstrap)};
}

void QuorumDisk::append(const std::vector<Batch>& batches) {
  for (const Batch& batch : batches) {
    // With a truncation that did not take place there is something in the way.
    if (batch.base == end()) log_.batches.push_back(batch);
  }
}

void QuorumDisk::truncate(Offset end) {
  if (!before_truncation_) before_truncation_ = Before{log_, synced_};
  std::erase_if(log_.batches, [&](const Batch& batch) { return batch.base >= end; });
  synced_ = std::min(synced_, end);
  ++changes_;
}

void QuorumDisk::restart(const LogPosition& snapshot) {
  log_ = Log{snapshot, {}};
  synced_ = snapshot.offset;
  before_truncation_.reset();
  std::erase_if(snapshots_, [&](const auto& each) { return each.first < snapshot; });
  ++changes_;
}

void QuorumDisk::write_snapshot(const WriteSnapshot& piece, const std::vector<ControlEntry>& control) {
  if (!piece.last) return;
  snapshots_[piece.id] = {piece.position + static_cast<std::int64_t>(piece.bytes.size()), control};
}

void QuorumDisk::take_snapshot(const LogPosition& id, std::int64_t size, std::vector<ControlEntry> control) {
  snapshots_[id] = {size, std::move(control)};
}

void QuorumDisk::begin_at(const LogPosition& snapshot) {
  std::erase_if(log_.batches, [&](const Batch& batch) { return batch.last < snapshot.offset; });
  log_.start = snapshot;
  synced_ = std::max(synced_, snapshot.offset);
  std::erase_if(snapshots_, [&](const auto& each) { return each.first < snapshot; });
}

void QuorumDisk::end_sync(std::uint64_t begun, Offset end) {
  if (begun != changes_) return;
  synced_ = std::max(synced_, std::min(end, this->end()));
  before_truncation_.reset();
}

void QuorumDisk::lose_power(Random& random) {
  if (before_truncation_ && random.chance(1, 2)) {
    const LogPosition start = log_.start;
    log_ = std::move(before_truncation_->log);
    synced_ = before_truncation_->synced;
    if (start.offset > log_.start.offset) begin_at(start);
  }
  before_truncation_.reset();
  // Some of the rest was written by itself.
  while (!log_.batches.empty() && log_.batches.back().last >= synced_ && random.chance(3, 4))
    log_.batches.pop_back();
  synced_ = end();
}

Recovered QuorumDisk::recover(bool with_snapshot_control) const {
  Recovered recovered;
  recovered.election = election_;
  LogShape::Parts parts;
  parts.start = log_.start;
  parts.end = end();
  for (const auto& [id, snapshot] : snapshots_) parts.snapshots.push_back({id, snapshot.size});
  // A snapshot that was loaded, but the log was not begun anew yet.
  const LogPosition newest = snapshots_.rbegin()->first;
  const LeaderEpoch last = log_.batches.empty() ? log_.start.epoch : log_.batches.back().epoch;
  const bool stale = newest > LogPosition{last, end()};
  if (stale) {
    parts.start = newest;
    parts.end = newest.offset;
  }
  if (with_snapshot_control) {
    const LogPosition at = stale ? newest : log_.start;
    if (const auto snapshot = snapshots_.find(at); snapshot != snapshots_.end()) {
      recovered.control = snapshot->second.control;
    }
  }
  for (const Batch& batch : log_.batches) {
    if (stale) break;
    if (parts.epochs.empty() || parts.epochs.back().epoch != batch.epoch) {
      parts.epochs.push_back({batch.epoch, std::max(batch.base, parts.start.offset)});
    }
    for (const ControlEntry& entry : batch.control) recovered.control.push_back(entry);
  }
  recovered.log = LogShape(std::move(parts));
  return recovered;
}

const Batch* QuorumDisk::find(Offset offset) const {
  const auto place = std::ranges::lower_bound(log_.batches, offset, {}, &Batch::last);
  return place != log_.batches.end() && place->base <= offset ? &*place : nullptr;
}

bool QuorumDisk::holds_durably(Offset offset, LeaderEpoch epoch) const {
  if (offset < log_.start.offset || offset < snapshots_.rbegin()->first.offset) return true;
  const Batch* batch = find(offset);
  return batch != nullptr && batch->last < synced_ && batch->epoch == epoch;
}

}  // namespace ottla::raft
