#include "storage/leader_epochs.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "base/leader_epoch.h"
#include "base/offset.h"
#include "storage/format/leader_epoch_checkpoint.h"

namespace ottla::storage {

LeaderEpochs::LeaderEpochs(std::span<const EpochEntry> entries) {
  entries_.reserve(entries.size());
  for (const EpochEntry& each : entries) assign(each.epoch, each.start);
}

bool LeaderEpochs::assign(LeaderEpoch epoch, Offset start) {
  OTTLA_INVARIANT(epoch.raw() >= 0 && start.raw() >= 0, "an epoch or offset below 0", epoch, start);
  if (!entries_.empty() && entries_.back().epoch == epoch && entries_.back().start <= start) return false;
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start >= start)) {
    entries_.pop_back();
  }
  entries_.push_back({epoch, start});
  return true;
}

std::optional<EpochEntry> LeaderEpochs::earliest() const {
  return empty() ? std::nullopt : std::optional(entries_.front());
}

std::optional<EpochEntry> LeaderEpochs::latest() const {
  return empty() ? std::nullopt : std::optional(entries_.back());
}

std::optional<EpochEntry> LeaderEpochs::find(LeaderEpoch epoch) const {
  const Iterator found = not_below(epoch);
  return found == entries_.end() || found->epoch != epoch ? std::nullopt : std::optional(*found);
}

std::optional<EpochEntry> LeaderEpochs::previous(LeaderEpoch epoch) const {
  const Iterator found = not_below(epoch);
  return found == entries_.begin() ? std::nullopt : std::optional(*std::prev(found));
}

std::optional<EpochEntry> LeaderEpochs::next(LeaderEpoch epoch) const {
  const Iterator found = above(epoch);
  return found == entries_.end() ? std::nullopt : std::optional(*found);
}

LeaderEpochs::EpochEnd LeaderEpochs::end_offset_for(LeaderEpoch epoch, Offset log_end) const {
  if (epoch == kUnknownLeaderEpoch || empty()) return {};
  if (epoch == entries_.back().epoch) return {epoch, log_end};
  const Iterator later = above(epoch);
  if (later == entries_.end()) return {};
  // What was before the first entry has left the log: a follower goes on from where the leader's log begins.
  if (later == entries_.begin()) return {epoch, later->start};
  return {std::prev(later)->epoch, later->start};
}

std::optional<LeaderEpoch> LeaderEpochs::epoch_for(Offset offset) const {
  const auto later = std::ranges::upper_bound(entries_, offset, {}, &EpochEntry::start);
  return later == entries_.begin() ? std::nullopt : std::optional(std::prev(later)->epoch);
}

bool LeaderEpochs::truncate_from_end(Offset end) {
  const auto first = std::ranges::lower_bound(entries_, end, {}, &EpochEntry::start);
  if (end.raw() < 0 || first == entries_.end()) return false;
  entries_.erase(first, entries_.end());
  return true;
}

bool LeaderEpochs::truncate_from_start(Offset start) {
  const auto later = std::ranges::upper_bound(entries_, start, {}, &EpochEntry::start);
  if (later == entries_.begin()) return false;
  const auto first = std::prev(later);
  if (first == entries_.begin() && first->start == start) return false;
  first->start = start;
  entries_.erase(entries_.begin(), first);
  return true;
}

std::vector<EpochEntry> LeaderEpochs::entries_between(Offset start, Offset end) const {
  LeaderEpochs cut = *this;
  if (start.raw() >= 0) cut.truncate_from_start(start);
  cut.truncate_from_end(end);
  return std::move(cut.entries_);
}

LeaderEpochs::Iterator LeaderEpochs::not_below(LeaderEpoch epoch) const {
  return std::ranges::lower_bound(entries_, epoch, {}, &EpochEntry::epoch);
}

LeaderEpochs::Iterator LeaderEpochs::above(LeaderEpoch epoch) const {
  return std::ranges::upper_bound(entries_, epoch, {}, &EpochEntry::epoch);
}

}  // namespace ottla::storage
