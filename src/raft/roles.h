// What a replica is at a time, and what it keeps only while it is that.
//
//     unattached    knows an epoch, but no leader that it can reach
//     prospective   asks whether it could win, without consequences (pre-vote)
//     candidate     stands for an epoch, and has voted for itself
//     leader        won it
//     follower      fetches from the leader
//     resigned      was leader of this epoch, and will not lead in it again
//
// Observers are unattached or followers, never more; whether a replica is one is said by the voters in force.
//
// Lifetime:    one stay in the role. Entering another one drops it all.
// Concurrency: pure; Instants are compared with the core's clock.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "raft/ballots.h"
#include "raft/connections.h"
#include "raft/message.h"
#include "raft/replication.h"

namespace ottla::raft {

// A request that waits for its reply, as the driver knows it.
using RequestToken = std::uint64_t;

struct Unattached {
  NodeId leader = kNoNode;  // known by number, but not where it is
  Instant election_at;      // never, of an observer
};

struct Prospective {
  NodeId leader = kNoNode;  // to go back to when nobody would vote for us
  Endpoints leader_endpoints;
  Ballots ballots;
  Instant election_ends;
};

struct Candidate {
  Ballots ballots;
  Instant election_ends;
};

struct ParkedFetch {
  RequestToken token = 0;
  FetchRequest request;
  Instant until;
};

// One addition or removal of a voter. There is never a second one.
struct VoterChange {
  RequestToken token = 0;
  bool addition = false;
  AddVoterRequest asked;  // of an addition
  bool answered = false;
  std::optional<Correlation> probe;  // of an addition: which versions does it know?
  std::optional<Offset> record;      // of the new voters
  Instant until;
};

struct Leader {
  Replication replication;
  Instant begin_at;  // when voters that do not fetch are told of this leadership again
  std::vector<ParkedFetch> parked;
  std::optional<VoterChange> change;
  // With configured voters: what they said of themselves, for the day when kraft.version is raised.
  std::optional<VoterSet> reported_voters;
  bool resign_asked = false;
};

struct FetchingSnapshot {
  LogPosition id;
  std::int64_t position = 0;
  bool complete = false;  // and on its way to the disk
};

struct Follower {
  NodeId leader = kNoNode;
  Endpoints leader_endpoints;
  Instant fetch_until;  // an election begins unless a fetch succeeds before
  Instant voters_at;    // when to look whether the leader has to hear of this replica as a voter
  bool has_fetched = false;
  bool has_reported = false;  // with configured voters: the leader knows our versions
  std::optional<FetchingSnapshot> snapshot;
};

struct Resigned {
  std::vector<NodeId> untold;  // voters that do not know yet
  std::vector<ReplicaKey> successors;
  Instant election_at;
};

using Role = std::variant<Unattached, Prospective, Candidate, Leader, Follower, Resigned>;

}  // namespace ottla::raft
