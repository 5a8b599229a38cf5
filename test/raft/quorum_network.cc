// Messages between simulated replicas: late, lost, doubled, in any order.
#include <algorithm>
#include <charconv>
#include <utility>

#include "test/raft/simulated_replica.h"

namespace ottla::raft {

bool QuorumSimulation::cut(const Replica& from, const Replica& to) {
  const auto between = from.troubles.cut_to.find(to.index);
  const bool parted = between != from.troubles.cut_to.end() && between->second > 0;
  if (from.troubles.mute == 0 && to.troubles.deaf == 0 && !parted) return false;
  outcome_.strikes.add(sim::Strike::bytes_held);
  return true;
}

Duration QuorumSimulation::travel(const Replica& from, const Replica& to) {
  Duration time =
      std::chrono::microseconds(random_.between(100, 2000)) + from.troubles.slow_link + to.troubles.slow_link;
  if (troubled_ && random_.chance(1, 100)) time += std::chrono::milliseconds(random_.between(1, 60));
  return time;
}

void QuorumSimulation::send(Replica& from, const Outgoing& outgoing) {
  std::size_t index = replicas_.size();
  const std::string& host = outgoing.to.host;
  (void)std::from_chars(host.data(), host.data() + host.size(), index);
  if (index >= replicas_.size()) return violate("a request to an unknown host " + host);
  Replica& to = *replicas_[index];
  from.in_flight[outgoing.correlation] = index;
  const std::uint64_t life = from.life;
  note(from, sim::TraceKind::send, outgoing.correlation, outgoing.request.body.index(),
       [&] { return "asks " + to.name + ", kind " + std::to_string(outgoing.request.body.index()); });
  // A connection to a dead process is refused, unless its machine is gone.
  if (!to.alive() || (troubled_ && random_.chance(1, 200))) {
    if (random_.chance(1, 2)) return;
    const Correlation correlation = outgoing.correlation;
    after(travel(from, to), [this, &from, life, correlation] {
      if (from.life != life) return;
      from.in_flight.erase(correlation);
      input(from, [correlation, this](Core& core) { core.request_failed(correlation, now_); });
    });
    return;
  }
  const int copies = troubled_ && random_.chance(1, 100) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    after(travel(from, to), [this, &from, &to, life, outgoing] { deliver(from, to, life, outgoing); });
  }
}

void QuorumSimulation::deliver(Replica& from, Replica& to, std::uint64_t life, const Outgoing& outgoing) {
  if (!to.alive() || cut(from, to)) return;
  const RequestToken token = ++tokens_;
  to.asked[token] = {from.index, life, outgoing.correlation, outgoing.request};
  if (std::holds_alternative<VersionsRequest>(outgoing.request.body)) {
    Reply reply;
    reply.body = VersionsReply{VersionRange{kStaticVoters, kLatestKRaftVersion}};
    return send_answer(to, {token, std::move(reply)});
  }
  input(to, [token, request = outgoing.request, this](Core& core) { core.request(token, request, now_); });
}

void QuorumSimulation::send_answer(Replica& from, const Answer& answer) {
  const auto waiting = from.asked.find(answer.token);
  if (waiting == from.asked.end()) return;
  const Replica::Waiting asked = std::move(waiting->second);
  from.asked.erase(waiting);
  Reply reply = answer.reply;
  judge_->answers(*from.core, *from.disk, asked.request, reply);
  fill(from, reply);
  const auto* vote = std::get_if<VoteRequest>(&asked.request.body);
  if (vote != nullptr && vote->pre_vote && scenario_.plant == Plant::grant_pre_votes) {
    std::get<VoteReply>(reply.body).granted = true;
  }
  if (asked.from >= replicas_.size()) return;  // a client, who does not care
  Replica& to = *replicas_[asked.from];
  // What a replica finds in the snapshot when it is complete.
  std::vector<ControlEntry> control;
  const auto* piece = std::get_if<FetchSnapshotReply>(&reply.body);
  if (piece != nullptr) control = from.disk->control_in(piece->snapshot);
  after(travel(from, to), [this, &from, &to, asked, reply = std::move(reply), control = std::move(control)] {
    if (to.life != asked.life || cut(from, to)) return;
    to.in_flight.erase(asked.correlation);
    const auto* piece = std::get_if<FetchSnapshotReply>(&reply.body);
    if (piece != nullptr && !piece->bytes.empty()) to.loading[piece->snapshot] = control;
    note(to, sim::TraceKind::receive, asked.correlation, static_cast<std::uint64_t>(reply.error), [&] {
      return "hears from " + from.name + ", error " + std::to_string(static_cast<int>(reply.error));
    });
    input(to, [correlation = asked.correlation, reply, this](Core& core) {
      core.reply(correlation, reply, now_);
    });
  });
}

// What the transport adds: batches of the log, bytes of the snapshot.
void QuorumSimulation::fill(Replica& from, Reply& reply) {
  static const Slice kPiece = Slice::copy_of(std::string(256, 's'));
  if (auto* fetch = std::get_if<FetchReply>(&reply.body); fetch != nullptr && fetch->read_from) {
    Offset next = *fetch->read_from;
    const std::int64_t most = random_.between(1, 20);
    for (std::int64_t i = 0; i < most; ++i) {
      const Batch* batch = from.disk->find(next);
      if (batch == nullptr || batch->base != next) break;
      fetch->batches.push_back(*batch);
      next = batch->last + 1;
    }
  }
  auto* piece = std::get_if<FetchSnapshotReply>(&reply.body);
  if (piece == nullptr || piece->size == 0) return;
  const std::int64_t size =
      std::min({piece->size - piece->position, std::int64_t{piece->max_bytes}, std::int64_t{256}});
  piece->bytes = kPiece.subslice(0, static_cast<std::size_t>(size));
}

}  // namespace ottla::raft
