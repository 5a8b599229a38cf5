// The votes of one election: who was asked, and what they said.
//
// Lifetime:    a value, of one election among the voters that were in force when it began.
// Concurrency: pure.
// Invariants:  a voter's answer never changes; strangers do not count
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raft/voter_set.h"

namespace ottla::raft {

class Ballots {
 public:
  // `self` has voted for itself.
  Ballots(const VoterSet& voters, NodeId self) {
    for (const VoterNode& voter : voters) {
      all_.push_back({voter.key, voter.key.id == self ? Vote::granted : Vote::open});
    }
  }

  void record(NodeId voter, bool granted) {
    for (Ballot& ballot : all_) {
      if (ballot.voter.id == voter && ballot.vote == Vote::open) {
        ballot.vote = granted ? Vote::granted : Vote::refused;
      }
    }
  }
  bool won() const { return count(Vote::granted) >= majority(); }
  bool lost() const { return count(Vote::granted) + count(Vote::open) < majority(); }

  std::vector<ReplicaKey> open() const {
    std::vector<ReplicaKey> voters;
    for (const Ballot& ballot : all_) {
      if (ballot.vote == Vote::open) voters.push_back(ballot.voter);
    }
    return voters;
  }
  std::vector<NodeId> granting() const {
    std::vector<NodeId> voters;
    for (const Ballot& ballot : all_) {
      if (ballot.vote == Vote::granted) voters.push_back(ballot.voter.id);
    }
    return voters;
  }

 private:
  enum class Vote : std::uint8_t { open, granted, refused };
  struct Ballot {
    ReplicaKey voter;
    Vote vote;
  };
  std::size_t count(Vote vote) const {
    std::size_t sum = 0;
    for (const Ballot& ballot : all_) sum += ballot.vote == vote ? 1 : 0;
    return sum;
  }
  std::size_t majority() const { return all_.size() / 2 + 1; }

  std::vector<Ballot> all_;
};

}  // namespace ottla::raft
