#include "testing/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ottla::testing {
namespace {

RunRequest request_with(std::size_t faults) {
  RunRequest request;
  request.plan.faults.resize(faults);
  for (std::size_t i = 0; i < faults; ++i) request.plan.faults[i].amount = static_cast<std::int64_t>(i);
  return request;
}

// Fails when the faults with all these amounts are there.
auto fails_with(std::vector<std::int64_t> amounts) {
  return [amounts](const RunRequest& request) {
    Outcome outcome;
    const bool all = std::ranges::all_of(amounts, [&](std::int64_t amount) {
      return std::ranges::find(request.plan.faults, amount, &sim::Fault::amount) != request.plan.faults.end();
    });
    if (all) outcome.violations.emplace_back("planned");
    return outcome;
  };
}

TEST(Shrink, LeavesTheFaultsThatMatter) {
  const auto attempt = fails_with({2, 5});
  const RunRequest whole = request_with(8);
  const Shrunk shrunk = shrink(whole, attempt(whole), attempt);
  EXPECT_EQ(shrunk.left_out, (std::vector<std::size_t>{0, 1, 3, 4, 6, 7}));
  ASSERT_EQ(shrunk.request.plan.faults.size(), 2U);
  EXPECT_EQ(shrunk.request.plan.faults[1].amount, 5);
  EXPECT_FALSE(shrunk.outcome.clean());
}

TEST(Shrink, TriesAgainWhenAFaultOnlyBecameNeedlessLater) {
  // Fault 3 hides the bug unless fault 1 is there as well.
  const auto attempt = [](const RunRequest& request) {
    const auto has = [&](std::int64_t amount) {
      return std::ranges::find(request.plan.faults, amount, &sim::Fault::amount) != request.plan.faults.end();
    };
    Outcome outcome;
    if (has(0) && (!has(1) || has(3))) outcome.violations.emplace_back("planned");
    return outcome;
  };
  const RunRequest whole = request_with(4);
  EXPECT_EQ(shrink(whole, attempt(whole), attempt).request.plan.faults.size(), 1U);
}

TEST(Shrink, SwitchesOffWhatDoesNotMatter) {
  const auto attempt = [](const RunRequest& request) {
    Outcome outcome;
    if (request.options.network.split_sends > 0) outcome.violations.emplace_back("planned");
    return outcome;
  };
  const RunRequest whole = request_with(0);
  const Shrunk shrunk = shrink(whole, attempt(whole), attempt);
  EXPECT_EQ(shrunk.calmed, (std::vector<std::string>{"short-reads", "latency-tails"}));
  EXPECT_EQ(shrunk.request.options.network.short_reads, 0U);
}

TEST(Shrink, KnowsItsOptions) {
  sim::WorldOptions options;
  for (const std::string& name : calmable_options()) EXPECT_TRUE(calm(options, name));
  EXPECT_FALSE(calm(options, "everything"));
}

}  // namespace
}  // namespace ottla::testing
