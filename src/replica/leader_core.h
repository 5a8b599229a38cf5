// What the leader of a partition decides: how far all is replicated, who is in sync, what the controller is to be
// asked for, and what its answer changes.
//
// The high watermark follows the *maximal* ISR: who is in it, and who is about to be, as long as the controller has
// not said. That is never wrong, since more brokers only make it stricter.
//
// Use:         LeaderCore core(self, rules);  core.take(partition, log_end, now);
//              if (auto next = core.next_high_watermark(…)) log.set_high_watermark(*next);
// Lifetime:    as long as this broker leads without a break; another one's leadership in between ends it.
// Concurrency: pure. Times and offsets of the log are passed in.
// Invariants:  1. leader and partition epochs never go back
//              2. what next_high_watermark() gives is above the current one and at most every end of the maximal ISR
//              3. nothing is given while |ISR| is below the effective min.insync.replicas
//              4. at most one proposal is under way; it names replicas of the partition only, and adds nobody who is
//                 fenced, stopping or of another epoch than it fetched with
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "metadata/partition.h"
#include "protocol/error_code.h"

namespace ottla::replica {

struct LeaderRules {
  std::int32_t min_insync_replicas = 1;  // as configured; the number of replicas bounds it
  std::int64_t max_lag_ms = 30'000;      // replica.lag.time.max.ms

  friend bool operator==(const LeaderRules&, const LeaderRules&) = default;
};

// What the cluster knows of brokers.
class Brokers {
 public:
  struct Facts {
    std::optional<std::int64_t> epoch = {};  // nothing when it is not registered, or fenced
    bool fenced = false;
    bool stopping = false;  // in controlled shutdown
  };
  virtual ~Brokers() = default;
  virtual Facts facts_of(NodeId broker) const = 0;
};

struct Follower {
  NodeId id;
  Offset log_start = kUnknownOffset;
  Offset log_end = kUnknownOffset;          // it holds all before
  Offset leader_end_then = kUnknownOffset;  // where our log ended when it fetched last
  std::int64_t fetched_ms = 0;
  std::int64_t caught_up_ms = 0;                  // when it had last all that there was
  std::optional<std::int64_t> broker_epoch = {};  // of its last fetch; -1: older versions do not say
};

// A fetch that was answered without divergence says how far its sender is.
struct FollowerFetch {
  NodeId follower;
  Offset offset;
  Offset log_start;
  std::int64_t broker_epoch = -1;
  Offset leader_end;  // where our log ended before the read
  std::int64_t now_ms = 0;
};

// What AlterPartition is to ask for.
struct IsrProposal {
  struct Member {
    NodeId broker;
    std::int64_t broker_epoch = -1;  // -1: not known

    friend bool operator==(const Member&, const Member&) = default;
  };
  std::uint64_t number = 0;  // never used twice of a partition; an answer to any but the last is late
  LeaderEpoch leader_epoch;
  std::int32_t partition_epoch = 0;
  std::vector<Member> isr;
  bool expands = false;
};

// What AlterPartition answered when it went well.
struct AlteredPartition {
  LeaderEpoch leader_epoch;
  std::int32_t partition_epoch = 0;
  std::vector<NodeId> isr;
};

class LeaderCore {
 public:
  LeaderCore(NodeId self, const LeaderRules& rules) : self_(self), rules_(rules) {}

  // --- What the metadata says -------------------------------------------------------------------------------
  enum class Taken : std::uint8_t {
    stale,  // older than what is known; nothing has changed
    same_epoch,
    new_epoch,  // it leads in an epoch that begins at the end of the log
  };
  Taken take(const metadata::Partition& partition, Offset log_end, std::int64_t now_ms);
  void set_rules(const LeaderRules& rules) { rules_ = rules; }

  LeaderEpoch epoch() const { return epoch_; }
  std::int32_t partition_epoch() const { return partition_epoch_; }
  Offset epoch_start() const { return epoch_start_; }
  std::span<const NodeId> isr() const { return isr_; }
  // With who is about to join.
  std::vector<NodeId> maximal_isr() const;
  std::size_t maximal_isr_size() const { return isr_.size() + (joining_ ? 1 : 0); }
  std::size_t replica_count() const { return followers_.size() + 1; }
  const Follower* follower(NodeId id) const;
  bool is_altering() const { return proposal_ != 0; }

  std::size_t effective_min_isr() const;
  bool under_min_isr() const { return isr_.size() < effective_min_isr(); }
  bool at_min_isr() const { return isr_.size() == effective_min_isr(); }
  // Of what reached the high watermark: whether enough brokers hold it.
  bool enough_hold_it() const { return maximal_isr_size() >= effective_min_isr(); }

  // --- How far all is replicated ----------------------------------------------------------------------------
  struct Ends {
    Offset log_end;
    Offset high_watermark;
  };
  // What the high watermark is to become, when it is to rise.
  std::optional<Offset> next_high_watermark(const Ends& ends, std::int64_t now_ms,
                                            const Brokers& brokers) const;
  // Where the logs of all living replicas begin, at the latest.
  Offset low_watermark(Offset log_start, const Brokers& brokers) const;

  // --- Followers --------------------------------------------------------------------------------------------
  // False for one of a broker epoch that is over: its sender is another process by now.
  bool note_fetch(const FollowerFetch& fetch, const Brokers& brokers);

  // --- Who is in sync ---------------------------------------------------------------------------------------
  // That follower has all that is committed, and may join.
  std::optional<IsrProposal> propose_expansion(NodeId follower, Offset high_watermark,
                                               const Brokers& brokers);
  // Some lag for too long.
  std::optional<IsrProposal> propose_shrink(Offset log_end, std::int64_t now_ms);

  enum class Settled : std::uint8_t {
    late,       // what it answers is no more under way
    committed,  // that is the ISR now
    reverted,   // the controller did not do it: the ISR is what it was
    waits,      // nobody knows: the metadata will say
    retry,      // ask for the same once more
  };
  Settled on_altered(std::uint64_t number, const AlteredPartition& altered);
  Settled on_refused(std::uint64_t number, protocol::ErrorCode error);

 private:
  bool contains(NodeId broker) const;
  bool is_caught_up(const Follower& follower, Offset log_end, std::int64_t now_ms) const;
  static bool may_join(const Follower& follower, const Brokers& brokers);
  Follower* find(NodeId id);
  IsrProposal propose(std::span<const NodeId> members, bool expands);
  void commit(std::span<const NodeId> isr, std::int32_t partition_epoch);

  const NodeId self_;
  LeaderRules rules_;
  LeaderEpoch epoch_ = kUnknownLeaderEpoch;
  std::int32_t partition_epoch_ = -1;
  Offset epoch_start_ = kUnknownOffset;
  std::vector<Follower> followers_;  // all replicas but this one
  std::vector<NodeId> isr_;          // committed
  std::optional<NodeId> joining_;    // asked for; 3. of the maximal ISR
  std::uint64_t proposal_ = 0;       // the one under way; 0: none
  std::uint32_t proposals_ = 0;      // of this epoch or earlier ones
};

}  // namespace ottla::replica
