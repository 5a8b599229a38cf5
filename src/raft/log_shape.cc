#include "raft/log_shape.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace ottla::raft {

LogShape::LogShape(Parts parts)
    : start_(parts.start),
      end_(parts.end),
      epochs_(std::move(parts.epochs)),
      snapshots_(std::move(parts.snapshots)) {
  OTTLA_INVARIANT(start_.offset <= end_, "a log ends before it begins", start_.offset, end_);
  std::ranges::sort(snapshots_, {}, &SnapshotFile::id);
}

LeaderEpoch LogShape::last_epoch() const {
  return epochs_.empty() ? start_.epoch : epochs_.back().epoch;
}

LeaderEpoch LogShape::epoch_at(Offset offset) const {
  OTTLA_INVARIANT(offset >= start() && offset < end_, "a record that is not in the log", offset, start(),
                  end_);
  const auto above = std::ranges::upper_bound(epochs_, offset, {}, &EpochStart::start);
  return above == epochs_.begin() ? start_.epoch : std::prev(above)->epoch;
}

std::optional<LogPosition> LogShape::earliest_snapshot() const {
  return snapshots_.empty() ? std::nullopt : std::optional(snapshots_.front().id);
}

std::optional<LogPosition> LogShape::latest_snapshot() const {
  return snapshots_.empty() ? std::nullopt : std::optional(snapshots_.back().id);
}

const SnapshotFile* LogShape::find_snapshot(const LogPosition& id) const {
  const auto place = std::ranges::lower_bound(snapshots_, id, {}, &SnapshotFile::id);
  return place != snapshots_.end() && place->id == id ? &*place : nullptr;
}

LogPosition LogShape::end_for(LeaderEpoch epoch) const {
  const auto higher = std::ranges::upper_bound(epochs_, epoch, {}, &EpochStart::epoch);
  if (higher == epochs_.end()) return end_position();
  if (higher != epochs_.begin()) return {std::prev(higher)->epoch, higher->start};
  // Nothing in the log is that old. The snapshot before it may have ended in that epoch.
  if (start_.offset > Offset(0) && start_.epoch <= epoch) return {start_.epoch, higher->start};
  return {epoch, higher->start};
}

LogShape::Answer LogShape::compare_with(const LogPosition& follower) const {
  if (start() == Offset(0) && follower == LogPosition{}) return {Verdict::valid, follower};
  if (start() > Offset(0) && !snapshots_.empty()) {
    const bool before = follower.offset < start() || follower.epoch < start_.epoch;
    const bool other = follower.offset == start() && follower.epoch != start_.epoch;
    if (before || other) return {Verdict::snapshot, *latest_snapshot()};
  }
  const LogPosition end = end_for(follower.epoch);
  if (end.epoch != follower.epoch || end.offset < follower.offset) return {Verdict::diverging, end};
  return {Verdict::valid, follower};
}

Offset LogShape::divergence_from(const LogPosition& leader) const {
  if (leader.epoch == LeaderEpoch(0)) return std::min(end_, leader.offset);
  const LogPosition own = end_for(leader.epoch);
  return own.epoch == leader.epoch ? std::min(own.offset, leader.offset) : own.offset;
}

void LogShape::append(LeaderEpoch epoch, Offset new_end) {
  OTTLA_INVARIANT(epoch >= last_epoch() && new_end > end_, "a log grows at its end", epoch, last_epoch(),
                  end_);
  if (epochs_.empty() || epochs_.back().epoch != epoch) epochs_.push_back({epoch, end_});
  end_ = new_end;
}

void LogShape::truncate_to(Offset end) {
  OTTLA_INVARIANT(end >= start() && end <= end_, "truncation outside of the log", end, start(), end_);
  std::erase_if(epochs_, [&](const EpochStart& epoch) { return epoch.start >= end; });
  end_ = end;
}

void LogShape::restart_at(const LogPosition& snapshot) {
  OTTLA_INVARIANT(find_snapshot(snapshot) != nullptr, "the log goes on behind an unknown snapshot");
  start_ = snapshot;
  end_ = snapshot.offset;
  epochs_.clear();
  std::erase_if(snapshots_, [&](const SnapshotFile& file) { return file.id < snapshot; });
}

void LogShape::add_snapshot(const SnapshotFile& snapshot) {
  if (find_snapshot(snapshot.id) != nullptr) return;
  snapshots_.push_back(snapshot);
  std::ranges::sort(snapshots_, {}, &SnapshotFile::id);
}

void LogShape::begin_at(const LogPosition& snapshot) {
  OTTLA_INVARIANT(snapshot.offset >= start() && snapshot.offset <= end_, "the log begins outside of itself",
                  snapshot.offset, start(), end_);
  start_ = snapshot;
  while (!epochs_.empty()) {
    const Offset next = epochs_.size() > 1 ? epochs_[1].start : end_;
    if (next > snapshot.offset) break;
    epochs_.erase(epochs_.begin());
  }
  if (!epochs_.empty()) epochs_.front().start = std::max(epochs_.front().start, snapshot.offset);
  std::erase_if(snapshots_, [&](const SnapshotFile& file) { return file.id < snapshot; });
}

}  // namespace ottla::raft
