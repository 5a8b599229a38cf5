// Entering and leaving roles.
#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "raft/core.h"

namespace ottla::raft {
namespace {

// A leader waits for a majority's fetches somewhat longer than followers wait for its replies.
constexpr int kCheckQuorumNumerator = 3;
constexpr int kCheckQuorumDenominator = 2;

// What the reference says to whom waited for a change of voters.
constexpr char kNotLeader[] =
    "For requests intended only for the leader, this error indicates that the broker is not the current "
    "leader. For "
    "requests intended for any replica, this error indicates that the broker is not a replica of the topic "
    "partition.";

std::vector<NodeId> nodes_of(const VoterSet& voters) {
  std::vector<NodeId> nodes;
  for (const VoterNode& voter : voters) nodes.push_back(voter.key.id);
  return nodes;
}

}  // namespace

// In the role in which the last life ended, except that a leader has lost what makes it one: had it not synced
// something that others saw, it would write other records at the same places.
Role Core::first_role() {
  const LogPosition end = log_.end_position();
  if (election_.epoch < end.epoch) {
    save({end.epoch, kNoNode, std::nullopt});
    return Unattached{kNoNode, random_election_end()};
  }
  const std::optional<ReplicaKey>& voted = election_.voted;
  if (election_.leader == self().id) {
    Resigned resigned{{}, {}, random_election_end()};
    for (const VoterNode& voter : history_.voters()) {
      if (voter.key.id != self().id) resigned.untold.push_back(voter.key.id);
    }
    return resigned;
  }
  // A candidate that knows who won instead is none any more.
  if (voted && voted->covers(self()) && is_voter() && election_.leader == kNoNode) {
    return Candidate{Ballots(history_.voters(), self().id), random_election_end()};
  }
  if (election_.leader != kNoNode) {
    const Endpoints endpoints = history_.voters().endpoints(election_.leader);
    if (endpoints.empty()) return Unattached{election_.leader, random_election_end()};
    const Instant until = now_ + options_.timing.fetch_timeout;
    return Follower{election_.leader, endpoints, until, until, false, false, {}};
  }
  return Unattached{kNoNode, random_election_end()};
}

Instant Core::random_election_end() {
  // Without any time at all, elections would follow each other for ever.
  const Duration timeout = std::max<Duration>(options_.timing.election_timeout, std::chrono::milliseconds(1));
  const auto jitter =
      static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(timeout.count()) + 1));
  return now_ + timeout + Duration(jitter);
}

void Core::save(ElectionState state) {
  if (state == election_) return;
  OTTLA_INVARIANT(state.epoch >= election_.epoch, "an epoch goes back", state.epoch, election_.epoch);
  if (state.epoch == election_.epoch) {
    OTTLA_INVARIANT(election_.leader == kNoNode || state.leader == election_.leader,
                    "two leaders in one epoch", state.epoch, election_.leader, state.leader);
  }
  election_ = std::move(state);
  outbox_.step(SaveElection{0, election_, history_.kraft_version(), nodes_of(history_.voters())});
}

void Core::enter(Role role) {
  leave_leadership();
  role_ = std::move(role);
  connections_.reset_all();
}

void Core::leave_leadership() {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return;
  for (const ParkedFetch& fetch : std::exchange(leader->parked, {})) {
    answer(fetch.token, ErrorCode::not_leader_or_follower, FetchReply());
  }
  end_change(ErrorCode::not_leader_or_follower, kNotLeader);
}

void Core::become_unattached(LeaderEpoch epoch, NodeId leader) {
  Instant election_at = Instant::max();
  if (is_voter()) {
    // Learning of an epoch is no reason to give others more time, except after a defeat.
    election_at = random_election_end();
    if (const auto* unattached = std::get_if<Unattached>(&role_)) election_at = unattached->election_at;
    if (const auto* candidate = std::get_if<Candidate>(&role_)) election_at = candidate->election_ends;
    if (const auto* resigned = std::get_if<Resigned>(&role_)) election_at = resigned->election_at;
    const auto* prospective = std::get_if<Prospective>(&role_);
    if (prospective != nullptr && !prospective->ballots.lost()) election_at = prospective->election_ends;
    if (election_at == Instant::max()) election_at = random_election_end();
  }
  const bool same = epoch == election_.epoch;
  const NodeId winner = same && leader == kNoNode ? election_.leader : leader;
  leave_leadership();
  save({epoch, winner, same ? election_.voted : std::nullopt});
  enter(Unattached{leader, election_at});
}

void Core::become_prospective() {
  OTTLA_INVARIANT(is_voter() && !leading(), "only voters that do not lead stand for election", self().id);
  Prospective role{leader(), leader_endpoints(), Ballots(history_.voters(), self().id),
                   random_election_end()};
  if (role.leader == self().id) role.leader = kNoNode;
  const bool alone = role.ballots.won();
  enter(std::move(role));
  if (alone) become_candidate();
}

void Core::become_candidate() {
  if (!is_voter()) return become_unattached(election_.epoch, kNoNode);
  Candidate role{Ballots(history_.voters(), self().id), random_election_end()};
  const bool alone = role.ballots.won();
  save({next(election_.epoch), kNoNode, self()});
  enter(role);
  if (alone) become_leader(role.ballots);
}

void Core::become_leader(const Ballots& ballots) {
  if (!is_voter()) return become_unattached(election_.epoch, kNoNode);
  const std::vector<NodeId> granting = ballots.granting();
  const VoterSet voters = history_.voters();
  const Duration check = options_.timing.fetch_timeout * kCheckQuorumNumerator / kCheckQuorumDenominator;
  const Offset start = log_.end();
  save({election_.epoch, self().id, std::nullopt});
  enter(Leader{Replication(voters, self(), start, check, now_), now_, {}, {}, {}, false});
  if (history_.kraft_version() == kStaticVoters) {
    std::get<Leader>(role_).reported_voters = voters.updated_by_node(local_voter());
  }
  std::vector<ControlRecord> records{LeaderChange{self().id, nodes_of(voters), granting}};
  if (history_.kraft_version() >= kDynamicVoters) {
    // Voters that only the bootstrap snapshot names are written to the log, where all others will see them.
    const bool unwritten = history_.voters_offset().value_or(Offset(-1)) < Offset(0);
    if (unwritten || voters.needs_update(local_voter())) {
      records.emplace_back(KRaftVersionChange{history_.kraft_version()});
      records.emplace_back(VotersChange{voters.updated(local_voter()).value_or(voters)});
    }
  }
  append_control(std::move(records));
}

void Core::become_follower(LeaderEpoch epoch, NodeId leader, Endpoints endpoints) {
  OTTLA_INVARIANT(leader != self().id, "a replica does not follow itself", leader);
  if (!voter_address(leader, endpoints)) return become_unattached(epoch, leader);
  const bool same = epoch == election_.epoch;
  leave_leadership();
  save({epoch, leader, same ? election_.voted : std::nullopt});
  const Instant until = now_ + options_.timing.fetch_timeout;
  enter(Follower{leader, std::move(endpoints), until, until, false, false, {}});
}

void Core::become_resigned() {
  const auto& leader = std::get<Leader>(role_);
  Resigned role{{}, leader.replication.successors(), random_election_end()};
  for (const VoterNode& voter : history_.voters()) {
    if (voter.key.id != self().id) role.untold.push_back(voter.key.id);
  }
  advance_committed(leader.replication.high_watermark().value_or(committed_));
  enter(std::move(role));
}

void Core::after_lost_pre_vote() {
  auto& role = std::get<Prospective>(role_);
  const NodeId leader = role.leader;
  const Endpoints endpoints = role.leader_endpoints;
  if (leader != kNoNode && !endpoints.empty()) return become_follower(election_.epoch, leader, endpoints);
  become_unattached(election_.epoch, leader);
}

NodeId Core::leader() const {
  struct Leads {
    NodeId self;
    NodeId operator()(const Unattached& role) const { return role.leader; }
    NodeId operator()(const Prospective& role) const { return role.leader; }
    NodeId operator()(const Candidate&) const { return kNoNode; }
    NodeId operator()(const Leader&) const { return self; }
    NodeId operator()(const Follower& role) const { return role.leader; }
    NodeId operator()(const Resigned&) const { return self; }
  };
  return std::visit(Leads{self().id}, role_);
}

Endpoints Core::leader_endpoints() const {
  if (leader() == self().id) return options_.endpoints;
  if (const auto* follower = std::get_if<Follower>(&role_)) return follower->leader_endpoints;
  if (const auto* prospective = std::get_if<Prospective>(&role_)) return prospective->leader_endpoints;
  return {};
}

// Whether it can be that `leader` won `epoch`, by what is known here.
bool Core::consistent(LeaderEpoch epoch, NodeId leader) const {
  if (leader == self().id) return epoch == election_.epoch && this->leader() == self().id;
  if (epoch != election_.epoch || leader == kNoNode) return true;
  return election_.leader == kNoNode || election_.leader == leader;
}

// Takes in what a peer says of an epoch and its leader; false when it cannot be.
bool Core::learn(LeaderEpoch epoch, NodeId leader, Endpoints endpoints) {
  if (leader == self().id && epoch > election_.epoch) {
    // This node won it with a directory that is lost. Nobody leads there any more.
    become_unattached(epoch, kNoNode);
    return true;
  }
  // The same, heard again.
  if (leader == self().id && this->leader() != leader && election_.leader == kNoNode) return false;
  if (!consistent(epoch, leader)) {
    oddity("a peer says that " + leader.to_string() + " leads in epoch " + epoch.to_string() + ", which " +
           election_.leader.to_string() + " won");
    return false;
  }
  if (leader == self().id) return true;
  if (leader != kNoNode && endpoints.empty()) endpoints = history_.voters().endpoints(leader);
  if (epoch > election_.epoch) {
    if (leader != kNoNode) {
      become_follower(epoch, leader, std::move(endpoints));
    } else {
      become_unattached(epoch, kNoNode);
    }
  } else if (epoch == election_.epoch && leader != kNoNode && voter_address(leader, endpoints)) {
    const bool followed =
        std::holds_alternative<Follower>(role_) || std::holds_alternative<Prospective>(role_);
    const bool known = this->leader() != kNoNode && followed;
    if (!known || endpoints.size() > leader_endpoints().size()) {
      become_follower(epoch, leader, std::move(endpoints));
    }
  }
  return true;
}

}  // namespace ottla::raft
