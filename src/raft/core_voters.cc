// Voters that come, go and move: one change at a time, behind a commit of the leader's own epoch.
#include <utility>

#include "raft/core.h"

namespace ottla::raft {

// Why no voter can be added or removed now. `verb`: "added", "removed".
std::optional<Core::Refusal> Core::refusal_of_change(const char* verb) {
  auto& leader = std::get<Leader>(role_);
  expire_change(leader);
  if (leader.change) {
    return Refusal{ErrorCode::request_timed_out, "another change of voters is under way"};
  }
  const std::optional<Offset> high_watermark = leader.replication.high_watermark();
  if (!high_watermark) {
    return Refusal{ErrorCode::request_timed_out, "this leader has not committed a record of its epoch yet"};
  }
  if (history_.kraft_version() < kDynamicVoters) {
    return Refusal{ErrorCode::unsupported_version, std::string("no voter can be ") + verb +
                                                       " while kraft.version is " +
                                                       std::to_string(history_.kraft_version())};
  }
  const std::optional<Offset> record = history_.voters_offset();
  if (!record || *record >= *high_watermark) {
    return Refusal{ErrorCode::request_timed_out, "the change of voters before is not committed yet"};
  }
  return std::nullopt;
}

void Core::handle(RequestToken token, const AddVoterRequest& request) {
  const auto refuse_it = [&](ErrorCode error, std::string message) {
    answer(token, error, VoterChangeReply(), std::move(message));
  };
  if (const std::optional<ErrorCode> error = check_for_leader(election_.epoch)) return refuse_it(*error, {});
  if (request.voter.id < NodeId(0) || !request.voter.has_directory()) {
    return refuse_it(ErrorCode::invalid_request, "a voter is a node and its directory id");
  }
  if (request.endpoints.find(options_.listener) == nullptr) {
    return refuse_it(ErrorCode::invalid_request,
                     "the voter has no endpoint for listener " + options_.listener);
  }
  if (std::optional<Refusal> refusal = refusal_of_change("added")) {
    return refuse_it(refusal->error, std::move(refusal->message));
  }
  if (history_.voters().contains(request.voter.id)) {
    return refuse_it(
        ErrorCode::duplicate_voter,
        "node " + request.voter.id.to_string() + " is one of the voters " + history_.voters().to_string());
  }
  const std::optional<Destination> to = voter_address(request.voter.id, request.endpoints);
  if (!connections_.ready(to->id, now_)) {
    return refuse_it(ErrorCode::request_timed_out,
                     "voter " + request.voter.to_string() + " cannot be asked now");
  }
  VoterChange change;
  change.token = token;
  change.addition = true;
  change.asked = request;
  change.probe = send(*to, VersionsRequest());
  change.until = now_ + options_.timing.request_timeout;
  std::get<Leader>(role_).change = std::move(change);
}

bool Core::handle(NodeId from, const Reply& reply, const VersionsReply& versions) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr || !leader->change || !leader->change->addition || leader->change->record)
    return true;
  VoterChange& change = *leader->change;
  if (change.asked.voter.id != from) return true;
  change.probe.reset();
  if (reply.top != ErrorCode::none || reply.error != ErrorCode::none) {
    end_change(ErrorCode::request_timed_out, "the new voter did not say which versions it knows");
    return false;
  }
  if (!versions.kraft_versions || !versions.kraft_versions->contains(history_.kraft_version())) {
    end_change(ErrorCode::invalid_request,
               "the new voter does not know kraft.version " + std::to_string(history_.kraft_version()));
    return true;
  }
  if (!leader->replication.caught_up(change.asked.voter, now_)) {
    end_change(ErrorCode::request_timed_out, "the new voter has not caught up with the log");
    return true;
  }
  const std::optional<VoterSet> voters =
      history_.voters().with({change.asked.voter, change.asked.endpoints, *versions.kraft_versions});
  if (!voters) {
    end_change(ErrorCode::duplicate_voter, "its node is a voter by now");
    return true;
  }
  change.record = log_.end();
  if (!change.asked.ack_when_committed) {
    change.answered = true;
    answer(change.token, ErrorCode::none, VoterChangeReply());
  }
  append_control({VotersChange{*voters}});
  return true;
}

void Core::handle(RequestToken token, const RemoveVoterRequest& request) {
  const auto refuse_it = [&](ErrorCode error, std::string message) {
    answer(token, error, VoterChangeReply(), std::move(message));
  };
  if (const std::optional<ErrorCode> error = check_for_leader(election_.epoch)) return refuse_it(*error, {});
  if (request.voter.id < NodeId(0) || !request.voter.has_directory()) {
    return refuse_it(ErrorCode::invalid_request, "a voter is a node and its directory id");
  }
  if (std::optional<Refusal> refusal = refusal_of_change("removed")) {
    return refuse_it(refusal->error, std::move(refusal->message));
  }
  const std::optional<VoterSet> voters = history_.voters().without(request.voter);
  if (!voters) {
    return refuse_it(
        ErrorCode::voter_not_found,
        request.voter.to_string() + " cannot be removed from the voters " + history_.voters().to_string());
  }
  VoterChange change;
  change.token = token;
  change.record = log_.end();
  change.until = now_ + options_.timing.request_timeout;
  std::get<Leader>(role_).change = std::move(change);
  append_control({VotersChange{*voters}});
}

void Core::handle(RequestToken token, const UpdateVoterRequest& request) {
  if (const std::optional<ErrorCode> error = check_for_leader(request.epoch)) {
    return answer(token, *error, VoterChangeReply());
  }
  const VersionRange& versions = request.voter.kraft_versions;
  const bool senseless = request.voter.key.id < NodeId(0) || !request.voter.key.has_directory() ||
                         request.voter.endpoints.find(options_.listener) == nullptr || versions.least < 0 ||
                         versions.greatest < versions.least;
  if (senseless) return answer(token, ErrorCode::invalid_request, VoterChangeReply());
  Refusal outcome = update_voter(std::get<Leader>(role_), request);
  answer(token, outcome.error, VoterChangeReply(), std::move(outcome.message));
}

Core::Refusal Core::update_voter(Leader& role, const UpdateVoterRequest& request) {
  expire_change(role);
  const std::optional<Offset> high_watermark = role.replication.high_watermark();
  if (role.change || !high_watermark) return {ErrorCode::request_timed_out, {}};
  const bool dynamic = history_.kraft_version() >= kDynamicVoters;
  if (dynamic) {
    const std::optional<Offset> record = history_.voters_offset();
    if (!record || *record >= *high_watermark) return {ErrorCode::request_timed_out, {}};
  } else if (!role.reported_voters) {
    return {ErrorCode::request_timed_out, {}};
  }
  if (!request.voter.kraft_versions.contains(history_.kraft_version()))
    return {ErrorCode::invalid_request, {}};
  const std::optional<VoterSet> voters = dynamic ? history_.voters().updated(request.voter)
                                                 : role.reported_voters->updated_by_node(request.voter);
  if (!voters) return {ErrorCode::voter_not_found, {}};
  role.replication.heard_from(request.voter.key, now_);
  if (dynamic) {
    append_control({VotersChange{*voters}});
  } else {
    role.reported_voters = voters;
  }
  return {};
}

Result<void> Core::raise_kraft_version(LeaderEpoch epoch, std::int16_t version, bool only_check,
                                       Instant now) {
  now_ = now;
  const auto refuse_it = [](std::string text) { return Error(Errc::invalid_argument, std::move(text)); };
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr || epoch != election_.epoch)
    return refuse_it("this node does not lead the metadata quorum");
  const std::int16_t present = history_.kraft_version();
  if (version == present) return {};
  if (version < present) return refuse_it("kraft.version cannot be lowered");
  if (version > kLatestKRaftVersion) return refuse_it("this kraft.version is not known here");
  if (!leader->reported_voters || !leader->reported_voters->supports(version)) {
    return refuse_it("not every voter has said that it knows kraft.version " + std::to_string(version));
  }
  if (!leader->reported_voters->knows_all_directories())
    return refuse_it("not every voter's directory is known");
  if (only_check) return {};
  const VoterSet voters = *std::exchange(leader->reported_voters, std::nullopt);
  append_control({KRaftVersionChange{version}, VotersChange{voters}});
  run();
  return {};
}

// Nobody asks a core for its versions: who serves the API answers.
void Core::handle(RequestToken token, const VersionsRequest&) {
  answer(token, ErrorCode::none, VersionsReply{options_.kraft_versions});
}

bool Core::handle(NodeId, const Reply&, const DescribeReply&) {
  return false;
}

// The leader's word on what this replica asked for itself.
bool Core::handle(NodeId from, const Reply& reply, const VoterChangeReply&) {
  if (reply.epoch >= LeaderEpoch(0)) {
    const bool about_leader = reply.error == ErrorCode::none ||
                              reply.error == ErrorCode::fenced_leader_epoch ||
                              reply.error == ErrorCode::not_leader_or_follower;
    if (about_leader) {
      if (const std::optional<bool> done = handle_head(from, reply)) return *done;
    }
  }
  auto* follower = std::get_if<Follower>(&role_);
  if (follower == nullptr) return false;
  follower->voters_at = now_ + options_.timing.fetch_timeout;
  if (reply.top == ErrorCode::none && is_voter() &&
      (reply.error == ErrorCode::none || reply.error == ErrorCode::unsupported_version)) {
    follower->has_reported = true;
    fetched(*follower);
  }
  return reply.top == ErrorCode::none && reply.error == ErrorCode::none;
}

void Core::end_change(ErrorCode error, std::string message) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr || !leader->change) return;
  const VoterChange change = *std::exchange(leader->change, std::nullopt);
  if (!change.answered) answer(change.token, error, VoterChangeReply(), std::move(message));
}

void Core::expire_change(Leader& role) {
  if (role.change && now_ >= role.change->until) {
    end_change(ErrorCode::request_timed_out, "the voters did not commit the change in time");
  }
}

// The high watermark advanced: perhaps past the record of the change that is under way.
void Core::voters_committed(Leader& role) {
  const Offset committed = *role.replication.high_watermark();
  if (role.change && role.change->record && committed > *role.change->record) end_change(ErrorCode::none, {});
  const std::optional<Offset> record = history_.voters_offset();
  if (record && committed > *record && !is_voter()) role.resign_asked = true;
}

}  // namespace ottla::raft
