// The process is killed at each step of each story, while the machine lives on: at every point where a coroutine of it
// waits, with writes under way that end in part. What it wrote is all there, and the next one goes on with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

#include "sim/host.h"
#include "sim/world.h"
#include "test/storage/crashes/log_stories.h"

namespace ottla::storage {
namespace {

#if __has_feature(address_sanitizer)
constexpr std::uint64_t kStride = 4;  // everything takes twenty times as long
#else
constexpr std::uint64_t kStride = 1;
#endif

class KilledStory {
 public:
  KilledStory(const LogStory& story, Plant plant) : workload_(workload_of(story, plant)) {
    world_.set_limits(2'000'000, std::chrono::hours(1));
    (void)host_.disk().make_directories("/place");
    host_.disk().sync_everything();
  }

  // False when the story ends before.
  bool kill_at(std::uint64_t step) {
    live([&] { return world_.steps() >= step; });
    if (!host_.running() || !good()) return false;
    host_.kill();
    workload_.died(LogModel::Death::process);
    workload_.follow(aftermath());
    live([] { return false; });
    return true;
  }

  bool good() const { return workload_.findings().empty() && world_.violations().empty(); }
  std::string finding() const {
    if (!workload_.findings().empty()) return workload_.findings().front();
    return world_.violations().empty() ? "" : world_.violations().front();
  }

 private:
  template <typename Done>
  void live(Done done) {
    do {
      host_.start([this](Process& process, Cancel cancel) { return workload_.main(process, cancel); });
      while (host_.running() && good() && !done() && world_.step()) {
      }
    } while (!host_.running() && good() && workload_.goes_on());
  }

  LogWorkload workload_;
  sim::World world_{1};
  sim::Host& host_ = world_.add_host("here");
};

// What is wrong first, if anything is; how often the process was killed.
std::string kill_everywhere(const LogStory& story, Plant plant, std::uint64_t& kills) {
  for (std::uint64_t step = 1;; step += kStride) {
    KilledStory run(story, plant);
    const bool killed = run.kill_at(step);
    if (!run.good()) return "killed at step " + std::to_string(step) + ": " + run.finding();
    if (!killed) return "";
    ++kills;
  }
}

class LogKill : public ::testing::TestWithParam<LogStory> {};

TEST_P(LogKill, LosesNothingThatWasWritten) {
  std::uint64_t kills = 0;
  EXPECT_EQ(kill_everywhere(GetParam(), Plant::none, kills), "");
  EXPECT_GT(kills, 10U);
  std::cout << kills << " kills\n";
}

INSTANTIATE_TEST_SUITE_P(Stories, LogKill, ::testing::ValuesIn(log_stories()),
                         [](const auto& story) { return std::string(story.param.name); });

// --- Bugs are found -----------------------------------------------------------------------------------------

void expect_found(std::string_view name, Plant plant) {
  const LogStory& story = *std::ranges::find(log_stories(), name, &LogStory::name);
  std::uint64_t kills = 0;
  EXPECT_NE(kill_everywhere(story, plant, kills), "") << kills << " kills";
  EXPECT_GT(kills, 0U) << "it fails without any";
}

TEST(LogKillBug, NoRecoveryIsFound) {
  expect_found("appends_and_flushes", Plant::clean_after_a_crash);
}

TEST(LogKillBug, OldSegmentsThatStayAreFound) {
  expect_found("compaction", Plant::old_segments_stay);
}

}  // namespace
}  // namespace ottla::storage
