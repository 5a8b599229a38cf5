#include "test/kv/scenario.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include "runtime/event.h"
#include "runtime/task_group.h"
#include "sim/fault_injector.h"
#include "sim/incarnation.h"
#include "sim/swarm.h"
#include "sim/world.h"
#include "test/kv/home.h"
#include "test/kv/node.h"
#include "test/kv/tracing_judge.h"
#include "test/kv/workload.h"

namespace ottla::kv {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kNodes = 3;
constexpr std::uint16_t kPort = 700;
constexpr Duration kTimeToRecover = seconds(20);
constexpr std::uint64_t kMostSteps = 2'000'000;
constexpr const char* kDirectory = "/store";

// Disks from quick to slow: what waits for a sync is what a crash can take.
sim::WorldOptions draw_world(std::uint64_t seed) {
  Random random(seed ^ 0x776f726c64);
  sim::WorldOptions options;
  options.disk.sync.base *= static_cast<int>(1ULL << random.below(6));
  options.disk.sync.spread = options.disk.sync.base;
  options.disk.write.base *= static_cast<int>(1ULL << random.below(6));
  return options;
}

Duration fault_phase_of(std::uint64_t seed) {
  return milliseconds(Random(seed ^ 0x7068617365).between(500, 1500));
}

sim::FaultPlan draw_faults(std::uint64_t seed) {
  sim::SwarmOptions options;
  options.targets = kNodes;
  options.kinds = sim::survivable_faults();
  // Deaths that take what was not synced, and syncs that fail, are what most promises are about.
  for (const auto kind : {sim::FaultKind::cut_power, sim::FaultKind::cut_all_power, sim::FaultKind::lose_disk,
                          sim::FaultKind::fail_syncs}) {
    for (int i = 0; i < 3; ++i) options.kinds.push_back(kind);
  }
  options.phase = fault_phase_of(seed);
  options.longest = milliseconds(300);
  options.at_least = 12;
  options.at_most = 24;
  sim::FaultPlan plan = sim::draw_plan(seed, options);
  bool lost = false;
  for (sim::Fault& fault : plan.faults) {
    if (fault.kind != sim::FaultKind::lose_disk) continue;
    if (std::exchange(lost, true)) fault.kind = sim::FaultKind::cut_power;
  }
  return plan;
}

WorkloadOptions draw_workload(std::uint64_t seed) {
  Random random(seed ^ 0x6b76);
  WorkloadOptions options;
  options.clients = static_cast<std::uint32_t>(random.between(3, 5));
  options.keys = static_cast<std::uint16_t>(random.between(1, 6));
  options.largest_burst = static_cast<std::uint32_t>(random.between(8, 32));
  // Such that clients are at work as long as faults strike.
  const auto bursts = options.commands / options.clients * 2 / options.largest_burst;
  options.longest_pause = fault_phase_of(seed) * 2 / std::max<std::uint32_t>(bursts, 1);
  return options;
}

class Run {
 public:
  explicit Run(const Scenario& scenario)
      : scenario_(scenario),
        workload_options_(draw_workload(scenario.seed)),
        world_(scenario.seed, scenario.options),
        judge_(world_, kNodes),
        history_(workload_options_.clients + 1, workload_options_.keys,
                 [this](std::string what) { world_.violate(std::move(what)); }) {
    world_.trace().set_sink(scenario.trace);
    world_.set_limits(kMostSteps, seconds(300));
    for (const sim::Fault& fault : scenario.plan.faults) {
      if (fault.kind != sim::FaultKind::lose_disk) continue;
      judge_.expect_lost_disk(NodeId(static_cast<std::int32_t>(fault.target)));
    }
  }

  Outcome run() {
    start();
    if (good()) break_things();
    if (good()) recover();
    if (good()) stop();
    Outcome outcome;
    outcome.violations = world_.violations();
    outcome.hash = world_.trace().hash();
    outcome.steps = world_.steps();
    outcome.answered = history_.answered_count();
    outcome.elections = judge_.elections();
    outcome.strikes = world_.strikes();
    return outcome;
  }

 private:
  bool good() const { return world_.violations().empty(); }
  // Until `done` or a violation; false when neither came in time.
  template <typename Done>
  bool wait_until(Done done, Duration limit) {
    return world_.run_until([&] { return done() || !good(); }, limit);
  }

  void start() {
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      addresses_.push_back(world_.add_host("node" + std::to_string(i)).address(kPort));
    }
    workload_.emplace(workload_options_, addresses_, history_);
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      world_.host(i).start([this, i](Process&, Cancel cancel) { return node_main(i, cancel); });
    }
    (void)wait_until([this] { return std::ranges::all_of(set_up_, std::identity()); }, seconds(5));
    world_.add_host("clients").start([this](Process&, Cancel cancel) { return clients_main(cancel); });
  }

  Task<int> node_main(std::uint32_t index, Cancel cancel) {
    // Making the cluster is the operator's work, who knows whether it was done.
    if (!set_up_[index]) {
      if (!(co_await Home::set_up(this_shard().files(), kDirectory)).ok()) co_return 1;
      set_up_[index] = true;
    }
    NodeOptions options;
    options.self = NodeId(static_cast<std::int32_t>(index));
    options.nodes = addresses_;
    options.directory = kDirectory;
    options.plant = scenario_.plant;
    co_return co_await run_node(std::move(options), judge_, cancel);
  }

  Task<int> clients_main(Cancel cancel) {
    TaskGroup group(cancel);
    for (std::uint32_t id = 0; id < workload_options_.clients; ++id) {
      group.spawn([this, id](Cancel inner) { return workload_->run_client(ClientId(id), inner); });
    }
    co_await group.wait();
    (void)co_await healed_.wait(cancel);
    co_await workload_->audit(cancel);
    co_return 0;
  }

  void break_things() {
    sim::FaultInjector injector(world_, {&world_.host(0), &world_.host(1), &world_.host(2)}, scenario_.plan);
    (void)wait_until([] { return false; }, fault_phase_of(scenario_.seed));
    injector.heal();
  }

  void recover() {
    const auto served = [this] { return workload_->finished() && healed_.has_waiters(); };
    if (!wait_until(served, kTimeToRecover)) return world_.violate("clients are not served: " + state());
    if (!good()) return;
    sim::Host& clients = world_.host(kNodes);
    clients.incarnation().home(0).enter([this] { healed_.set(); });
    const bool ended = wait_until([&clients] { return !clients.running(); }, kTimeToRecover);
    if (!ended) world_.violate("the auditor is not served: " + state());
  }

  void stop() {
    for (std::uint32_t i = 0; i < kNodes; ++i) world_.host(i).request_stop();
    const auto stopped = [this] {
      for (std::uint32_t i = 0; i < kNodes; ++i) {
        if (world_.host(i).running()) return false;
      }
      return true;
    };
    if (!wait_until(stopped, seconds(10))) world_.violate("a node does not stop");
  }

  std::string state() const {
    return "after healing " + std::to_string(kTimeToRecover / seconds(1)) + " s have passed, " +
           std::to_string(history_.answered_count()) + " commands were answered, " +
           std::to_string(judge_.elections()) + " leaders elected, " + std::to_string(judge_.agreed()) +
           " entries applied somewhere";
  }

  const Scenario& scenario_;
  const WorkloadOptions workload_options_;
  // What processes use outlives the world.
  std::array<bool, kNodes> set_up_{};
  std::vector<Address> addresses_;
  Event healed_;
  std::optional<Workload> workload_;
  sim::World world_;
  TracingJudge judge_;
  History history_;
};

}  // namespace

Scenario scenario_of(std::uint64_t seed, Plant plant) {
  Scenario scenario;
  scenario.seed = seed;
  scenario.plan = draw_faults(seed);
  scenario.options = draw_world(seed);
  scenario.plant = plant;
  return scenario;
}

Outcome run_scenario(const Scenario& scenario) {
  Run run(scenario);
  return run.run();
}

}  // namespace ottla::kv
