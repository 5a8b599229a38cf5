#include "test/storage/log/storage_world.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/invariant.h"
#include "sim/world.h"
#include "test/storage/log/broken_doors.h"
#include "test/storage/log/log_workload.h"

namespace ottla::storage {
namespace {

using std::chrono::microseconds;

constexpr int kLives = 8;

class Run {
 public:
  Run(const testing::RunRequest& request, Plant plant)
      : workload_(request.seed, plant),
        random_(request.seed * 31 + 7),
        world_(request.seed, request.options) {
    world_.trace().set_sink(request.trace);
    host_ = &world_.add_host("here");
    (void)host_->disk().make_directories("/place");
    host_->disk().sync_everything();
  }

  testing::Outcome run() {
    for (int life = 0; life < kLives && good(); ++life) live(life == 0);
    if (host_->running()) host_->kill();
    testing::Outcome outcome;
    outcome.violations = workload_.findings();
    outcome.violations.insert(outcome.violations.end(), world_.violations().begin(),
                              world_.violations().end());
    outcome.steps = world_.steps();
    outcome.acked_operations = workload_.counts().appended + workload_.counts().truncations;
    outcome.strikes = world_.strikes();
    outcome.hash = world_.trace().hash();
    return outcome;
  }

 private:
  bool good() const { return workload_.findings().empty() && world_.violations().empty(); }
  void pass(std::int64_t least, std::int64_t most) {
    world_.run_for(microseconds(random_.between(least, most)));
  }

  void live(bool first) {
    host_->disk().trouble = {};
    syncs_failed_ = false;
    if (first) {
      host_->start([this](Process& process, Cancel cancel) { return workload_.main(process, cancel); });
    } else {
      host_->restart();
    }
    pass(0, 60'000);
    trouble_the_disk();
    end_life();
  }

  void trouble_the_disk() {
    if (workload_.side_by_side()) return;  // nobody could tell which of them the disk would refuse
    if (random_.chance(1, 2)) {
      host_->disk().trouble.full = true;
      pass(100, 10'000);
      host_->disk().trouble.full = false;
      pass(100, 10'000);
    }
    if (random_.chance(1, 3)) {
      syncs_failed_ = random_.chance(1, 2);
      (syncs_failed_ ? host_->disk().trouble.failing_syncs : host_->disk().trouble.failing_writes) = 40;
      pass(100, 5'000);
    }
    host_->disk().trouble = {};
  }

  void end_life() {
    const std::uint64_t how = random_.below(10);
    if (!host_->running()) {
      restart_machine();
    } else if (how < 4) {
      host_->kill();
      workload_.died(LogModel::Death::process);
      if (syncs_failed_) restart_machine();
    } else if (how < 8) {
      host_->cut_power();
      workload_.died(LogModel::Death::machine);
    } else {
      host_->request_stop();
      const bool ended = world_.run_until([this] { return !host_->running(); }, std::chrono::minutes(10));
      if (!ended) world_.violate("the log's process was asked to stop and did not");
      if (ended && !workload_.left_clean()) restart_machine();
    }
  }

  // A sync failed. What it covered reads well from the page cache and is on no disk: a log that is opened over it cannot
  // tell, so that a broken disk takes a new start of its machine.
  void restart_machine() {
    (void)host_->disk().lose_power();
    workload_.died(LogModel::Death::machine);
  }

  LogWorkload workload_;
  Random random_;
  sim::World world_;
  sim::Host* host_ = nullptr;
  bool syncs_failed_ = false;  // in this life, perhaps
};

}  // namespace

std::vector<std::string_view> StorageWorld::bugs() const {
  std::vector<std::string_view> names;
  for (const NamedPlant& known : kPlants) names.push_back(known.name);
  return names;
}

// Disks from quick to slow: what waits for a sync is what a crash can take.
sim::WorldOptions StorageWorld::options(std::uint64_t seed) const {
  Random random(seed ^ 0x6469736b);
  sim::WorldOptions options;
  options.disk.sync.base *= static_cast<int>(1ULL << random.below(5));
  options.disk.sync.spread = options.disk.sync.base;
  options.disk.write.base *= static_cast<int>(1ULL << random.below(5));
  return options;
}

testing::Outcome StorageWorld::run(const testing::RunRequest& request) const {
  const std::optional<Plant> plant = plant_named(request.planted_bug);
  OTTLA_INVARIANT(plant.has_value(), "the runner asks only for bugs that the world names",
                  request.planted_bug);
  return Run(request, *plant).run();
}

}  // namespace ottla::storage
