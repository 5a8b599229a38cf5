// What a leader does for its replicas: it lets them fetch, counts what they have, and tells what is committed.
#include <algorithm>
#include <limits>
#include <utility>

#include "raft/core.h"

namespace ottla::raft {
namespace {

// A fetch waits in each connection of a replica. More than this are no replicas, and do not wait.
constexpr std::size_t kMostParked = 4096;

ReplicaStatus status_of(const ReplicaProgress& progress, Instant now) {
  ReplicaStatus status;
  status.key = progress.key;
  status.end = progress.end.value_or(Offset(-1));
  if (progress.fetched) status.since_fetch = now - *progress.fetched;
  if (progress.caught_up) status.since_caught_up = now - *progress.caught_up;
  return status;
}

}  // namespace

std::optional<ErrorCode> Core::check_for_leader(LeaderEpoch epoch) const {
  if (epoch < election_.epoch) return ErrorCode::fenced_leader_epoch;
  if (epoch > election_.epoch) return ErrorCode::unknown_leader_epoch;
  if (!leading()) return ErrorCode::not_leader_or_follower;
  if (shutdown_until_) return ErrorCode::broker_not_available;
  return std::nullopt;
}

void Core::handle(RequestToken token, const FetchRequest& request) {
  const bool senseless = request.max_wait < Duration::zero() || request.end.offset < Offset(0) ||
                         request.end.epoch < LeaderEpoch(0) || request.end.epoch > request.epoch;
  if (senseless) return answer(token, ErrorCode::invalid_request, FetchReply());
  if (const std::optional<ErrorCode> error = check_for_leader(request.epoch)) {
    return answer(token, *error, FetchReply());
  }
  if (request.replica.id == self().id) return answer(token, ErrorCode::unknown_server_error, FetchReply());
  FetchReply reply = try_fetch(request);
  auto* leader = std::get_if<Leader>(&role_);
  const bool news = reply.read_from || reply.diverging || reply.snapshot ||
                    request.high_watermark < reply.high_watermark || request.max_wait == Duration::zero();
  if (news || leader->parked.size() >= kMostParked) {
    return answer(token, ErrorCode::none, std::move(reply));
  }
  leader->parked.push_back({token, request, now_ + request.max_wait});
}

// Counts what the fetcher has, too.
FetchReply Core::try_fetch(const FetchRequest& request) {
  FetchReply reply = fetch_reply(request);
  auto& leader = std::get<Leader>(role_);
  if (!reply.diverging && !reply.snapshot) {
    if (leader.replication.update(request.replica, request.end.offset, log_.end(), now_)) {
      committed_by_majority();
      reply.high_watermark = leader.replication.high_watermark().value_or(Offset(-1));
    }
  }
  return reply;
}

FetchReply Core::fetch_reply(const FetchRequest& request) const {
  FetchReply reply;
  reply.log_start = log_.start();
  const auto& leader = std::get<Leader>(role_);
  reply.high_watermark = leader.replication.high_watermark().value_or(Offset(-1));
  LogShape::Answer answer = log_.compare_with(request.end);
  const std::optional<LogPosition> latest = log_.latest_snapshot();
  // Who begins does so with a snapshot rather than with all that led to it.
  if (request.end.offset == Offset(0) && latest && *latest != kBootstrapSnapshot) {
    answer = {LogShape::Verdict::snapshot, *latest};
  }
  switch (answer.verdict) {
    case LogShape::Verdict::diverging:
      reply.diverging = answer.at;
      break;
    case LogShape::Verdict::snapshot:
      reply.snapshot = answer.at;
      break;
    case LogShape::Verdict::valid:
      if (request.end.offset < log_.end()) reply.read_from = request.end.offset;
      reply.max_bytes = std::clamp(request.max_bytes, 0, options_.fetch_max_bytes);
      break;
  }
  return reply;
}

// Answers the fetches that wait for less than the log has now, or all of them.
void Core::retry_parked(bool all) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return;
  std::vector<ParkedFetch> due;
  std::vector<ParkedFetch> waiting;
  for (ParkedFetch& fetch : leader->parked) {
    const bool news = all || fetch.request.end.offset < log_.end();
    (news ? due : waiting).push_back(std::move(fetch));
  }
  leader->parked = std::move(waiting);
  for (const ParkedFetch& fetch : due) answer(fetch.token, ErrorCode::none, try_fetch(fetch.request));
}

void Core::expire_parked(Leader& role) {
  std::erase_if(role.parked, [this](const ParkedFetch& fetch) {
    if (now_ < fetch.until) return false;
    answer(fetch.token, ErrorCode::none, fetch_reply(fetch.request));
    return true;
  });
}

void Core::handle(RequestToken token, const FetchSnapshotRequest& request) {
  if (const std::optional<ErrorCode> error = check_for_leader(request.epoch)) {
    return answer(token, *error, FetchSnapshotReply());
  }
  if (request.replica.id == self().id)
    return answer(token, ErrorCode::unknown_server_error, FetchSnapshotReply());
  const SnapshotFile* snapshot = log_.find_snapshot(request.snapshot);
  if (snapshot == nullptr || snapshot->id == kBootstrapSnapshot) {
    return answer(token, ErrorCode::snapshot_not_found, FetchSnapshotReply());
  }
  if (request.position < 0 || request.position >= snapshot->size) {
    return answer(token, ErrorCode::position_out_of_range, FetchSnapshotReply());
  }
  FetchSnapshotReply reply{snapshot->id, snapshot->size, request.position, 0, {}};
  reply.max_bytes = std::clamp(request.max_bytes, 0, options_.snapshot_max_bytes);
  std::get<Leader>(role_).replication.heard_from(request.replica, now_);
  answer(token, ErrorCode::none, std::move(reply));
}

void Core::handle(RequestToken token, const DescribeRequest&) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return answer(token, ErrorCode::not_leader_or_follower, DescribeReply());
  DescribeReply reply;
  reply.high_watermark = leader->replication.high_watermark().value_or(Offset(-1));
  const auto own_too = [this](ReplicaStatus status) {
    if (status.key.id == self().id) {
      status.end = log_.end();
      status.since_fetch = status.since_caught_up = Duration::zero();
    }
    return status;
  };
  for (const auto& [node, progress] : leader->replication.voters()) {
    ReplicaStatus status = own_too(status_of(progress, now_));
    status.endpoints = history_.voters().endpoints(node);
    reply.voters.push_back(std::move(status));
  }
  for (const auto& [key, progress] : leader->replication.observers(now_)) {
    reply.observers.push_back(own_too(status_of(progress, now_)));
  }
  answer(token, ErrorCode::none, std::move(reply));
}

void Core::append_control(std::vector<ControlRecord> records) {
  Batch batch{
      log_.end(), log_.end() + (static_cast<std::int64_t>(records.size()) - 1), election_.epoch, {}, {}};
  for (ControlRecord& record : records) {
    const auto place = static_cast<std::int64_t>(batch.control.size());
    batch.control.push_back({batch.base + place, std::move(record)});
  }
  history_.add_all(batch.control);
  log_.append(election_.epoch, batch.last + 1);
  outbox_.step(AppendToLog{{std::move(batch)}});
  log_grew();
}

// Voters in the log count from now on, and who waits for records has some to fetch.
void Core::log_grew() {
  auto& leader = std::get<Leader>(role_);
  bool advanced = leader.replication.set_voters(history_.voters());
  advanced = leader.replication.update_self(durable_end_) || advanced;
  if (advanced) committed_by_majority();
  retry_parked(false);
}

void Core::committed_by_majority() {
  auto* leader = std::get_if<Leader>(&role_);
  advance_committed(*leader->replication.high_watermark());
  voters_committed(*leader);
  retry_parked(true);
}

}  // namespace ottla::raft
