// The voters of the metadata quorum: who they are, where they listen, which kraft.version they know.
//
// Lifetime:    a value; every change gives a new set.
// Concurrency: pure.
// Invariants:  1. sorted by node  2. a node votes at most once, with one directory
// Errors:      a change that makes no sense gives nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "raft/endpoints.h"
#include "raft/replica_key.h"

namespace ottla::raft {

// Levels of the feature kraft.version.
inline constexpr std::int16_t kStaticVoters = 0;   // voters are configured, and known by their number alone
inline constexpr std::int16_t kDynamicVoters = 1;  // voters stand in the log
inline constexpr std::int16_t kLatestKRaftVersion = kDynamicVoters;

struct VersionRange {
  std::int16_t least = 0;
  std::int16_t greatest = 0;

  bool contains(std::int16_t version) const { return least <= version && version <= greatest; }
  friend bool operator==(const VersionRange&, const VersionRange&) = default;
};

struct VoterNode {
  ReplicaKey key;
  Endpoints endpoints;
  VersionRange kraft_versions;

  friend bool operator==(const VoterNode&, const VoterNode&) = default;
};

class VoterSet {
 public:
  VoterSet() = default;
  // Of two with one node the first stays.
  explicit VoterSet(std::vector<VoterNode> voters);

  std::size_t size() const { return voters_.size(); }
  bool empty() const { return voters_.empty(); }
  auto begin() const { return voters_.begin(); }
  auto end() const { return voters_.end(); }

  // Null when that node has no vote, with whichever directory.
  const VoterNode* find(NodeId node) const;
  bool contains(NodeId node) const { return find(node) != nullptr; }
  bool is_voter(const ReplicaKey& replica) const;
  bool is_only_voter(const ReplicaKey& replica) const { return size() == 1 && is_voter(replica); }
  Endpoints endpoints(NodeId node) const;
  // Whether this voter stands here with other addresses, versions, or without its directory.
  bool needs_update(const VoterNode& voter) const;
  // Whether each voter knows that version, and its directory is known.
  bool supports(std::int16_t kraft_version) const;
  bool knows_all_directories() const;

  // Nothing when the node has a vote already.
  std::optional<VoterSet> with(VoterNode voter) const;
  // Nothing when that very replica has no vote, or is the last voter.
  std::optional<VoterSet> without(const ReplicaKey& replica) const;
  // Nothing when that replica has no vote.
  std::optional<VoterSet> updated(VoterNode voter) const;
  // The same, whatever the directory was.
  std::optional<VoterSet> updated_by_node(VoterNode voter) const;

  // Whether a majority of one has a member in each majority of the other, because they differ by one voter at
  // most: what every change must keep.
  bool overlaps(const VoterSet& other) const;

  // "[1:Zm9v…, 2:…]"
  std::string to_string() const;
  friend bool operator==(const VoterSet&, const VoterSet&) = default;

 private:
  std::vector<VoterNode> voters_;
};

}  // namespace ottla::raft
