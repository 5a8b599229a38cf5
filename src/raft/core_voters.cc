// Voters that come, go and move: one change at a time, behind a commit of the leader's own epoch.
#include <fmt/format.h>

#include <utility>

#include "protocol/error_info.h"
#include "raft/core.h"
#include "raft/voter_texts.h"

namespace ottla::raft {

// Why no voter can be added or removed now. `verb`: "adding", "removing". All texts are the reference's.
std::optional<Core::Refusal> Core::refusal_of_change(const char* verb) {
  auto& leader = std::get<Leader>(role_);
  expire_change(leader);
  if (leader.change) {
    return Refusal{ErrorCode::request_timed_out,
                   "Request timed out waiting for leader to handle previous voter change request"};
  }
  const std::optional<Offset> high_watermark = leader.replication.high_watermark();
  if (!high_watermark) {
    return Refusal{ErrorCode::request_timed_out,
                   "Request timed out waiting for leader to establish HWM and fence previous voter changes"};
  }
  if (history_.kraft_version() < kDynamicVoters) {
    return Refusal{ErrorCode::unsupported_version,
                   fmt::format("Cluster doesn't support {} voter because the kraft.version feature is {}",
                               verb, history_.kraft_version())};
  }
  const std::optional<Offset> record = history_.voters_offset();
  if (!record || *record >= *high_watermark) {
    return Refusal{
        ErrorCode::request_timed_out,
        fmt::format(
            "Request timed out waiting for voters to commit the latest voter change at {} with HWM {}",
            record ? fmt::format("Optional[{}]", record->raw()) : "Optional.empty", high_watermark->raw())};
  }
  return std::nullopt;
}

void Core::handle(RequestToken token, const AddVoterRequest& request) {
  const auto refuse_it = [&](ErrorCode error, std::string message) {
    answer(token, error, VoterChangeReply(), std::move(message));
  };
  if (const std::optional<ErrorCode> error = check_for_leader(election_.epoch)) return refuse_it(*error, {});
  if (request.voter.id < NodeId(0) || !request.voter.has_directory()) {
    return refuse_it(ErrorCode::invalid_request, "Add voter request didn't include a valid voter");
  }
  if (request.endpoints.find(options_.listener) == nullptr) {
    return refuse_it(
        ErrorCode::invalid_request,
        fmt::format(
            "Add voter request didn't include the endpoint ({}) for the default listener ListenerName({})",
            told_endpoints(request.endpoints), options_.listener));
  }
  if (std::optional<Refusal> refusal = refusal_of_change("adding")) {
    return refuse_it(refusal->error, std::move(refusal->message));
  }
  if (history_.voters().contains(request.voter.id)) {
    return refuse_it(ErrorCode::duplicate_voter,
                     fmt::format("The voter id for {} is already part of the set of voters {}.",
                                 told_key(request.voter), told_keys(history_.voters())));
  }
  const std::optional<Destination> to = voter_address(request.voter.id, request.endpoints);
  if (!connections_.ready(to->id, now_)) {
    return refuse_it(ErrorCode::request_timed_out,
                     fmt::format("New voter {} is not ready to receive requests", told_key(request.voter)));
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
    const ErrorCode error = reply.top != ErrorCode::none ? reply.top : reply.error;
    end_change(ErrorCode::request_timed_out,
               fmt::format("Aborted add voter operation for since API_VERSIONS returned an error {}",
                           protocol::info_of(error).name));
    return false;
  }
  if (!versions.kraft_versions || !versions.kraft_versions->contains(history_.kraft_version())) {
    const VersionRange known = versions.kraft_versions.value_or(VersionRange());
    end_change(
        ErrorCode::invalid_request,
        fmt::format("Aborted add voter operation for {} since the kraft.version range (min: {}, max: {}) "
                    "doesn't support the finalized version {}",
                    told_key(change.asked.voter), known.least, known.greatest, history_.kraft_version()));
    return true;
  }
  if (!leader->replication.caught_up(change.asked.voter, now_)) {
    end_change(ErrorCode::request_timed_out,
               fmt::format("Aborted add voter operation for {} since it is lagging behind",
                           told_key(change.asked.voter)));
    return true;
  }
  const std::optional<VoterSet> voters =
      history_.voters().with({change.asked.voter, change.asked.endpoints, *versions.kraft_versions});
  if (!voters) {
    end_change(ErrorCode::duplicate_voter,
               fmt::format("Unable to add {} to the set of voters {}", told_key(change.asked.voter),
                           told_keys(history_.voters())));
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
    return refuse_it(ErrorCode::invalid_request, "Remove voter request didn't include a valid voter");
  }
  if (std::optional<Refusal> refusal = refusal_of_change("removing")) {
    return refuse_it(refusal->error, std::move(refusal->message));
  }
  const std::optional<VoterSet> voters = history_.voters().without(request.voter);
  if (!voters) {
    return refuse_it(ErrorCode::voter_not_found,
                     fmt::format("Cannot remove voter {} from the set of voters {}", told_key(request.voter),
                                 told_keys(history_.voters())));
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
  if (leader == nullptr) {
    return refuse_it("Upgrade kraft version failed because the replica is not the current leader");
  }
  if (epoch < election_.epoch) {
    return refuse_it(fmt::format(
        "Upgrade kraft version failed because the given epoch {} is stale. Current leader epoch is {}",
        epoch.raw(), election_.epoch.raw()));
  }
  if (epoch > election_.epoch) {
    return refuse_it(
        fmt::format("Attempt to append from epoch {} which is larger than the current epoch of {}",
                    epoch.raw(), election_.epoch.raw()));
  }
  const std::int16_t present = history_.kraft_version();
  if (version == present) return {};
  if (version < present) {
    return refuse_it(fmt::format(
        "Invalid upgrade of kraft.version from version {} to {} because the new version is a downgrade",
        told_kraft_version(present), told_kraft_version(version)));
  }
  const bool known = version <= kLatestKRaftVersion && leader->reported_voters;
  if (!known || !leader->reported_voters->supports(version)) {
    return refuse_it(
        fmt::format("Invalid upgrade of kraft.version to {} because not all of the voters support it",
                    told_kraft_version(version)));
  }
  if (!leader->reported_voters->knows_all_directories()) {
    return refuse_it(fmt::format("Directory id must be known for all of the voters: {}",
                                 told_keys(*leader->reported_voters)));
  }
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
    end_change(ErrorCode::request_timed_out, "The request timed out.");
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
