#include "raft/replication.h"

#include <algorithm>
#include <functional>

#include "base/invariant.h"

namespace ottla::raft {
namespace {

constexpr Duration kObserverSession = std::chrono::minutes(5);
constexpr Duration kStillFetching = std::chrono::hours(1);
// An observer is anyone who fetches under a name of its own: more than this are not remembered.
constexpr std::size_t kMostObservers = 10'000;

}  // namespace

Replication::Replication(const VoterSet& voters, ReplicaKey self, Offset epoch_start, Duration check_quorum,
                         Instant now)
    : self_(self), epoch_start_(epoch_start), check_quorum_(check_quorum), quorum_seen_(now) {
  for (const VoterNode& voter : voters) voters_[voter.key.id].key = voter.key;
}

bool Replication::update_self(Offset durable_end) {
  const auto self = voters_.find(self_.id);
  if (self == voters_.end()) return count();
  self->second.end = durable_end;
  return count();
}

bool Replication::update(const ReplicaKey& replica, Offset end, Offset leader_end, Instant now) {
  if (replica.id < NodeId(0)) return false;
  OTTLA_INVARIANT(replica.id != self_.id, "a leader does not fetch from itself");
  ReplicaProgress& progress = find_or_add(replica, now);
  if (end >= leader_end) {
    progress.caught_up = now;
  } else if (progress.leader_end_when_fetched && end >= *progress.leader_end_when_fetched) {
    progress.caught_up = std::max(progress.caught_up, progress.fetched);
  }
  progress.leader_end_when_fetched = leader_end;
  progress.fetched = now;
  progress.end = end;
  heard_from(replica, now);
  return is_voter(replica) && count();
}

bool Replication::set_voters(const VoterSet& voters) {
  std::map<NodeId, ReplicaProgress> old;
  old.swap(voters_);
  for (const VoterNode& voter : voters) {
    ReplicaProgress progress;
    const auto before = old.find(voter.key.id);
    const auto observer = observers_.find(voter.key);
    if (before != old.end() && before->second.key.covers(voter.key)) {
      progress = before->second;
      old.erase(before);
    } else if (observer != observers_.end()) {
      progress = observer->second;
    }
    observers_.erase(voter.key);
    progress.key = voter.key;
    voters_.emplace(voter.key.id, progress);
  }
  for (const auto& [node, progress] : old) observers_.emplace(progress.key, progress);
  std::erase_if(heard_, [&](NodeId node) { return !voters_.contains(node); });
  return count();
}

void Replication::heard_from(const ReplicaKey& replica, Instant now) {
  if (replica.id == self_.id) return;
  const bool known = std::ranges::find(heard_, replica.id) != heard_.end();
  if (is_voter(replica) && !known) heard_.push_back(replica.id);
  const std::size_t majority = voters_.size() / 2 + 1;
  if (heard_.size() < majority - (voters_.contains(self_.id) ? 1 : 0)) return;
  heard_.clear();
  quorum_seen_ = now;
}

Instant Replication::check_quorum_at() const {
  const bool alone = voters_.size() == 1 && voters_.contains(self_.id);
  return alone ? Instant::max() : quorum_seen_ + check_quorum_;
}

const std::map<ReplicaKey, ReplicaProgress>& Replication::observers(Instant now) {
  std::erase_if(observers_, [&](const auto& observer) { return !is_active(observer.second, now); });
  return observers_;
}

std::size_t Replication::observer_count(Instant now) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      observers_, [&](const auto& observer) { return is_active(observer.second, now); }));
}

bool Replication::is_active(const ReplicaProgress& observer, Instant now) const {
  return observer.key == self_ || (observer.fetched && now - *observer.fetched < kObserverSession);
}

bool Replication::caught_up(const ReplicaKey& replica, Instant now) const {
  const auto observer = observers_.find(replica);
  if (observer == observers_.end()) return false;
  const ReplicaProgress& progress = observer->second;
  return progress.caught_up && progress.fetched && now - *progress.fetched < kStillFetching;
}

std::vector<ReplicaKey> Replication::successors() const {
  std::vector<ReplicaKey> keys;
  for (const ReplicaProgress* progress : by_end()) {
    if (progress->key.id != self_.id) keys.push_back(progress->key);
  }
  return keys;
}

ReplicaProgress& Replication::find_or_add(const ReplicaKey& replica, Instant now) {
  if (is_voter(replica)) return voters_[replica.id];
  if (observers_.size() >= kMostObservers) {
    (void)observers(now);
    if (observers_.size() >= kMostObservers) observers_.erase(observers_.begin());
  }
  ReplicaProgress& progress = observers_[replica];
  progress.key = replica;
  return progress;
}

bool Replication::is_voter(const ReplicaKey& replica) const {
  const auto voter = voters_.find(replica.id);
  return voter != voters_.end() && voter->second.key.covers(replica);
}

std::vector<const ReplicaProgress*> Replication::by_end() const {
  std::vector<const ReplicaProgress*> all;
  all.reserve(voters_.size());
  for (const auto& [node, progress] : voters_) all.push_back(&progress);
  std::ranges::sort(
      all, [](const auto* a, const auto* b) { return a->end != b->end ? a->end > b->end : a->key < b->key; });
  return all;
}

bool Replication::count() {
  if (voters_.empty()) return false;
  std::vector<Offset> ends;
  ends.reserve(voters_.size());
  for (const auto& [node, progress] : voters_) ends.push_back(progress.end.value_or(Offset(-1)));
  std::ranges::sort(ends, std::ranges::greater());
  // A majority holds everything below it.
  const Offset held = ends[voters_.size() / 2];
  if (held <= epoch_start_ || (high_watermark_ && held <= *high_watermark_)) return false;
  high_watermark_ = held;
  return true;
}

}  // namespace ottla::raft
