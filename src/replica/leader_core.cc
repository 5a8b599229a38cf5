#include "replica/leader_core.h"

#include <algorithm>

namespace ottla::replica {

using protocol::ErrorCode;

LeaderCore::Taken LeaderCore::take(const metadata::Partition& partition, Offset log_end,
                                   std::int64_t now_ms) {
  if (partition.partition_epoch() < partition_epoch_) return Taken::stale;
  const LeaderEpoch epoch(partition.leader_epoch());
  if (epoch < epoch_) return Taken::stale;
  // If epochs were passed over, another one may have led meanwhile, and followers may have cut their logs.
  const bool is_new_leader = epoch_ == kUnknownLeaderEpoch || epoch > next(epoch_);
  std::erase_if(followers_, [&](const Follower& follower) {
    return !metadata::contains(partition.replicas(), follower.id.raw());
  });
  for (const std::int32_t broker : partition.replicas()) {
    if (NodeId(broker) != self_ && find(NodeId(broker)) == nullptr)
      followers_.push_back({.id = NodeId(broker)});
  }
  // What an answer of AlterPartition has told already is no news, and does not end the next question: the controller
  // may have said yes to that one, and who joined by it must be waited for.
  const bool is_known = partition.partition_epoch() == partition_epoch_ && epoch == epoch_;
  if (is_known) return Taken::same_epoch;
  std::vector<NodeId> isr;
  for (const std::int32_t broker : partition.isr()) isr.push_back(NodeId(broker));
  commit(isr, partition.partition_epoch());
  if (epoch == epoch_) return Taken::same_epoch;
  epoch_ = epoch;
  epoch_start_ = log_end;
  for (Follower& follower : followers_) {
    // Who is in sync counts as caught up until it is known better; who is not must not hold the watermark back.
    const std::int64_t since = contains(follower.id) ? now_ms : 0;
    if (is_new_leader) {
      follower = {.id = follower.id, .caught_up_ms = since};
    } else {
      follower.leader_end_then = log_end;
      follower.fetched_ms = since;
      follower.caught_up_ms = since;
    }
  }
  return Taken::new_epoch;
}

std::vector<NodeId> LeaderCore::maximal_isr() const {
  std::vector<NodeId> all = isr_;
  if (joining_) all.push_back(*joining_);
  return all;
}

const Follower* LeaderCore::follower(NodeId id) const {
  const auto found = std::ranges::find(followers_, id, &Follower::id);
  return found == followers_.end() ? nullptr : &*found;
}

Follower* LeaderCore::find(NodeId id) {
  const auto found = std::ranges::find(followers_, id, &Follower::id);
  return found == followers_.end() ? nullptr : &*found;
}

bool LeaderCore::contains(NodeId broker) const {
  return std::ranges::find(isr_, broker) != isr_.end();
}

std::size_t LeaderCore::effective_min_isr() const {
  return std::min(static_cast<std::size_t>(std::max(rules_.min_insync_replicas, 0)), replica_count());
}

bool LeaderCore::is_caught_up(const Follower& follower, Offset log_end, std::int64_t now_ms) const {
  return follower.log_end == log_end || now_ms - follower.caught_up_ms <= rules_.max_lag_ms;
}

bool LeaderCore::may_join(const Follower& follower, const Brokers& brokers) {
  const Brokers::Facts facts = brokers.facts_of(follower.id);
  if (facts.fenced || facts.stopping || !facts.epoch || !follower.broker_epoch) return false;
  return *follower.broker_epoch == -1 || *follower.broker_epoch == *facts.epoch;
}

std::optional<Offset> LeaderCore::next_high_watermark(const Ends& ends, std::int64_t now_ms,
                                                      const Brokers& brokers) const {
  if (under_min_isr()) return std::nullopt;
  Offset next = ends.log_end;
  for (const Follower& follower : followers_) {
    if (follower.log_end >= next) continue;
    // Who is nearly there is waited for too: else it would never get there, as long as records come.
    const bool counts = contains(follower.id) || joining_ == follower.id ||
                        (is_caught_up(follower, ends.log_end, now_ms) && may_join(follower, brokers));
    if (counts) next = follower.log_end;
  }
  return next > ends.high_watermark ? std::optional(next) : std::nullopt;
}

Offset LeaderCore::low_watermark(Offset log_start, const Brokers& brokers) const {
  Offset low = log_start;
  for (const Follower& follower : followers_) {
    if (follower.log_start < low && brokers.facts_of(follower.id).epoch) low = follower.log_start;
  }
  return low;
}

bool LeaderCore::note_fetch(const FollowerFetch& fetch, const Brokers& brokers) {
  Follower* const follower = find(fetch.follower);
  if (follower == nullptr) return false;
  const std::optional<std::int64_t> epoch = brokers.facts_of(fetch.follower).epoch;
  if (fetch.broker_epoch != -1 && epoch && *epoch > fetch.broker_epoch) return false;
  if (fetch.offset >= fetch.leader_end) {
    follower->caught_up_ms = std::max(follower->caught_up_ms, fetch.now_ms);
  } else if (fetch.offset >= follower->leader_end_then) {
    // It has all that there was when it fetched before: it keeps up, although it is never quite at the end.
    follower->caught_up_ms = std::max(follower->caught_up_ms, follower->fetched_ms);
  }
  follower->log_start = fetch.log_start;
  follower->log_end = fetch.offset;
  follower->leader_end_then = std::max(fetch.leader_end, follower->leader_end_then);
  follower->fetched_ms = fetch.now_ms;
  follower->broker_epoch = fetch.broker_epoch;
  return true;
}

std::optional<IsrProposal> LeaderCore::propose_expansion(NodeId id, Offset high_watermark,
                                                         const Brokers& brokers) {
  const Follower* const joiner = follower(id);
  if (is_altering() || joiner == nullptr || contains(id) || !may_join(*joiner, brokers)) return std::nullopt;
  // It must have what was committed before this epoch, too: up to the high watermark we may not know that yet.
  if (joiner->log_end < high_watermark || joiner->log_end < epoch_start_) return std::nullopt;
  std::vector<NodeId> members = isr_;
  members.push_back(id);
  joining_ = id;
  return propose(members, true);
}

std::optional<IsrProposal> LeaderCore::propose_shrink(Offset log_end, std::int64_t now_ms) {
  if (is_altering()) return std::nullopt;
  std::vector<NodeId> members;
  for (const NodeId member : isr_) {
    const Follower* const other = follower(member);
    if (member == self_ || (other != nullptr && is_caught_up(*other, log_end, now_ms)))
      members.push_back(member);
  }
  if (members.size() == isr_.size()) return std::nullopt;
  return propose(members, false);
}

IsrProposal LeaderCore::propose(std::span<const NodeId> members, bool expands) {
  // Another core of this partition, before or after this one, has other epochs.
  proposal_ = static_cast<std::uint64_t>(epoch_.raw()) << 32 | ++proposals_;
  IsrProposal proposal{.number = proposal_,
                       .leader_epoch = epoch_,
                       .partition_epoch = partition_epoch_,
                       .isr = {},
                       .expands = expands};
  for (const NodeId member : members) {
    const Follower* const other = follower(member);
    proposal.isr.push_back(
        {.broker = member, .broker_epoch = other == nullptr ? -1 : other->broker_epoch.value_or(-1)});
  }
  return proposal;
}

void LeaderCore::commit(std::span<const NodeId> isr, std::int32_t partition_epoch) {
  isr_.assign(isr.begin(), isr.end());
  partition_epoch_ = partition_epoch;
  joining_.reset();
  proposal_ = 0;
}

LeaderCore::Settled LeaderCore::on_altered(std::uint64_t number, const AlteredPartition& altered) {
  if (number != proposal_ || proposal_ == 0) return Settled::late;
  // The answer may be overtaken by the metadata of a later change; that says what is true.
  if (altered.leader_epoch != epoch_ || altered.partition_epoch < partition_epoch_) return Settled::waits;
  commit(altered.isr, altered.partition_epoch);
  return Settled::committed;
}

LeaderCore::Settled LeaderCore::on_refused(std::uint64_t number, ErrorCode error) {
  if (number != proposal_ || proposal_ == 0) return Settled::late;
  switch (error) {
    case ErrorCode::operation_not_attempted:
    case ErrorCode::ineligible_replica: {
      // These alone tell that it was not done, and never will be: our partition epoch is the right one.
      joining_.reset();
      proposal_ = 0;
      return Settled::reverted;
    }
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::invalid_update_version:
    case ErrorCode::invalid_request:
    case ErrorCode::new_leader_elected:
      return Settled::waits;
    default:
      return Settled::retry;
  }
}

}  // namespace ottla::replica
