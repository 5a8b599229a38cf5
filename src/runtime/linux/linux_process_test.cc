#include "runtime/linux/linux_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>

#include "base/log.h"
#include "base/log_drain.h"
#include "base/metric_registry.h"
#include "runtime/cross_shard.h"
#include "runtime/event.h"
#include "runtime/linux/resources.h"
#include "runtime/sleep.h"

namespace ottla {
namespace {

LinuxProcessOptions quiet(std::size_t shards = 2) {
  LinuxProcessOptions options;
  options.shards = shards;
  options.catch_signals = false;
  return options;
}

TEST(LinuxProcess, GivesMainsExitCode) {
  EXPECT_EQ(run_linux_process(quiet(), [](Process&, Cancel) -> Task<int> { co_return 7; }), 7);
}

TEST(LinuxProcess, RunsOneShardACoreUnlessTold) {
  LinuxProcessOptions options = quiet(0);
  run_linux_process(options, [](Process& process, Cancel) -> Task<int> {
    EXPECT_GE(process.shard_count(), 1U);
    EXPECT_LE(static_cast<double>(process.shard_count()), process.limits().cpus + 0.5);
    co_return 0;
  });
}

std::uint64_t slept_here() {
  const MetricSnapshot snapshot = this_shard().metrics().snapshot();
  const auto family = std::ranges::find(snapshot.families, std::string_view("ottla_shard_idle"),
                                        [](const MetricFamilySnapshot& each) { return each.info.name; });
  return family == snapshot.families.end() ? 0 : std::get<std::uint64_t>(family->series.front().value);
}

TEST(LinuxProcess, CountsWhatItsShardsSleep) {
  run_linux_process(quiet(1), [](Process&, Cancel cancel) -> Task<int> {
    constexpr auto kRest = std::chrono::milliseconds(30);
    const std::uint64_t before = slept_here();
    const Instant begun = this_shard().exact_now();
    EXPECT_TRUE((co_await sleep_for(kRest, cancel)).ok());
    const Duration slept(slept_here() - before);
    EXPECT_GE(slept, kRest / 2);
    EXPECT_LE(slept, this_shard().exact_now() - begun);
    const std::uint64_t awake = slept_here();
    while (this_shard().exact_now() - begun < 2 * kRest) continue;
    EXPECT_EQ(slept_here(), awake);
    co_return 0;
  });
}

TEST(LinuxProcess, PinsThreadsWhenAsked) {
  LinuxProcessOptions options = quiet();
  options.pin_threads = true;
  run_linux_process(options, [](Process& process, Cancel) -> Task<int> {
    for (std::uint32_t i = 0; i < process.shard_count(); ++i) {
      const int allowed = co_await on(process.shard(ShardId(i)), [] {
        cpu_set_t cpus;
        ::sched_getaffinity(0, sizeof cpus, &cpus);
        return CPU_COUNT(&cpus);
      });
      EXPECT_EQ(allowed, 1);
    }
    co_return 0;
  });
}

TEST(LinuxProcess, SignalsAreValues) {
  LinuxProcessOptions options = quiet();
  options.catch_signals = true;
  run_linux_process(options, [](Process& process, Cancel cancel) -> Task<int> {
    for (const auto& [number, expected] :
         {std::pair(SIGTERM, Signal::terminate), {SIGINT, Signal::interrupt}, {SIGHUP, Signal::hang_up}}) {
      ::kill(::getpid(), number);
      const auto signal = co_await process.next_signal(cancel);
      EXPECT_EQ(*signal, expected);
    }
    CancelSource impatient;
    impatient.request();
    EXPECT_EQ((co_await process.next_signal(impatient.token())).error().code(), Errc::cancelled);
    co_return 0;
  });
}

TEST(LinuxProcess, TasksThatOthersSentAreWaitedFor) {
  bool ended = false;
  run_linux_process(quiet(), [&](Process& process, Cancel) -> Task<int> {
    this_shard().root().spawn([&](Cancel) -> Task<void> {
      co_await on(process.shard(ShardId(1)),
                  []() -> Task<void> { (void)co_await sleep_for(std::chrono::milliseconds(5)); });
      ended = true;
    });
    co_return 0;
  });
  EXPECT_TRUE(ended);
}

TEST(LinuxProcessDeathTest, WhatMainLeavesBehindIsNamed) {
  EXPECT_DEATH(run_linux_process(quiet(),
                                 [](Process&, Cancel) -> Task<int> {
                                   this_shard().open_doors().sockets = 1;
                                   co_return 0;
                                 }),
               "left something behind.*1 sockets open");
}

TEST(LinuxProcessDeathTest, AFrameThatNobodyDestroysIsNamed) {
  EXPECT_DEATH(run_linux_process(quiet(),
                                 [](Process&, Cancel) -> Task<int> {
                                   new Task<void>([]() -> Task<void> { co_return; }());
                                   co_return 0;
                                 }),
               "left something behind.*coroutine frames alive");
}

TEST(LinuxProcess, LinesOfTheLogReachTheSink) {
  struct StringSink final : LogSink {
    std::string text;
    void write(std::string_view lines) override { text += lines; }
  } sink;
  LinuxProcessOptions options = quiet();
  options.log_sink = &sink;
  static constexpr LogModule kModule("test");
  run_linux_process(options, [](Process& process, Cancel) -> Task<int> {
    this_shard().log().logger(kModule).info("from the first", field("number", 1));
    co_await on(process.shard(ShardId(1)),
                [] { this_shard().log().logger(kModule).warn("from the second"); });
    co_return 0;
  });
  EXPECT_NE(sink.text.find("from the first number=1"), std::string::npos) << sink.text;
  EXPECT_NE(sink.text.find("from the second"), std::string::npos);
}

TEST(LinuxProcess, EndsWhereItStandsWhenSignalsMayKill) {
  const auto asked_twice = [] {
    run_linux_process({.shards = 1}, [](Process& process, Cancel cancel) -> Task<int> {
      ::kill(::getpid(), SIGTERM);
      EXPECT_TRUE((co_await process.next_signal(cancel)).ok());
      process.let_signals_kill();
      ::kill(::getpid(), SIGTERM);
      (void)co_await process.next_signal(cancel);  // never comes
      co_return 0;
    });
  };
  EXPECT_EXIT(asked_twice(), ::testing::KilledBySignal(SIGTERM), "");
}

TEST(LinuxProcess, TellsTheServiceManager) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("ottla-notify-" + std::to_string(::getpid()))).string();
  const int receiver = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(receiver, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  run_linux_process(quiet(), [](Process& process, Cancel) -> Task<int> {
    process.notify(ServiceState::ready, "listening on 9092");
    EXPECT_TRUE(process.environment("NOTIFY_SOCKET").has_value());
    EXPECT_FALSE(process.environment("OTTLA_NO_SUCH_VARIABLE").has_value());
    const auto all = process.whole_environment();
    EXPECT_EQ(std::ranges::count(all, "NOTIFY_SOCKET", &EnvironmentVariable::name), 1);
    co_return 0;
  });
  ::unsetenv("NOTIFY_SOCKET");
  std::string received(256, '\0');
  received.resize(static_cast<std::size_t>(::recv(receiver, received.data(), received.size(), MSG_DONTWAIT)));
  EXPECT_EQ(received, "READY=1\nSTATUS=listening on 9092");
  ::close(receiver);
  std::filesystem::remove(path);
}

// A file tree that looks like /proc and /sys of some machine.
class FakeMachine {
 public:
  FakeMachine() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ottla-machine-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~FakeMachine() { std::filesystem::remove_all(root_); }
  FakeMachine& file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text << '\n';
    return *this;
  }
  ResourceLimits limits() const { return read_resource_limits(root_); }

 private:
  std::string root_;
};

TEST(Resources, WithoutControlGroupsTheMachineDecides) {
  const ResourceLimits limits = FakeMachine().limits();
  EXPECT_GE(limits.cpus, 1);
  EXPECT_GT(limits.memory_bytes, 100U << 20);
  EXPECT_GT(limits.open_files, 0U);
}

TEST(Resources, VersionTwoTakesTheTightestOfAllParents) {
  FakeMachine machine;
  machine.file("/proc/self/cgroup", "0::/app/broker")
      .file("/sys/fs/cgroup/app/broker/cpu.max", "max 100000")
      .file("/sys/fs/cgroup/app/cpu.max", "50000 100000")
      .file("/sys/fs/cgroup/app/broker/memory.max", "67108864")
      .file("/sys/fs/cgroup/app/memory.max", "max");
  EXPECT_DOUBLE_EQ(machine.limits().cpus, 0.5);
  EXPECT_EQ(machine.limits().memory_bytes, 67108864U);
}

TEST(Resources, VersionOneToo) {
  FakeMachine machine;
  machine.file("/proc/self/cgroup", "4:memory:/box\n3:cpu,cpuacct:/box")
      .file("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "25000")
      .file("/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000")
      .file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1")
      .file("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000")
      .file("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "33554432");
  EXPECT_DOUBLE_EQ(machine.limits().cpus, 0.25);
  EXPECT_EQ(machine.limits().memory_bytes, 33554432U);
}

TEST(Resources, NonsenseInTheFilesIsNoLimit) {
  FakeMachine machine;
  machine.file("/proc/self/cgroup", "rubbish\n0::/x")
      .file("/sys/fs/cgroup/x/cpu.max", "abc")
      .file("/sys/fs/cgroup/x/memory.max", "");
  EXPECT_DOUBLE_EQ(machine.limits().cpus, FakeMachine().limits().cpus);
  EXPECT_EQ(machine.limits().memory_bytes, FakeMachine().limits().memory_bytes);
}

}  // namespace
}  // namespace ottla
