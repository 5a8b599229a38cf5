#include "test/raft/quorum_simulation.h"

#include <algorithm>
#include <utility>

#include "sim/swarm.h"
#include "test/raft/simulated_replica.h"

namespace ottla::raft {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMostSteps = 2'000'000;
constexpr Duration kFaultPhase = milliseconds(2000);

sim::FaultPlan draw_faults(std::uint64_t seed) {
  using sim::FaultKind;
  sim::SwarmOptions options;
  options.targets = kMostReplicas;
  options.kinds = {FaultKind::kill,      FaultKind::cut_power, FaultKind::cut_power, FaultKind::cut_all_power,
                   FaultKind::pause,     FaultKind::isolate,   FaultKind::isolate,   FaultKind::mute,
                   FaultKind::deafen,    FaultKind::part,      FaultKind::part,      FaultKind::part_one_way,
                   FaultKind::slow_link, FaultKind::slow_disk, FaultKind::stall_disk};
  options.phase = kFaultPhase;
  options.longest = milliseconds(400);
  options.at_least = 10;
  options.at_most = 40;
  sim::FaultPlan plan = sim::draw_plan(seed, options);
  // At most one disk is lost.
  Random random(seed ^ 0x6469736b);
  if (!plan.faults.empty() && random.chance(1, 2)) {
    plan.faults[random.below(plan.faults.size())].kind = FaultKind::lose_disk;
  }
  return plan;
}

}  // namespace

QuorumScenario quorum_scenario(std::uint64_t seed, Plant plant) {
  return {seed, draw_faults(seed), plant, nullptr};
}

QuorumSimulation::QuorumSimulation(const QuorumScenario& scenario)
    : scenario_(scenario), random_(scenario.seed ^ 0x72616674) {
  trace_.set_sink(scenario.trace);
  judge_ = std::make_unique<QuorumJudge>([this](std::string what) { violate(std::move(what)); },
                                         [this](const ReplicaKey& key) -> const QuorumDisk* {
                                           for (const auto& [known, disk] : disks_) {
                                             if (key.covers(known)) return disk;
                                           }
                                           return nullptr;
                                         });
}

QuorumSimulation::~QuorumSimulation() = default;

void QuorumSimulation::violate(std::string what) {
  trace_.show(now_, {}, sim::TraceKind::note, what);
  outcome_.violations.push_back(std::move(what));
}

void QuorumSimulation::after(Duration delay, Event event) {
  events_.emplace(now_ + delay, std::move(event));
}

template <typename Done>
bool QuorumSimulation::run_until(Done done, Duration limit) {
  const Instant end = now_ + limit;
  while (good() && !done()) {
    if (events_.empty() || events_.begin()->first > end) {
      now_ = end;
      return false;
    }
    auto next = events_.extract(events_.begin());
    now_ = std::max(now_, next.key());
    next.mapped()();
    if (++outcome_.steps > kMostSteps) violate("it never comes to rest");
  }
  return good();
}

void QuorumSimulation::make_replicas() {
  constexpr std::array<std::size_t, 6> kSizes = {1, 3, 3, 3, 5, 5};
  first_voters_ = kSizes[random_.below(kSizes.size())];
  dynamic_ = random_.chance(2, 3);
  const std::size_t total = first_voters_ + random_.below(3);
  std::vector<VoterNode> voters;
  for (std::size_t i = 0; i < total; ++i) {
    auto replica = std::make_unique<Replica>();
    replica->index = i;
    replica->name = "r" + std::to_string(i);
    replica->key = {NodeId(static_cast<std::int32_t>(i)), Uuid(2, 1 + i)};
    if (i < first_voters_) {
      voters.push_back({replica->key, Endpoints({{"CONTROLLER", std::to_string(i), 9000}}), {0, 1}});
    }
    replicas_.push_back(std::move(replica));
  }
  for (const auto& replica : replicas_) {
    std::vector<ControlEntry> bootstrap;
    if (dynamic_) {
      bootstrap = {{Offset(-1), KRaftVersionChange{kDynamicVoters}},
                   {Offset(-1), VotersChange{VoterSet(voters)}}};
    }
    replica->disk = std::make_unique<QuorumDisk>(std::move(bootstrap));
    disks_[replica->key] = replica->disk.get();
  }
}

QuorumSimulation::Replica* QuorumSimulation::leading_replica() {
  Replica* best = nullptr;
  for (const auto& replica : replicas_) {
    if (!replica->alive() || !replica->core->leading()) continue;
    if (best == nullptr || replica->core->epoch() > best->core->epoch()) best = replica.get();
  }
  return best;
}

bool QuorumSimulation::converged() {
  const Replica* leader = leading_replica();
  if (leader == nullptr) return false;
  const auto* role = std::get_if<Leader>(&leader->core->role());
  const Offset end = leader->core->log().end();
  if (role->replication.high_watermark() != end) return false;
  return std::ranges::all_of(replicas_, [&](const auto& each) {
    return each->alive() && each->core->log().end() == end && each->core->committed() == end &&
           each->core->epoch() == leader->core->epoch();
  });
}

void QuorumSimulation::check_recovery() {
  heal();
  const std::uint64_t before = outcome_.acknowledged;
  const auto served = [&] { return outcome_.acknowledged >= before + 5; };
  if (!run_until(served, seconds(20))) return violate("after healing nobody is served: " + state());
  working_ = false;
  if (!run_until([this] { return converged(); }, seconds(20))) violate("replicas do not agree: " + state());
}

// K9: nothing disturbs a quorum that works, and neither does one who was cut off for a while.
void QuorumSimulation::check_rejoin() {
  Replica* leader = leading_replica();
  if (leader == nullptr) return;
  const LeaderEpoch epoch = leader->core->epoch();
  const auto moved = [&] { return leader->core->epoch() != epoch; };
  (void)run_until(moved, seconds(1));
  if (good() && moved()) return violate("K9: a quorum in peace changed its leader: " + state());
  Replica* away = nullptr;
  for (const auto& replica : replicas_) {
    if (replica.get() != leader && replica->core->is_voter()) away = replica.get();
  }
  if (away == nullptr || !good()) return;
  ++away->troubles.mute, ++away->troubles.deaf;
  (void)run_until(moved, milliseconds(random_.between(300, 1000)));
  if (leader->core->history().voters().size() < 3) return;
  --away->troubles.mute, --away->troubles.deaf;
  (void)run_until(moved, seconds(1));
  if (good() && moved()) violate("K9: " + away->name + " came back and unseated the leader: " + state());
}

QuorumOutcome QuorumSimulation::run() {
  make_replicas();
  for (const auto& replica : replicas_) {
    after(milliseconds(random_.between(0, 50)), [this, &each = *replica] { start(each); });
  }
  work_of_clients();
  work_of_operators();
  for (const sim::Fault& fault : scenario_.plan.faults) {
    after(fault.at, [this, fault] { strike(fault); });
  }
  (void)run_until([] { return false; }, kFaultPhase);
  if (good()) check_recovery();
  if (good()) check_rejoin();
  outcome_.hash = trace_.hash();
  outcome_.elections = judge_->elections();
  outcome_.voter_changes = judge_->voter_changes();
  return outcome_;
}

std::string QuorumSimulation::state() const {
  std::string text;
  for (const auto& replica : replicas_) {
    text += "; " + replica->key.to_string();
    if (!replica->alive()) {
      text += " is dead";
      continue;
    }
    const Core& core = *replica->core;
    text += " role " + std::to_string(core.role().index()) + " epoch " + core.epoch().to_string() +
            " leader " + core.leader().to_string() + " end " + core.log().end_position().to_string() +
            " durable " + core.durable_end().to_string() + " committed " + core.committed().to_string() +
            " voters " + core.history().voters().to_string();
  }
  return text;
}

}  // namespace ottla::raft
