// What each role does of itself: send, wait, give up. Each returns whether another role was entered.
#include <algorithm>
#include <utility>

#include "raft/core.h"

namespace ottla::raft {

bool Core::poll_role(Unattached& role) {
  if (is_voter()) {
    if (shutdown_until_) {
      wake(*shutdown_until_);
      return false;
    }
    if (now_ >= role.election_at) {
      become_prospective();
      return true;
    }
    wake(role.election_at);
  }
  fetch_from_anyone();
  return false;
}

bool Core::poll_role(Prospective& role) {
  if (!shutdown_until_ && now_ >= role.election_ends) {
    after_lost_pre_vote();
    return true;
  }
  ask_for_votes(role.ballots, true);
  wake(shutdown_until_.value_or(role.election_ends));
  return false;
}

bool Core::poll_role(Candidate& role) {
  if (!shutdown_until_ && now_ >= role.election_ends) {
    if (is_voter()) {
      become_prospective();
    } else {
      become_unattached(election_.epoch, kNoNode);
    }
    return true;
  }
  ask_for_votes(role.ballots, false);
  wake(shutdown_until_.value_or(role.election_ends));
  return false;
}

bool Core::poll_role(Leader& role) {
  const bool unheard = now_ >= role.replication.check_quorum_at();
  if (shutdown_until_ || role.resign_asked || unheard) {
    become_resigned();
    return true;
  }
  expire_change(role);
  expire_parked(role);
  begin_epoch_where_unknown(role);
  wake(role.replication.check_quorum_at());
  if (role.change) wake(role.change->until);
  for (const ParkedFetch& fetch : role.parked) wake(fetch.until);
  return false;
}

bool Core::poll_role(Follower& role) {
  if (!is_voter()) {
    poll_as_observer(role);
    return false;
  }
  return poll_as_voter(role);
}

bool Core::poll_role(Resigned& role) {
  EndEpochRequest request{self().id, election_.epoch, role.successors, options_.endpoints};
  for (const NodeId voter : role.untold) (void)send_if_ready(voter_address(voter), request);
  if (shutdown_until_) {
    wake(*shutdown_until_);
    return false;
  }
  if (now_ >= role.election_at) {
    become_unattached(next(election_.epoch), kNoNode);
    return true;
  }
  wake(role.election_at);
  return false;
}

bool Core::poll_as_voter(Follower& role) {
  if (now_ >= role.fetch_until) {
    become_prospective();
    return true;
  }
  wake(role.fetch_until);
  if (now_ < role.voters_at || !reports_to_leader(role)) {
    if (now_ >= role.voters_at) role.voters_at = now_ + options_.timing.fetch_timeout;
    fetch_from_best(role);
    return false;
  }
  UpdateVoterRequest request{election_.epoch, local_voter()};
  if (send_if_ready(voter_address(role.leader, role.leader_endpoints), std::move(request))) {
    role.voters_at = now_ + options_.timing.fetch_timeout;
  }
  return false;
}

// A voter whose addresses or versions have changed tells the leader; with configured voters each tells it once.
bool Core::reports_to_leader(const Follower& role) const {
  if (history_.kraft_version() >= kDynamicVoters) return history_.voters().needs_update(local_voter());
  return !role.has_reported;
}

void Core::poll_as_observer(Follower& role) {
  if (shutdown_until_) return;
  const bool joins =
      history_.kraft_version() >= kDynamicVoters && options_.can_become_voter && options_.auto_join;
  if (!joins || now_ < role.voters_at) {
    if (joins) wake(role.voters_at);
    return fetch_from_best(role);
  }
  const std::optional<Destination> leader = voter_address(role.leader, role.leader_endpoints);
  const VoterNode* namesake = history_.voters().find(self().id);
  // A voter of this number with a directory that is lost goes first.
  const bool sent = namesake != nullptr
                        ? send_if_ready(leader, RemoveVoterRequest{namesake->key})
                        : send_if_ready(leader, AddVoterRequest{self(), options_.endpoints, false});
  if (sent) role.voters_at = now_ + options_.timing.fetch_timeout;
}

void Core::ask_for_votes(const Ballots& ballots, bool pre_vote) {
  if (ballots.lost()) return;
  for (const ReplicaKey& voter : ballots.open()) {
    VoteRequest request{self(), election_.epoch, voter, log_.end_position(), pre_vote};
    (void)send_if_ready(voter_address(voter.id), std::move(request));
  }
}

void Core::begin_epoch_where_unknown(Leader& role) {
  const Duration period = options_.timing.fetch_timeout / 2;
  if (now_ >= role.begin_at) {
    role.begin_at = now_ + period;
    for (const auto& [node, progress] : role.replication.voters()) {
      const bool fetches = progress.fetched && now_ - *progress.fetched < period;
      if (node == self().id || fetches) continue;
      BeginEpochRequest request{self().id, election_.epoch, progress.key, options_.endpoints};
      const std::optional<Destination> to = voter_address(node);
      if (to && connections_.ready(node, now_)) send(*to, std::move(request));
    }
  }
  wake(role.begin_at);
}

// A fetch says that all before it is durable here, if this replica ever counts.
bool Core::may_fetch() const {
  const bool counts = is_voter() || options_.can_become_voter;
  return !counts || durable_end_ == log_.end();
}

FetchRequest Core::fetch_request() const {
  return {self(),
          election_.epoch,
          log_.end_position(),
          committed_,
          options_.timing.fetch_max_wait,
          options_.fetch_max_bytes};
}

// Bootstrap servers, and the voters that the log names: who was the only server once may have to find the others.
std::vector<Destination> Core::servers() const {
  std::vector<Destination> servers = bootstrap_;
  for (const VoterNode& voter : history_.voters()) {
    std::optional<Destination> address = voter_address(voter.key.id);
    if (voter.key.id == self().id || !address) continue;
    const auto same = [&](const Destination& server) {
      return server.host == address->host && server.port == address->port;
    };
    if (std::ranges::none_of(servers, same)) servers.push_back(std::move(*address));
  }
  return servers;
}

void Core::fetch_from_anyone() {
  if (const std::optional<Instant> busy = connections_.in_flight(now_)) return wake(*busy);
  if (!may_fetch()) return;
  const std::vector<Destination> all = servers();
  if (all.empty()) return;
  const std::size_t first = random_.below(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (send_if_ready(all[(first + i) % all.size()], fetch_request())) return;
  }
}

void Core::fetch_from_best(Follower& role) {
  if (connections_.timed_out(role.leader, now_)) {
    connections_.reset(role.leader);
    return fetch_from_anyone();
  }
  if (connections_.backing_off(role.leader, now_)) {
    wake(connections_.next_chance(role.leader, now_));
    return fetch_from_anyone();
  }
  if (const std::optional<Instant> busy = connections_.in_flight(now_)) return wake(*busy);
  if (!may_fetch()) return;
  const std::optional<Destination> leader = voter_address(role.leader, role.leader_endpoints);
  if (!role.snapshot) {
    (void)send_if_ready(leader, fetch_request());
  } else if (!role.snapshot->complete) {
    (void)send_if_ready(leader, FetchSnapshotRequest{self(), election_.epoch, role.snapshot->id,
                                                     role.snapshot->position, options_.snapshot_max_bytes});
  }
}

}  // namespace ottla::raft
