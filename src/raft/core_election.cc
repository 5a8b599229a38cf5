// Votes, and the beginning and end of epochs: requests of others, and their replies.
#include <algorithm>
#include <utility>

#include "raft/core.h"

namespace ottla::raft {
namespace {

// Epochs beyond it are not believed: nobody gets so far, and the next ones must still be numbers.
constexpr LeaderEpoch kGreatestEpoch(2'000'000'000);

}  // namespace

std::optional<ErrorCode> Core::check_for_voters(NodeId from, LeaderEpoch epoch) const {
  if (epoch < election_.epoch) return ErrorCode::fenced_leader_epoch;
  if (from < NodeId(0) || epoch > kGreatestEpoch) return ErrorCode::invalid_request;
  return std::nullopt;
}

// Whether a request that says for whom it is was meant for another replica.
bool Core::names_other(const ReplicaKey& voter) const {
  return voter.id != kNoNode && !voter.covers(self());
}

bool Core::may_grant(const VoteRequest& request) const {
  const bool up_to_date = request.end >= log_.end_position();
  if (request.candidate.id == self().id) return false;
  if (std::holds_alternative<Leader>(role_)) return false;
  if (const auto* follower = std::get_if<Follower>(&role_)) {
    return request.pre_vote && up_to_date && !follower->has_fetched;
  }
  if (request.pre_vote) return up_to_date;
  const bool undecided =
      std::holds_alternative<Unattached>(role_) || std::holds_alternative<Prospective>(role_);
  if (!undecided) return false;
  if (election_.voted) return election_.voted->covers(request.candidate);
  return leader() == kNoNode && election_.leader == kNoNode && up_to_date;
}

void Core::handle(RequestToken token, const VoteRequest& request) {
  // Who stands for an epoch has not written in it; who only asks may have.
  const bool too_new =
      request.pre_vote ? request.end.epoch > request.epoch : request.end.epoch >= request.epoch;
  if (request.end.offset < Offset(0) || request.end.epoch < LeaderEpoch(0) || too_new) {
    return answer(token, ErrorCode::invalid_request, VoteReply());
  }
  if (const std::optional<ErrorCode> error = check_for_voters(request.candidate.id, request.epoch)) {
    return answer(token, *error, VoteReply());
  }
  if (request.epoch > election_.epoch) become_unattached(request.epoch, kNoNode);
  if (names_other(request.voter)) return answer(token, ErrorCode::invalid_voter_key, VoteReply());
  const bool granted = may_grant(request);
  if (granted && !request.pre_vote && !election_.voted) {
    save({election_.epoch, election_.leader, request.candidate});
    if (auto* unattached = std::get_if<Unattached>(&role_)) {
      unattached->election_at = is_voter() ? random_election_end() : Instant::max();
    } else if (auto* prospective = std::get_if<Prospective>(&role_)) {
      prospective->ballots = Ballots(history_.voters(), self().id);
      prospective->election_ends = random_election_end();
    }
  }
  answer(token, ErrorCode::none, VoteReply{granted});
}

void Core::handle(RequestToken token, const BeginEpochRequest& request) {
  if (const std::optional<ErrorCode> error = check_for_voters(request.leader, request.epoch)) {
    return answer(token, *error, BeginEpochReply());
  }
  if (!learn(request.epoch, request.leader, request.endpoints)) {
    return answer(token, ErrorCode::invalid_request, BeginEpochReply());
  }
  const ErrorCode error = names_other(request.voter) ? ErrorCode::invalid_voter_key : ErrorCode::none;
  answer(token, error, BeginEpochReply());
}

void Core::handle(RequestToken token, const EndEpochRequest& request) {
  if (const std::optional<ErrorCode> error = check_for_voters(request.leader, request.epoch)) {
    return answer(token, *error, EndEpochReply());
  }
  if (!learn(request.epoch, request.leader, request.endpoints)) {
    return answer(token, ErrorCode::invalid_request, EndEpochReply());
  }
  if (auto* follower = std::get_if<Follower>(&role_);
      follower != nullptr && follower->leader == request.leader) {
    follower->fetch_until = now_ + succession_pause(request.preferred);
  }
  answer(token, ErrorCode::none, EndEpochReply());
}

// The best successor stands at once, each further one later, so that they do not split the votes.
Duration Core::succession_pause(std::span<const ReplicaKey> successors) const {
  const auto own =
      std::ranges::find_if(successors, [this](const ReplicaKey& key) { return key.covers(self()); });
  const auto position = static_cast<std::size_t>(own - successors.begin());
  const Duration longest = options_.timing.election_backoff_max;
  if (position == 0 && !successors.empty()) return Duration::zero();
  if (position >= successors.size() || successors.size() > 31) return longest;
  const Duration shortest = longest / (std::int64_t{1} << (successors.size() - 1));
  return std::min(longest, shortest * (std::int64_t{1} << (position - 1)));
}

// What every reply of the quorum says of epoch and leader. Nothing: go on with the reply itself; else whether it was
// handled well.
std::optional<bool> Core::handle_head(NodeId from, const Reply& reply) {
  if (reply.top != ErrorCode::none) return false;
  if (reply.epoch > kGreatestEpoch) return false;
  const LeaderEpoch before = election_.epoch;
  const bool led = leader() != kNoNode;
  if (reply.epoch < before || reply.error == ErrorCode::unknown_leader_epoch) return false;
  const bool redirected =
      reply.error == ErrorCode::fenced_leader_epoch || reply.error == ErrorCode::not_leader_or_follower;
  if (reply.epoch > before || redirected) {
    (void)learn(reply.epoch, reply.leader, reply.leader_endpoints);
    return election_.epoch != before;
  }
  if (reply.leader != kNoNode && !led) {
    if (!learn(reply.epoch, reply.leader, reply.leader_endpoints)) return false;
    if (reply.error != ErrorCode::none) return true;
    return std::nullopt;
  }
  if (reply.error == ErrorCode::invalid_request) {
    oddity("node " + from.to_string() + " calls a request of this node invalid");
  }
  if (reply.error != ErrorCode::none) return false;
  return std::nullopt;
}

bool Core::handle(NodeId from, const Reply& reply, const VoteReply& vote) {
  if (reply.top == ErrorCode::unsupported_version && std::holds_alternative<Prospective>(role_)) {
    // A voter that does not know the pre-vote yet.
    become_candidate();
    return true;
  }
  if (const std::optional<bool> done = handle_head(from, reply)) return *done;
  if (auto* prospective = std::get_if<Prospective>(&role_)) {
    prospective->ballots.record(from, vote.granted);
    if (prospective->ballots.won()) {
      become_candidate();
    } else if (prospective->ballots.lost()) {
      after_lost_pre_vote();
    }
  } else if (auto* candidate = std::get_if<Candidate>(&role_)) {
    candidate->ballots.record(from, vote.granted);
    if (candidate->ballots.won()) become_leader(Ballots(candidate->ballots));
  }
  return true;
}

bool Core::handle(NodeId from, const Reply& reply, const BeginEpochReply&) {
  return handle_head(from, reply).value_or(true);
}

bool Core::handle(NodeId from, const Reply& reply, const EndEpochReply&) {
  if (const std::optional<bool> done = handle_head(from, reply)) return *done;
  if (auto* resigned = std::get_if<Resigned>(&role_)) std::erase(resigned->untold, from);
  return true;
}

}  // namespace ottla::raft
