// What a driver does for its core: steps of the disk in order, syncs beside them, messages after them.
#include <algorithm>
#include <iterator>
#include <utility>

#include "test/raft/simulated_replica.h"

namespace ottla::raft {
namespace {

constexpr const char* kListener = "CONTROLLER";

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

void QuorumSimulation::start(Replica& replica) {
  if (replica.alive() || !good()) return;
  CoreOptions options;
  options.self = replica.key;
  options.cluster = "quorum";
  options.listener = kListener;
  // Another port in each life, so that voters have something to report.
  const auto port = static_cast<std::uint16_t>(9000 + (replica.life / 2) % 100);
  options.endpoints = Endpoints({{kListener, std::to_string(replica.index), port}});
  std::vector<VoterNode> configured;
  for (const auto& other : replicas_) {
    const Endpoint endpoint{kListener, std::to_string(other->index), 9000};
    if (other->index < first_voters_) options.bootstrap.push_back(endpoint);
    if (other->index < first_voters_)
      configured.push_back({{other->key.id, kZeroUuid}, Endpoints({endpoint}), {0, 0}});
  }
  if (!dynamic_) options.configured_voters = VoterSet(configured);
  options.auto_join = dynamic_ && replica.troubles.lost_disk;
  options.snapshot_max_bytes = 64;
  using std::chrono::milliseconds;
  options.timing = {milliseconds(100), milliseconds(150), milliseconds(100),
                    milliseconds(80),  milliseconds(5),   milliseconds(40)};
  Recovered recovered = replica.disk->recover(scenario_.plant != Plant::forget_voters);
  if (scenario_.plant == Plant::forget_vote) recovered.election.voted.reset();
  note(replica, sim::TraceKind::process, static_cast<std::uint64_t>(recovered.election.epoch.raw()),
       static_cast<std::uint64_t>(recovered.log.end().raw()), [&] {
         return "starts in epoch " + recovered.election.epoch.to_string() + ", log ends at " +
                recovered.log.end_position().to_string();
       });
  if (recovered.log.start() > Offset(0) && replica.disk->end() < recovered.log.end()) {
    replica.disk->restart(*recovered.log.latest_snapshot());
  }
  replica.core = std::make_unique<Core>(std::move(options), std::move(recovered), random_.fork(), now_);
  judge_->started(*replica.core);
  pump(replica);
}

void QuorumSimulation::stop(Replica& replica) {
  if (!replica.alive()) return;
  replica.core.reset();
  ++replica.life;
  replica.queue.clear();
  replica.next_step = 0;
  replica.writing = replica.syncing = false;
  replica.generation = 0;
  replica.armed.reset();
  replica.asked.clear();
  replica.in_flight.clear();
  replica.appends.clear();
  replica.loading.clear();
}

void QuorumSimulation::pump(Replica& replica) {
  Decisions decided = replica.core->take();
  const bool hasty = scenario_.plant == Plant::reply_before_save;
  for (std::size_t i = 0; i < decided.steps.size(); ++i) {
    // Two bugs of a driver in a hurry.
    const auto* save = std::get_if<SaveElection>(&decided.steps[i]);
    const bool append = std::holds_alternative<AppendToLog>(decided.steps[i]);
    if (save != nullptr && hasty) {
      replica.core->election_saved(save->version, now_);
    } else if (append && scenario_.plant == Plant::ack_before_sync) {
      replica.core->log_synced(replica.core->log().end(), replica.generation, now_);
    } else {
      continue;
    }
    Decisions more = replica.core->take();
    std::ranges::move(more.steps, std::back_inserter(decided.steps));
    std::ranges::move(more.requests, std::back_inserter(decided.requests));
    std::ranges::move(more.answers, std::back_inserter(decided.answers));
    std::ranges::move(more.notices, std::back_inserter(decided.notices));
  }
  judge_->watch(*replica.core, decided);
  take_notices(replica, std::exchange(decided.notices, {}));
  if (!replica.alive()) return;
  if (hasty) {
    Decisions messages;
    std::swap(messages.requests, decided.requests);
    std::swap(messages.answers, decided.answers);
    emit(replica, messages);
  }
  if (!decided.empty()) replica.queue.push_back(std::move(decided));
  arm(replica);
  work(replica);
}

void QuorumSimulation::take_notices(Replica& replica, const std::vector<Notice>& notices) {
  bool ended = false;
  for (const Notice& notice : notices) {
    std::visit(
        Overloaded{
            [&](const Committed& committed) {
              note(replica, sim::TraceKind::note, 1,
                   static_cast<std::uint64_t>(committed.high_watermark.raw()),
                   [&] { return "commits " + committed.high_watermark.to_string(); });
              std::erase_if(replica.appends, [&](const Replica::Append& append) {
                if (append.end > committed.high_watermark) return false;
                if (!replica.core->leading() || append.epoch != replica.core->epoch()) return true;
                ++outcome_.acknowledged;
                judge_->acknowledged(append.end);
                return true;
              });
            },
            [&](const LeaderChanged& change) {
              note(replica, sim::TraceKind::note, 2, static_cast<std::uint64_t>(change.epoch.raw()), [&] {
                return "knows leader " + change.leader.to_string() + " of epoch " + change.epoch.to_string();
              });
            },
            [&](const ShutDown&) { ended = true; },
            [&](const Oddity& oddity) {
              note(replica, sim::TraceKind::note, 3, 0, [&] { return oddity.text; });
              // Correct peers never do these.
              if (scenario_.plant == Plant::none) violate("replica " + replica.name + ": " + oddity.text);
            },
        },
        notice);
  }
  if (!ended) return;
  const std::uint64_t life = replica.life;
  after(Duration(0), [this, &replica, life] {
    if (replica.life == life) crash(replica, false);
    after(std::chrono::milliseconds(50), [this, &replica] {
      if (!replica.troubles.down) start(replica);
    });
  });
}

Duration QuorumSimulation::disk_time(Replica& replica, std::int64_t micros) {
  const Duration usual =
      std::chrono::microseconds(random_.between(micros / 2, micros * 2)) * replica.troubles.slow_disk;
  return usual + std::max(Duration(0), replica.troubles.stalled_until - now_);
}

// Carries out the next step; what stands behind the steps of one decision leaves after them.
void QuorumSimulation::work(Replica& replica) {
  if (!replica.alive() || replica.writing) return;
  while (!replica.queue.empty() && replica.next_step == replica.queue.front().steps.size()) {
    Decisions done = std::move(replica.queue.front());
    replica.queue.pop_front();
    replica.next_step = 0;
    emit(replica, done);
  }
  if (replica.queue.empty()) return sync(replica);
  const DiskStep step = replica.queue.front().steps[replica.next_step];
  const std::uint64_t life = replica.life;
  replica.writing = true;
  const std::int64_t micros = std::holds_alternative<AppendToLog>(step) ? 20 : 300;
  after(disk_time(replica, micros), [this, &replica, life, step] {
    if (replica.life != life) return;
    replica.writing = false;
    ++replica.next_step;
    finish_step(replica, step);
    work(replica);
  });
}

void QuorumSimulation::finish_step(Replica& replica, const DiskStep& step) {
  note(replica, sim::TraceKind::file_write, step.index(), 0,
       [&] { return "step " + std::to_string(step.index()); });
  std::visit(Overloaded{
                 [&](const SaveElection& save) {
                   replica.disk->save(save.state);
                   input(replica,
                         [version = save.version, this](Core& core) { core.election_saved(version, now_); });
                 },
                 [&](const AppendToLog& append) {
                   replica.disk->append(append.batches);
                   sync(replica);
                 },
                 [&](const TruncateLog& cut) {
                   replica.generation = cut.generation;
                   if (scenario_.plant != Plant::keep_truncated) replica.disk->truncate(cut.end);
                 },
                 [&](const RestartLog& restart) {
                   replica.generation = restart.generation;
                   replica.disk->restart(restart.snapshot);
                 },
                 [&](const WriteSnapshot& piece) {
                   std::vector<ControlEntry> control = replica.loading[piece.id];
                   replica.disk->write_snapshot(piece, control);
                   if (!piece.last) return;
                   ++outcome_.snapshots_loaded;
                   if (scenario_.plant == Plant::forget_voters) control.clear();
                   const SnapshotFile file{piece.id,
                                           piece.position + static_cast<std::int64_t>(piece.bytes.size())};
                   input(replica,
                         [file, control, this](Core& core) { core.snapshot_installed(file, control, now_); });
                 },
             },
             step);
}

void QuorumSimulation::sync(Replica& replica) {
  if (!replica.alive() || replica.syncing || !replica.disk->dirty()) return;
  replica.syncing = true;
  const std::uint64_t life = replica.life;
  const std::uint64_t begun = replica.disk->begin_sync();
  const Offset end = replica.disk->end();
  const std::uint64_t generation = replica.generation;
  after(disk_time(replica, 300), [this, &replica, life, begun, end, generation] {
    if (replica.life != life) return;
    replica.syncing = false;
    replica.disk->end_sync(begun, end);
    note(replica, sim::TraceKind::file_sync, static_cast<std::uint64_t>(end.raw()), generation,
         [&] { return "synced up to " + end.to_string(); });
    input(replica, [end, generation, this](Core& core) { core.log_synced(end, generation, now_); });
    sync(replica);
  });
}

void QuorumSimulation::emit(Replica& replica, Decisions& decisions) {
  for (Outgoing& outgoing : decisions.requests) {
    judge_->sends(*replica.core, *replica.disk, outgoing.request);
    auto* vote = std::get_if<VoteRequest>(&outgoing.request.body);
    if (vote != nullptr && scenario_.plant == Plant::boast_in_votes) {
      const std::int32_t epoch = vote->epoch.raw() - (vote->pre_vote ? 0 : 1);
      vote->end = {LeaderEpoch(epoch), Offset(1'000'000)};
    }
    send(replica, outgoing);
  }
  for (const Answer& answer : decisions.answers) send_answer(replica, answer);
}

void QuorumSimulation::arm(Replica& replica) {
  const Instant at = replica.core->deadline();
  if (at == Instant::max() || (replica.armed && *replica.armed <= at && *replica.armed > now_)) return;
  replica.armed = at;
  const std::uint64_t life = replica.life;
  after(std::max(Duration(1), at - now_), [this, &replica, life, at] {
    if (replica.life != life || replica.armed != at) return;
    replica.armed.reset();
    input(replica, [this](Core& core) { core.tick(now_); });
  });
}

}  // namespace ottla::raft
