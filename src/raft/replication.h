// A leader's knowledge of its replicas: how far each has come, and therefore what is committed; and whether a majority
// still listens.
//
// Lifetime:    one leadership.
// Concurrency: pure; times are passed in.
// Invariants:  1. the high watermark never goes back, and is not known before a record of the leader's own epoch is
//                 on a majority
//              2. a replica counts under its full key: another directory of a voter's node is an observer
//              3. the leader counts with what is durable
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "base/offset.h"
#include "raft/voter_set.h"
#include "runtime/clock.h"

namespace ottla::raft {

struct ReplicaProgress {
  ReplicaKey key;
  std::optional<Offset> end;  // durable there; of the leader: here
  std::optional<Instant> fetched;
  std::optional<Instant> caught_up;               // when it last had all that the leader had
  std::optional<Offset> leader_end_when_fetched;  // at the fetch before
};

class Replication {
 public:
  // `check_quorum`: after so long without a majority's fetches the leader has to resign.
  Replication(const VoterSet& voters, ReplicaKey self, Offset epoch_start, Duration check_quorum,
              Instant now);

  // Each returns whether the high watermark advanced.
  bool update_self(Offset durable_end);
  bool update(const ReplicaKey& replica, Offset end, Offset leader_end, Instant now);
  bool set_voters(const VoterSet& voters);

  // Something came from that replica: if a majority did so, the wait for it begins anew.
  void heard_from(const ReplicaKey& replica, Instant now);
  // When the leader has to resign; never with one voter.
  Instant check_quorum_at() const;

  std::optional<Offset> high_watermark() const { return high_watermark_; }
  Offset epoch_start() const { return epoch_start_; }
  const std::map<NodeId, ReplicaProgress>& voters() const { return voters_; }
  // Those that were active within five minutes.
  const std::map<ReplicaKey, ReplicaProgress>& observers(Instant now);
  std::size_t observer_count(Instant now) const;
  // An observer that once had all, and fetched within the hour: it may become a voter.
  bool caught_up(const ReplicaKey& replica, Instant now) const;
  // The other voters, those with the longest logs first.
  std::vector<ReplicaKey> successors() const;

 private:
  ReplicaProgress& find_or_add(const ReplicaKey& replica, Instant now);
  bool is_voter(const ReplicaKey& replica) const;
  bool is_active(const ReplicaProgress& observer, Instant now) const;
  std::vector<const ReplicaProgress*> by_end() const;
  bool count();

  ReplicaKey self_;
  Offset epoch_start_;
  Duration check_quorum_;
  std::map<NodeId, ReplicaProgress> voters_;
  std::map<ReplicaKey, ReplicaProgress> observers_;
  std::optional<Offset> high_watermark_;
  std::vector<NodeId> heard_;  // voters that fetched since quorum_seen_
  Instant quorum_seen_;
};

}  // namespace ottla::raft
