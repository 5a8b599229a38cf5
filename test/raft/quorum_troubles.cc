// What befalls the simulated quorum: faults, clients that append, operators who change voters.
#include <algorithm>
#include <utility>

#include "test/raft/simulated_replica.h"

namespace ottla::raft {
namespace {

using sim::Fault;
using sim::FaultKind;
using std::chrono::milliseconds;

// A request's place in replicas_ that stands for clients and operators.
constexpr std::size_t kClient = 1000;

}  // namespace

void QuorumSimulation::crash(Replica& replica, bool power) {
  if (!replica.alive()) return;
  note(replica, sim::TraceKind::crash, power ? 1 : 0, 0, [&] { return power ? "loses power" : "dies"; });
  outcome_.strikes.add(power ? sim::Strike::power_lost : sim::Strike::process_killed);
  // Half of what was under way is refused, of the rest nobody hears.
  for (const auto& other : replicas_) {
    for (auto it = other->in_flight.begin(); it != other->in_flight.end();) {
      const Correlation correlation = it->first;
      const bool mine = it->second == replica.index;
      it = mine ? other->in_flight.erase(it) : std::next(it);
      if (!mine || power || random_.chance(1, 2)) continue;
      const std::uint64_t life = other->life;
      after(travel(replica, *other), [this, &to = *other, life, correlation] {
        if (to.life != life) return;
        input(to, [correlation, this](Core& core) { core.request_failed(correlation, now_); });
      });
    }
  }
  // A save or append under way may have taken place.
  if (replica.writing && random_.chance(1, 2) && !replica.queue.empty()) {
    const DiskStep& step = replica.queue.front().steps[replica.next_step];
    if (const auto* save = std::get_if<SaveElection>(&step)) replica.disk->save(save->state);
    if (const auto* append = std::get_if<AppendToLog>(&step)) replica.disk->append(append->batches);
  }
  stop(replica);
  if (power) {
    replica.disk->lose_power(random_);
  } else {
    // A start syncs what it finds before it counts.
    replica.disk->end_sync(replica.disk->begin_sync(), replica.disk->end());
  }
}

void QuorumSimulation::lose_disk(Replica& replica) {
  crash(replica, true);
  outcome_.strikes.add(sim::Strike::disk_lost);
  replica.troubles.lost_disk = true;
  // What it held counts for what was shown before anybody knew; only nothing will ever come from it again.
  ghosts_.push_back(std::move(replica.disk));
  if (scenario_.plant != Plant::same_directory) {
    replica.key.directory = Uuid(2, 100 + static_cast<std::uint64_t>(replica.index));
  }
  // It is formatted for a quorum that exists: without voters.
  replica.disk = std::make_unique<QuorumDisk>(std::vector<ControlEntry>{
      {Offset(-1), KRaftVersionChange{kDynamicVoters}}, {Offset(-1), VotersChange{}}});
  disks_[replica.key] = replica.disk.get();
}

void QuorumSimulation::strike(const Fault& fault) {
  if (!troubled_ || fault.target >= replicas_.size() || fault.other >= replicas_.size()) return;
  Replica& replica = *replicas_[fault.target];
  trace_.add(now_, {}, sim::TraceKind::fault, static_cast<std::uint64_t>(fault.kind), fault.target,
             [&] { return fault.to_string(); });
  const Instant until = now_ + fault.lasts;
  switch (fault.kind) {
    case FaultKind::kill:
    case FaultKind::cut_power:
      crash(replica, fault.kind == FaultKind::cut_power);
      replica.troubles.down = true;
      break;
    case FaultKind::cut_all_power:
      for (const auto& each : replicas_) crash(*each, true), each->troubles.down = true;
      break;
    case FaultKind::lose_disk:
      // A static quorum cannot tell that it happened, so it must not.
      if (dynamic_ && first_voters_ >= 3 && !replica.troubles.lost_disk) lose_disk(replica);
      break;
    case FaultKind::pause:
      replica.troubles.paused_until = std::max(replica.troubles.paused_until, until);
      break;
    case FaultKind::isolate:
      ++replica.troubles.mute, ++replica.troubles.deaf;
      break;
    case FaultKind::mute:
      ++replica.troubles.mute;
      break;
    case FaultKind::deafen:
      ++replica.troubles.deaf;
      break;
    case FaultKind::part:
      ++replicas_[fault.other]->troubles.cut_to[fault.target];
      [[fallthrough]];
    case FaultKind::part_one_way:
      ++replica.troubles.cut_to[fault.other];
      break;
    case FaultKind::slow_link:
      replica.troubles.slow_link = milliseconds(std::clamp<std::int64_t>(fault.amount, 1, 100));
      break;
    case FaultKind::slow_disk:
      replica.troubles.slow_disk = std::clamp<std::int64_t>(fault.amount, 2, 50);
      break;
    case FaultKind::stall_disk:
      replica.troubles.stalled_until = std::max(replica.troubles.stalled_until, until);
      break;
    default:
      return;
  }
  after(fault.lasts, [this, fault] { end_strike(fault); });
}

void QuorumSimulation::end_strike(const Fault& fault) {
  if (!troubled_) return;
  Replica& replica = *replicas_[fault.target];
  const auto back = [this](Replica& each) {
    each.troubles.down = false;
    start(each);
  };
  switch (fault.kind) {
    case FaultKind::kill:
    case FaultKind::cut_power:
    case FaultKind::lose_disk:
      return back(replica);
    case FaultKind::cut_all_power:
      for (const auto& each : replicas_) back(*each);
      return;
    case FaultKind::isolate:
      --replica.troubles.mute, --replica.troubles.deaf;
      return;
    case FaultKind::mute:
      --replica.troubles.mute;
      return;
    case FaultKind::deafen:
      --replica.troubles.deaf;
      return;
    case FaultKind::part:
      --replicas_[fault.other]->troubles.cut_to[fault.target];
      [[fallthrough]];
    case FaultKind::part_one_way:
      --replica.troubles.cut_to[fault.other];
      return;
    case FaultKind::slow_link:
      replica.troubles.slow_link = Duration(0);
      return;
    case FaultKind::slow_disk:
      replica.troubles.slow_disk = 1;
      return;
    default:
      return;
  }
}

void QuorumSimulation::heal() {
  troubled_ = false;
  for (const auto& replica : replicas_) {
    replica->troubles.mute = replica->troubles.deaf = 0;
    replica->troubles.cut_to.clear();
    replica->troubles.slow_link = Duration(0);
    replica->troubles.slow_disk = 1;
    replica->troubles.down = false;
    start(*replica);
  }
}

void QuorumSimulation::work_of_clients() {
  if (!working_) return;
  for (const auto& each : replicas_) {
    Replica& replica = *each;
    if (!replica.alive() || !replica.core->leading() || replica.troubles.paused_until > now_) continue;
    const std::string payload = std::to_string(++payloads_);
    input(replica,
          [payload, &replica, count = static_cast<std::int32_t>(random_.between(1, 3)), this](Core& core) {
            const LeaderEpoch epoch = core.epoch();
            const std::optional<Offset> last = core.append(epoch, count, Slice::copy_of(payload), now_);
            if (last) replica.appends.push_back({epoch, *last + 1});
          });
  }
  if (random_.chance(1, 8)) snapshot_somewhere();
  after(std::chrono::microseconds(random_.between(1000, 15000)), [this] { work_of_clients(); });
}

void QuorumSimulation::snapshot_somewhere() {
  Replica& replica = *replicas_[random_.below(replicas_.size())];
  if (!replica.alive() || replica.troubles.paused_until > now_) return;
  Core& core = *replica.core;
  const Offset end = core.committed();
  // What is not on the disk yet cannot be in a snapshot.
  if (end <= core.log().start() || end > replica.disk->synced_end() ||
      core.log().end() != replica.disk->end())
    return;
  const LogPosition id{core.log().epoch_at(end - 1), end};
  if (core.log().find_snapshot(id) != nullptr) return;
  const Offset last = end - 1;
  std::vector<ControlEntry> control{{last, KRaftVersionChange{core.history().kraft_version_at(last)}}};
  if (std::optional<VoterSet> voters = core.history().voters_at(last)) {
    control.push_back({last, VotersChange{std::move(*voters)}});
  }
  const std::int64_t size = random_.between(1, 200);
  replica.disk->take_snapshot(id, size, std::move(control));
  core.snapshot_taken({id, size});
  note(replica, sim::TraceKind::note, 4, static_cast<std::uint64_t>(end.raw()),
       [&] { return "makes snapshot " + id.to_string(); });
  if (random_.chance(2, 3)) {
    core.log_begins_at(id);
    replica.disk->begin_at(id);
  }
}

void QuorumSimulation::client_request(Replica& to, decltype(Request::body) body) {
  const RequestToken token = ++tokens_;
  Request request{random_.chance(1, 2) ? "quorum" : "", std::move(body)};
  to.asked[token] = {kClient, 0, 0, request};
  input(to, [token, request, this](Core& core) { core.request(token, request, now_); });
}

void QuorumSimulation::work_of_operators() {
  if (!working_) return;
  if (Replica* leader = leading_replica(); leader != nullptr && leader->troubles.paused_until <= now_)
    operate(*leader);
  after(std::chrono::microseconds(random_.between(20'000, 150'000)), [this] { work_of_operators(); });
}

void QuorumSimulation::operate(Replica& leader) {
  const VoterSet voters = leader.core->history().voters();
  Replica& other = *replicas_[random_.below(replicas_.size())];
  const auto directory = other.key;
  switch (random_.below(8)) {
    case 0:
      return input(leader, [this](Core& core) { core.resign(core.epoch(), now_); });
    case 1:
      return input(leader, [this](Core& core) { core.shut_down(milliseconds(200), now_); });
    case 2:
      return client_request(leader, DescribeRequest());
    case 3:
      return input(leader,
                   [this](Core& core) { (void)core.raise_kraft_version(core.epoch(), 1, false, now_); });
    case 4:
    case 5: {
      const Endpoints endpoints({{"CONTROLLER", std::to_string(other.index), 9000}});
      return client_request(leader, AddVoterRequest{directory, endpoints, random_.chance(1, 2)});
    }
    default: {
      // Two of three must be there when a disk is lost for good. And one of two that leads and goes may leave a
      // record behind that keeps the other from ever being elected.
      if (voters.size() <= 3 && (first_voters_ >= 3 || voters.size() == 2)) return;
      return client_request(leader, RemoveVoterRequest{directory});
    }
  }
}

}  // namespace ottla::raft
