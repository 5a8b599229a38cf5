#include "raft/core.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace ottla::raft {
namespace {

// Numbers of bootstrap servers, far from those of nodes.
constexpr std::int32_t kFirstBootstrap = -1000;

// The body of a reply to such a request, as empty as it can be.
decltype(Reply::body) empty_reply_to(const decltype(Request::body)& request) {
  struct Bodies {
    decltype(Reply::body) operator()(const VoteRequest&) const { return VoteReply(); }
    decltype(Reply::body) operator()(const BeginEpochRequest&) const { return BeginEpochReply(); }
    decltype(Reply::body) operator()(const EndEpochRequest&) const { return EndEpochReply(); }
    decltype(Reply::body) operator()(const FetchRequest&) const { return FetchReply(); }
    decltype(Reply::body) operator()(const FetchSnapshotRequest&) const { return FetchSnapshotReply(); }
    decltype(Reply::body) operator()(const DescribeRequest&) const { return DescribeReply(); }
    decltype(Reply::body) operator()(const VersionsRequest&) const { return VersionsReply(); }
    decltype(Reply::body) operator()(const AddVoterRequest&) const { return VoterChangeReply(); }
    decltype(Reply::body) operator()(const RemoveVoterRequest&) const { return VoterChangeReply(); }
    decltype(Reply::body) operator()(const UpdateVoterRequest&) const { return VoterChangeReply(); }
  };
  return std::visit(Bodies(), request);
}

}  // namespace

Core::Core(CoreOptions options, Recovered recovered, Random random, Instant now)
    : options_(std::move(options)),
      random_(random),
      now_(now),
      wake_at_(now),
      election_(recovered.election),
      log_(std::move(recovered.log)),
      durable_end_(log_.end()),
      history_(options_.configured_voters),
      committed_(log_.start()),
      connections_(options_.timing.retry_backoff, options_.timing.request_timeout) {
  OTTLA_INVARIANT(self().id >= NodeId(0), "a replica without a number", self().id);
  history_.add_all(recovered.control);
  std::int32_t number = kFirstBootstrap;
  for (const Endpoint& server : options_.bootstrap) {
    bootstrap_.push_back({NodeId(number--), server.host, server.port});
  }
  role_ = first_role();
  if (history_.voters().is_only_voter(self())) {
    if (auto* candidate = std::get_if<Candidate>(&role_)) {
      become_leader(Ballots(candidate->ballots));
    } else {
      become_prospective();
    }
  }
  run();
}

void Core::request(RequestToken token, const Request& request, Instant now) {
  now_ = now;
  const bool foreign = !request.cluster.empty() && request.cluster != options_.cluster;
  const bool checked = !std::holds_alternative<DescribeRequest>(request.body) &&
                       !std::holds_alternative<VersionsRequest>(request.body);
  if (foreign && checked) {
    refuse(token, ErrorCode::inconsistent_cluster_id, empty_reply_to(request.body));
  } else {
    std::visit([&](const auto& body) { handle(token, body); }, request.body);
  }
  run();
}

void Core::reply(Correlation correlation, const Reply& reply, Instant now) {
  now_ = now;
  if (const std::optional<NodeId> from = connections_.expected(correlation, now)) {
    const bool well = std::visit([&](const auto& body) { return handle(*from, reply, body); }, reply.body);
    connections_.ended(correlation, well, now);
  }
  run();
}

void Core::request_failed(Correlation correlation, Instant now) {
  now_ = now;
  connections_.ended(correlation, false, now);
  if (auto* leader = std::get_if<Leader>(&role_); leader != nullptr && leader->change) {
    if (leader->change->probe == correlation) {
      end_change(ErrorCode::request_timed_out,
                 "Aborted add voter operation for since API_VERSIONS returned an error BROKER_NOT_AVAILABLE");
    }
  }
  run();
}

void Core::tick(Instant now) {
  now_ = now;
  run();
}

std::optional<Offset> Core::append(LeaderEpoch epoch, std::int32_t count, Slice bytes, Instant now) {
  now_ = now;
  OTTLA_INVARIANT(count > 0, "an append without records", count);
  if (!leading() || epoch != election_.epoch) return std::nullopt;
  Batch batch{log_.end(), log_.end() + (count - 1), epoch, {}, std::move(bytes)};
  const Offset last = batch.last;
  log_.append(epoch, last + 1);
  outbox_.step(AppendToLog{{std::move(batch)}});
  log_grew();
  run();
  return last;
}

void Core::election_saved(std::uint64_t version, Instant now) {
  now_ = now;
  outbox_.election_saved(version);
  run();
}

void Core::log_synced(Offset end, std::uint64_t generation, Instant now) {
  now_ = now;
  if (generation == generation_) durable_end_ = std::max(durable_end_, std::min(end, log_.end()));
  if (auto* leader = std::get_if<Leader>(&role_)) {
    if (leader->replication.update_self(durable_end_)) committed_by_majority();
  }
  run();
}

void Core::snapshot_taken(const SnapshotFile& snapshot) {
  OTTLA_INVARIANT(snapshot.id.offset <= committed_, "a snapshot of what is not committed", snapshot.id.offset,
                  committed_);
  log_.add_snapshot(snapshot);
}

void Core::log_begins_at(const LogPosition& snapshot) {
  log_.begin_at(snapshot);
  history_.begin_at(snapshot.offset);
}

void Core::resign(LeaderEpoch epoch, Instant now) {
  now_ = now;
  if (auto* leader = std::get_if<Leader>(&role_); leader != nullptr && epoch == election_.epoch) {
    leader->resign_asked = true;
  }
  run();
}

void Core::shut_down(Duration patience, Instant now) {
  now_ = now;
  if (!shutdown_until_) shutdown_until_ = now + patience;
  run();
}

void Core::run() {
  wake_at_ = Instant::max();
  // Each turn enters another role; a cycle of them needs time to pass.
  for (int turns = 0; !finish_shutdown() && poll(); ++turns) {
    OTTLA_INVARIANT(turns < 16, "roles follow each other without end", election_.epoch);
    wake_at_ = Instant::max();
  }
  tell_leader();
}

std::size_t Core::observers(Instant now) const {
  const auto* leader = std::get_if<Leader>(&role_);
  return leader != nullptr ? leader->replication.observer_count(now) : 0;
}

bool Core::poll() {
  return std::visit([this](auto& role) { return poll_role(role); }, role_);
}

bool Core::finish_shutdown() {
  if (!shutdown_until_ || shut_down_) return shut_down_;
  const bool late = now_ >= *shutdown_until_;
  const bool led = leader() != kNoNode && leader() != self().id;
  if (!late && is_voter() && !history_.voters().is_only_voter(self()) && !led) return false;
  shut_down_ = true;
  outbox_.notice(ShutDown{!late});
  return true;
}

void Core::tell_leader() {
  // A replica that resigned is still known to others as this epoch's leader, but acts as one no more.
  const bool resigned = std::holds_alternative<Resigned>(role_);
  const LeaderChanged news{resigned ? kNoNode : leader(), election_.epoch};
  if (told_leader_ && told_leader_->leader == news.leader && told_leader_->epoch == news.epoch) return;
  told_leader_ = news;
  outbox_.notice(news);
}

void Core::advance_committed(Offset high_watermark) {
  if (high_watermark <= committed_) return;
  committed_ = high_watermark;
  outbox_.notice(Committed{committed_});
}

std::optional<Destination> Core::voter_address(NodeId voter, const Endpoints& known) const {
  const Endpoints endpoints = known.empty() ? history_.voters().endpoints(voter) : known;
  const Endpoint* endpoint = endpoints.find(options_.listener);
  // The reference's replies name one address, without its listener.
  if (endpoint == nullptr && endpoints.size() == 1) endpoint = &endpoints.list().front();
  if (endpoint == nullptr) return std::nullopt;
  return Destination{voter, endpoint->host, endpoint->port};
}

Correlation Core::send(Destination to, decltype(Request::body) body) {
  const Correlation correlation = connections_.sent(to.id, now_);
  outbox_.send({correlation, std::move(to), Request{{}, std::move(body)}});
  return correlation;
}

bool Core::send_if_ready(const std::optional<Destination>& to, decltype(Request::body) body) {
  if (!to) return false;
  const bool ready = connections_.ready(to->id, now_);
  if (ready) send(*to, std::move(body));
  wake(connections_.next_chance(to->id, now_));
  return ready;
}

void Core::answer(RequestToken token, ErrorCode error, decltype(Reply::body) body, std::string message) {
  outbox_.answer({token, Reply{ErrorCode::none, error, std::move(message), leader(), election_.epoch,
                               leader_endpoints(), std::move(body)}});
}

void Core::refuse(RequestToken token, ErrorCode top, decltype(Reply::body) body) {
  outbox_.answer({token, Reply{top, ErrorCode::none, {}, kNoNode, kUnknownLeaderEpoch, {}, std::move(body)}});
}

}  // namespace ottla::raft
