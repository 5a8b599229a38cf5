// Random work on one log, with deaths of the process and of the machine at any step, held against a model.
#include <gtest/gtest.h>

#include <cstdlib>

#include "sim/world.h"
#include "test/storage/log/log_workload.h"

namespace ottla::storage {
namespace {

struct Outcome {
  std::vector<std::string> findings;
  WorkloadCounts counts;
};

// A sync failed. What it covered reads well from the page cache and is on no disk: a log that is opened over it cannot
// tell, so that a broken disk takes a new start of its machine.
void restart_machine(sim::Host& host, LogWorkload& workload) {
  (void)host.disk().lose_power();
  workload.died(LogModel::Death::machine);
}

// Lives end at random moments, and the disk may fill up or break meanwhile.
Outcome run(std::uint64_t seed, LogWorkload::Plant plant = LogWorkload::Plant::none) {
  LogWorkload workload(seed);
  workload.plant = plant;
  Random random(seed * 31 + 7);
  sim::World world(seed);
  sim::Host& host = world.add_host("here");
  (void)host.disk().make_directories("/place");
  host.disk().sync_everything();
  for (int life = 0; life < 8 && workload.findings().empty() && world.violations().empty(); ++life) {
    host.disk().trouble = {};
    if (life == 0) {
      host.start([&workload](Process& process, Cancel cancel) { return workload.main(process, cancel); });
    } else {
      std::string names;
      for (const std::string& path : host.disk().paths()) {
        if (path.find(".log") != std::string::npos) names += path.substr(path.rfind('/')) + " ";
      }
      workload.note("segments on the disk: " + names);
      host.restart();
    }
    world.run_for(std::chrono::microseconds(random.between(0, 60'000)));
    if (!workload.side_by_side() && random.chance(1, 2)) {
      host.disk().trouble.full = true;
      world.run_for(std::chrono::microseconds(random.between(100, 10'000)));
      host.disk().trouble.full = false;
      world.run_for(std::chrono::microseconds(random.between(100, 10'000)));
    }
    if (!workload.side_by_side() && random.chance(1, 3)) {
      (random.chance(1, 2) ? host.disk().trouble.failing_syncs : host.disk().trouble.failing_writes) = 40;
      world.run_for(std::chrono::microseconds(random.between(100, 5'000)));
    }
    host.disk().trouble = {};
    const std::uint64_t how = random.below(10);
    if (!host.running()) {
      restart_machine(host, workload);
      continue;
    }
    if (how < 4) {
      host.kill();
      workload.died(LogModel::Death::process);
    } else if (how < 8) {
      host.cut_power();
      workload.died(LogModel::Death::machine);
    } else {
      host.request_stop();
      if (!world.run_until([&] { return !host.running(); }, std::chrono::minutes(10))) break;
      if (!workload.left_clean()) restart_machine(host, workload);
    }
  }
  if (host.running()) host.kill();
  Outcome outcome{.findings = workload.findings(), .counts = workload.counts()};
  outcome.findings.insert(outcome.findings.end(), world.violations().begin(), world.violations().end());
  return outcome;
}

std::uint64_t seeds() {
  const char* wanted = std::getenv("OTTLA_LOG_SEEDS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 150;
}

TEST(LogModel, WhatComesBackIsAPrefixWithAllThatWasDurable) {
  WorkloadCounts sum;
  const char* const first = std::getenv("OTTLA_LOG_FIRST_SEED");
  const std::uint64_t begin = first != nullptr ? std::strtoull(first, nullptr, 10) : 1;
  for (std::uint64_t seed = begin; seed < begin + seeds(); ++seed) {
    const Outcome outcome = run(seed);
    ASSERT_TRUE(outcome.findings.empty()) << "seed " << seed << ": " << outcome.findings.front();
    sum.lives += outcome.counts.lives;
    sum.appended += outcome.counts.appended;
    sum.truncations += outcome.counts.truncations;
    sum.recovered += outcome.counts.recovered;
    sum.lost += outcome.counts.lost;
    sum.refused += outcome.counts.refused;
  }
  // What was tried must have been met.
  EXPECT_GT(sum.appended, 100 * seeds());
  EXPECT_GT(sum.truncations, seeds());
  EXPECT_GT(sum.recovered, 100 * seeds());
  EXPECT_GT(sum.lost, seeds());
  EXPECT_GT(sum.refused, seeds() / 4);
}

TEST(LogModel, AModelThatClaimsTooMuchIsCaught) {
  bool caught = false;
  for (std::uint64_t seed = 1; seed < 20 && !caught; ++seed) {
    caught = !run(seed, LogWorkload::Plant::claims_too_much).findings.empty();
  }
  EXPECT_TRUE(caught);
}

}  // namespace
}  // namespace ottla::storage
