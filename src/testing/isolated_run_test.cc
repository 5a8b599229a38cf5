#include "testing/isolated_run.h"

#include <gtest/gtest.h>

#include <map>

#include "testing/echo_scenario.h"

namespace ottla::testing {
namespace {

using std::chrono::seconds;

// Behaves as its seed says: 3 fails, 5 aborts, 7 hangs, all else is clean.
class Moody final : public SimulatedScenario {
 public:
  std::string_view name() const override { return "moody"; }
  std::string_view purpose() const override { return "tests the runner"; }
  sim::FaultPlan plan(std::uint64_t) const override { return {}; }
  sim::WorldOptions options(std::uint64_t) const override { return {}; }
  Outcome run(const RunRequest& request) const override {
    Outcome outcome;
    outcome.hash = request.seed * 10;
    outcome.steps = request.seed;
    if (request.seed == 3) outcome.violations = {"first", "second"};
    OTTLA_INVARIANT(request.seed != 5, "planned");
    while (request.seed == 7) asm volatile("" ::: "memory");
    return outcome;
  }
};

TEST(IsolatedRun, TellsWhatTheRunSaid) {
  RunRequest request;
  request.seed = 3;
  const Outcome outcome = run_isolated(Moody(), request, seconds(60));
  EXPECT_EQ(outcome.violations, (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(outcome.hash, 30U);
  EXPECT_EQ(outcome.steps, 3U);
}

TEST(IsolatedRun, AnAbortIsAViolationWithItsLastWords) {
  RunRequest request;
  request.seed = 5;
  const Outcome outcome = run_isolated(Moody(), request, seconds(60));
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_NE(outcome.violations[0].find("planned"), std::string::npos) << outcome.violations[0];
}

TEST(IsolatedRun, AHangIsAViolation) {
  RunRequest request;
  request.seed = 7;
  const Outcome outcome = run_isolated(Moody(), request, seconds(1));
  ASSERT_EQ(outcome.violations.size(), 1U);
  EXPECT_NE(outcome.violations[0].find("hangs"), std::string::npos);
}

TEST(ManyRuns, EverySeedIsToldOfOnce) {
  std::map<std::uint64_t, Outcome> seen;
  run_many(Moody(), {10, 100}, 3, "", seconds(60), [&](std::uint64_t seed, const Outcome& outcome) {
    EXPECT_TRUE(seen.emplace(seed, outcome).second);
    return true;
  });
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(seen.at(109).hash, 1090U);
}

TEST(ManyRuns, OneThatDiesTakesNoOtherAlong) {
  std::map<std::uint64_t, bool> clean;
  run_many(Moody(), {1, 6}, 1, "", seconds(60), [&](std::uint64_t seed, const Outcome& outcome) {
    clean[seed] = outcome.clean();
    return true;
  });
  EXPECT_EQ(clean, (std::map<std::uint64_t, bool>{
                       {1, true}, {2, true}, {3, false}, {4, true}, {5, false}, {6, true}}));
}

TEST(ManyRuns, StopWhenTheyAreToldTo) {
  std::uint64_t last = 0;
  run_many(Moody(), {1, 1000}, 1, "", seconds(60), [&](std::uint64_t seed, const Outcome& outcome) {
    last = seed;
    return outcome.clean();
  });
  EXPECT_LT(last, 100U);
}

TEST(Echo, SurvivesItsFaultsAndIsTheSameEveryTime) {
  const EchoScenario echo;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Outcome first = echo.run(echo.request(seed));
    ASSERT_TRUE(first.clean()) << seed << ": " << first.violations.front();
    if (seed > 3) continue;
    EXPECT_EQ(echo.run(echo.request(seed)).hash, first.hash);
  }
}

// The number was computed by a release build; every build on every machine must find it again.
TEST(Echo, HasTheSameHashInEveryBuild) {
  const EchoScenario echo;
  EXPECT_EQ(echo.run(echo.request(1)).hash, 0xc33336926716cfc6U);
}

TEST(Echo, EveryPlantedBugIsFound) {
  const EchoScenario echo;
  for (const std::string bug : {"ack-before-sync", "destructor-sends", "abort"}) {
    std::uint64_t found = 0;
    run_many(echo, {1, 100}, 2, bug, seconds(60), [&](std::uint64_t seed, const Outcome& outcome) {
      if (!outcome.clean()) found = seed;
      return outcome.clean();
    });
    EXPECT_NE(found, 0U) << bug;
  }
}

}  // namespace
}  // namespace ottla::testing
