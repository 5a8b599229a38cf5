#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "runtime/offload.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "sim/fault_injector.h"
#include "sim/swarm.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string outcome(const auto& result) {
  return result.ok() ? std::string("ok") : std::string(name_of(result.error().code()));
}

// One host whose process does one thing again and again and tells how it went.
struct FaultTest : testing::Test {
  using Deed = std::function<Task<std::string>(File&)>;

  void start(Deed deed) {
    host.start([this, deed](Process&, Cancel cancel) -> Task<int> {
      auto file = co_await this_shard().files().open("/f", kOpenOrCreate);
      while (file.ok() && !cancel.requested()) {
        seen.insert(co_await deed(**file));
        ++deeds;
        (void)co_await sleep_for(milliseconds(1), cancel);
      }
      if (file.ok()) co_await (*file)->close();
      co_return 0;
    });
    (void)world.run_for(milliseconds(10));
  }
  static Task<std::string> append(File& file) {
    co_return outcome(co_await file.append(Chain(Slice::from_static("x"))));
  }
  static Task<std::string> sync(File& file) {
    (void)co_await file.append(Chain(Slice::from_static("x")));
    co_return outcome(co_await file.sync());
  }
  static Task<std::string> read(File& file) {
    std::array<std::byte, 1> byte{};
    co_return outcome(co_await file.read_at(0, byte));
  }
  // What is seen while the fault lasts, and that afterwards all is well.
  void inject(FaultKind kind, std::int64_t amount = 0) {
    Fault fault;
    fault.kind = kind;
    fault.lasts = milliseconds(100);
    fault.amount = amount;
    fault.at = milliseconds(1);
    injector.emplace(world, std::vector<Host*>{&host, &other}, FaultPlan{{fault}});
    (void)world.run_for(milliseconds(2));
    seen.clear();
    deeds = 0;
    (void)world.run_for(milliseconds(90));
  }
  void outlast() {
    (void)world.run_for(milliseconds(300));
    seen.clear();
    deeds = 0;
    (void)world.run_for(milliseconds(50));
  }

  World world{4};
  Host& host = world.add_host("host");
  Host& other = world.add_host("other");
  std::set<std::string> seen;
  std::uint64_t deeds = 0;
  std::optional<FaultInjector> injector;
};

using Seen = std::set<std::string>;

TEST_F(FaultTest, FailingReadsEnd) {
  start(read);
  inject(FaultKind::fail_reads, 256);
  EXPECT_EQ(seen, Seen{"io_error"});
  EXPECT_GT(world.strikes()[Strike::read_failed], 0U);
  outlast();
  EXPECT_EQ(seen, Seen{"ok"});
}

TEST_F(FaultTest, FailingWritesEnd) {
  start(append);
  inject(FaultKind::fail_writes, 256);
  EXPECT_EQ(seen, Seen{"io_error"});
  EXPECT_GT(world.strikes()[Strike::write_failed], 0U);
  outlast();
  EXPECT_EQ(seen, Seen{"ok"});
}

TEST_F(FaultTest, AFailedSyncSticksToItsFile) {
  start(sync);
  inject(FaultKind::fail_syncs, 256);
  EXPECT_EQ(seen, Seen{"sync_failed"});
  EXPECT_EQ(world.strikes()[Strike::sync_failed], 1U);
  outlast();
  EXPECT_EQ(seen, Seen{"sync_failed"});
}

TEST_F(FaultTest, AFullDiskHasSpaceAgain) {
  start(append);
  inject(FaultKind::fill_disk);
  EXPECT_EQ(seen, Seen{"no_space"});
  outlast();
  EXPECT_EQ(seen, Seen{"ok"});
}

TEST_F(FaultTest, AReadOnlyDiskIsWritableAgain) {
  start(append);
  inject(FaultKind::read_only_disk);
  EXPECT_EQ(seen, Seen{"read_only"});
  outlast();
  EXPECT_EQ(seen, Seen{"ok"});
}

TEST_F(FaultTest, AStalledDiskEndsNothing) {
  start(append);
  inject(FaultKind::stall_disk);
  EXPECT_EQ(deeds, 0U);
  outlast();
  EXPECT_GT(deeds, 10U);
  EXPECT_GT(world.strikes()[Strike::disk_stalled], 0U);
}

TEST_F(FaultTest, ASlowDiskIsSlow) {
  start(sync);
  const std::uint64_t before = deeds;
  inject(FaultKind::slow_disk, 50);
  EXPECT_LT(deeds, 10U);
  EXPECT_GT(before, 0U);
  EXPECT_GT(world.strikes()[Strike::disk_slowed], 0U);
}

TEST_F(FaultTest, APausedProcessDoesNothing) {
  start(append);
  inject(FaultKind::pause);
  EXPECT_EQ(deeds, 0U);
  outlast();
  EXPECT_GT(deeds, 10U);
}

TEST_F(FaultTest, AKilledProcessComesBack) {
  start(append);
  inject(FaultKind::kill);
  EXPECT_FALSE(host.running());
  EXPECT_EQ(deeds, 0U);
  outlast();
  EXPECT_TRUE(host.running());
  EXPECT_GT(deeds, 10U);
  EXPECT_EQ(host.starts(), 2U);
}

TEST_F(FaultTest, ALostDiskIsEmpty) {
  start(sync);
  inject(FaultKind::lose_disk);
  EXPECT_TRUE(host.disk().paths().empty());
  outlast();
  EXPECT_EQ(seen, Seen{"ok"});
}

TEST_F(FaultTest, AnOldCopyOfTheDiskComesBack) {
  start(sync);
  const std::uint64_t size = host.disk().status("/f").value().size;
  inject(FaultKind::return_copy);
  EXPECT_GT(host.disk().status("/f").value().size, size + 10);
  (void)world.run_until([this] { return host.starts() == 2; }, seconds(1));
  EXPECT_LE(host.disk().status("/f").value().size, size + 10);
  EXPECT_EQ(world.strikes()[Strike::stale_returned], 1U);
}

TEST_F(FaultTest, AFrozenClockLetsNoSleeperWake) {
  start(append);
  inject(FaultKind::clock_freeze);
  EXPECT_LE(deeds, 1U);
  outlast();
  EXPECT_GT(deeds, 10U);
}

TEST_F(FaultTest, TheWallClockJumpsAndTimersDoNot) {
  start(append);
  const WallTime before = host.clock().wall(world.now());
  inject(FaultKind::clock_jump, -60'000);
  EXPECT_LT(host.clock().wall(world.now()), before);
  EXPECT_GT(deeds, 10U);
}

TEST_F(FaultTest, BitsFlip) {
  start(append);
  inject(FaultKind::flip_bits, 1);
  EXPECT_EQ(world.strikes()[Strike::bit_flipped], 1U);
}

TEST_F(FaultTest, LinksCloseOneWayAndOpenAgain) {
  start(append);
  inject(FaultKind::mute);
  EXPECT_TRUE(world.network().link(host, other).closed);
  EXPECT_FALSE(world.network().link(other, host).closed);
  outlast();
  EXPECT_FALSE(world.network().link(host, other).closed);
}

TEST_F(FaultTest, HealingEndsEverythingAtOnce) {
  start(append);
  FaultPlan plan;
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    Fault fault;
    fault.kind = static_cast<FaultKind>(kind);
    fault.lasts = seconds(1000);
    fault.other = 1;
    fault.amount = 1;
    plan.faults.push_back(fault);
  }
  injector.emplace(world, std::vector<Host*>{&host, &other}, plan);
  (void)world.run_for(milliseconds(50));
  EXPECT_FALSE(host.running());
  injector->heal();
  (void)world.run_for(milliseconds(50));
  outlast();
  EXPECT_EQ(seen, Seen{"ok"});
  EXPECT_TRUE(world.violations().empty());
}

TEST(Swarm, APlanDependsOnItsSeedAlone) {
  SwarmOptions options;
  options.targets = 3;
  options.kinds = survivable_faults();
  EXPECT_EQ(draw_plan(1, options).to_string(), draw_plan(1, options).to_string());
  EXPECT_NE(draw_plan(1, options).to_string(), draw_plan(2, options).to_string());
}

TEST(Swarm, EveryKindOccursAndNoPlanHasFewerThanWanted) {
  SwarmOptions options;
  options.targets = 3;
  options.kinds = survivable_faults();
  std::set<FaultKind> drawn;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const FaultPlan plan = draw_plan(seed, options);
    EXPECT_GE(plan.faults.size(), options.at_least);
    EXPECT_LE(plan.faults.size(), options.at_most);
    for (const Fault& fault : plan.faults) drawn.insert(fault.kind);
  }
  EXPECT_EQ(drawn.size(), survivable_faults().size());
}

// What lives in the frame of a process that dies, and misbehaves when it does.
struct Misbehaves {
  explicit Misbehaves(std::function<void()> deed_at_its_end) : deed(std::move(deed_at_its_end)) {}
  Misbehaves(const Misbehaves&) = delete;
  Misbehaves& operator=(const Misbehaves&) = delete;
  ~Misbehaves() { deed(); }
  std::function<void()> deed;
};

struct DeathTest : testing::Test {
  std::string violation_of(std::function<void()> deed) {
    host.start([deed](Process&, Cancel cancel) -> Task<int> {
      const Misbehaves bad(deed);
      (void)co_await sleep_for(std::chrono::hours(1), cancel);
      co_return 0;
    });
    (void)world.run_for(milliseconds(10));
    host.kill();
    return world.violations().empty() ? "" : world.violations().front();
  }
  World world{5};
  Host& host = world.add_host("host");
};

TEST_F(DeathTest, AQuietDestructorIsNoViolation) {
  EXPECT_EQ(violation_of([] {}), "");
}

TEST_F(DeathTest, ATaskSpawnedByADestructorIsFound) {
  EXPECT_NE(violation_of([] { this_shard().root().spawn([](Cancel) -> Task<void> { co_return; }); }), "");
}

TEST_F(DeathTest, AMessageSentByADestructorIsFound) {
  struct Nothing final : Message {
    void run(Shard&) override {}
  };
  Nothing message;
  EXPECT_NE(violation_of([&] { this_shard().send(this_shard(), message); }), "");
}

TEST_F(DeathTest, ADoorUsedByADestructorIsFound) {
  struct Job final : HelperJob {
    void work() override {}
    void run(Shard&) override {}
  };
  Job job;
  const std::string found = violation_of([&] {
    job.home = &this_shard();
    this_shard().helpers().submit(HelperKind::disk, job);
  });
  EXPECT_NE(found.find("helpers"), std::string::npos) << found;
}

}  // namespace
}  // namespace ottla::sim
