#include "runtime/linux/linux_process.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/metric_registry.h"
#include "runtime/linux/disk_governor.h"
#include "runtime/linux/helper_pool.h"
#include "runtime/linux/linux_clock.h"
#include "runtime/linux/linux_file_system.h"
#include "runtime/linux/linux_network.h"
#include "runtime/linux/log_writer.h"
#include "runtime/linux/patience.h"
#include "runtime/linux/poller.h"
#include "runtime/linux/resources.h"
#include "runtime/linux/signal_watch.h"
#include "runtime/shard_idle.h"
#include "runtime/task_group.h"

namespace ottla {
namespace {

constexpr std::size_t kLogBufferBytes = 256 * 1024;
inline constexpr LogModule kLogModule("runtime");

std::uint64_t system_seed() {
  std::uint64_t seed = 0;
  const ssize_t got = ::getrandom(&seed, sizeof seed, 0);
  OTTLA_INVARIANT(got == sizeof seed, "the system has no randomness", got);
  return seed;
}

class LogWallClock final : public LogClock {
 public:
  std::chrono::nanoseconds since_epoch() override { return clock_.wall().time_since_epoch(); }

 private:
  LinuxClock clock_;
};

// One shard and all that belongs to its thread.
struct ShardHome {
  ShardHome(std::uint32_t index, LogLevels& levels, DiskGovernor& disks)
      : log_buffer(kLogBufferBytes),
        log(log_buffer, levels, log_clock, index),
        slept(shard_idle(metrics, ShardId(index))),
        files(disks) {}

  LinuxClock clock;
  LogWallClock log_clock;
  LogBuffer log_buffer;
  LogSource log;
  MetricRegistry metrics;
  Metric<Counter> slept;
  LinuxFileSystem files;
  Poller poller;
  LinuxNetwork network{poller};
  std::unique_ptr<Shard> shard;
  std::thread thread;
  Patience patience;
  bool counted_busy = true;  // stands in LinuxProcess::busy_
};

void let_the_other_thread_run() {
#ifdef __x86_64__
  __builtin_ia32_pause();
#else
  asm volatile("yield");
#endif
}

bool message_comes_soon(Shard& shard) {
  constexpr int kLooksPerClockRead = 32;
  const Instant end = shard.exact_now() + Patience::kLooks;
  do {
    for (int look = 0; look < kLooksPerClockRead; ++look) {
      if (shard.has_messages()) return true;
      let_the_other_thread_run();
    }
  } while (shard.exact_now() < end);
  return false;
}

class LinuxProcess final : public Process {
 public:
  explicit LinuxProcess(const LinuxProcessOptions& options);

  int run(ProcessMain main);

  std::size_t shard_count() const override { return homes_.size(); }
  Shard& shard(ShardId id) override { return *homes_[id.raw()]->shard; }
  Task<Result<Signal>> next_signal(Cancel cancel) override { return signals_.next(cancel); }
  void let_signals_kill() override { signals_.let_kill(); }
  std::optional<std::string> environment(std::string_view name) const override;
  std::vector<EnvironmentVariable> whole_environment() const override;
  bool is_privileged() const override { return ::geteuid() == 0; }
  ResourceLimits limits() const override { return limits_; }
  void notify(ServiceState state, std::string_view status) override;
  LogLevels& log_levels() override { return levels_; }

 private:
  void make_shards(std::size_t count);
  void serve(ShardHome& home);
  bool finished(ShardHome& home);
  bool message_expected(ShardHome& home);
  void stop_all();
  void prove_nothing_is_left();
  void pin(std::size_t index);

  const LinuxProcessOptions options_;
  const ResourceLimits limits_;
  LogLevels levels_;
  StandardErrorSink standard_error_;
  DiskGovernor disks_;
  HelperPool helpers_;
  SignalWatch signals_;
  std::vector<std::unique_ptr<ShardHome>> homes_;
  LogWriter log_writer_;  // after the buffers that it reads
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> busy_{0};  // shards whose root has tasks, once stopping
};

LinuxProcess::LinuxProcess(const LinuxProcessOptions& options)
    : options_(options),
      limits_(read_resource_limits()),
      helpers_({}),
      log_writer_(options.log_sink != nullptr ? *options.log_sink : standard_error_, options.log_format) {}

void LinuxProcess::make_shards(std::size_t count) {
  Random seeds(options_.random_seed ? *options_.random_seed : system_seed());
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    auto home = std::make_unique<ShardHome>(index, levels_, disks_);
    Outside outside;
    outside.clock = &home->clock;
    outside.files = &home->files;
    outside.network = &home->network;
    outside.helpers = &helpers_;
    outside.process = this;
    outside.log = &home->log;
    outside.metrics = &home->metrics;
    outside.random_seed = seeds.next();
    home->shard = std::make_unique<Shard>(ShardId(index), outside, home->poller, count);
    log_writer_.add(home->log_buffer, index);
    homes_.push_back(std::move(home));
  }
  busy_ = count;
}

void LinuxProcess::pin(std::size_t index) {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  std::size_t wanted = index % static_cast<std::size_t>(CPU_COUNT(&allowed));
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || wanted-- != 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ::pthread_setaffinity_np(::pthread_self(), sizeof one, &one);
    return;
  }
}

// True when the process is stopping and no shard has anything left to do. A task that waits for another shard
// keeps its own shard busy, so a count of zero means that no call is under way either.
bool LinuxProcess::finished(ShardHome& home) {
  if (!stopping_.load(std::memory_order_acquire)) return false;
  Shard& shard = *home.shard;
  shard.root().request_cancel();
  const bool busy = !shard.root().empty();
  if (busy != home.counted_busy) {
    home.counted_busy = busy;
    if (busy) {
      busy_.fetch_add(1);
    } else if (busy_.fetch_sub(1) == 1) {
      for (const auto& other : homes_) other->poller.wake();
    }
  }
  return busy_.load() == 0;
}

// Looks for one where that pays; on a single core nobody could send it meanwhile.
bool LinuxProcess::message_expected(ShardHome& home) {
  if (homes_.size() < 2 || limits_.cpus < 2) return false;
  if (!home.patience.worthwhile(home.shard->times_drained())) return false;
  const bool came = message_comes_soon(*home.shard);
  home.patience.note(came);
  return came;
}

void LinuxProcess::serve(ShardHome& home) {
  Shard& shard = *home.shard;
  const Shard::Scope scope(shard);
  shard.poll();
  for (;;) {
    shard.run_slice();
    if (home.log_buffer.take_unannounced()) log_writer_.announce();
    if (finished(home)) return;
    if (shard.has_ready() || message_expected(home) || !shard.prepare_to_sleep()) {
      home.poller.wait(Duration::zero());
      shard.poll();
      continue;
    }
    const Instant lay_down = shard.exact_now();
    std::optional<Duration> timeout;
    if (const auto deadline = shard.next_deadline())
      timeout = std::max(*deadline - lay_down, Duration::zero());
    home.poller.wait(timeout);
    shard.woke_up();
    shard.poll();  // reads the clock
    home.slept->add(static_cast<std::uint64_t>(std::max(shard.now() - lay_down, Duration::zero()).count()));
  }
}

void LinuxProcess::stop_all() {
  stopping_.store(true, std::memory_order_release);
  for (const auto& home : homes_) home->poller.wake();
}

void LinuxProcess::prove_nothing_is_left() {
  for (bool moved = true; moved;) {  // claims on their way home
    moved = false;
    for (const auto& home : homes_) {
      const Shard::Scope scope(*home->shard);
      moved |= home->shard->drain_messages();
      home->shard->flush_messages();
    }
  }
  std::string left;
  for (const auto& home : homes_) {
    const std::string leaks = home->shard->leaks();
    if (!leaks.empty()) left += "shard " + std::to_string(home->shard->id().raw()) + ":\n" + leaks;
  }
  OTTLA_INVARIANT(left.empty(), "the process left something behind", left);
}

int LinuxProcess::run(ProcessMain main) {
  ::signal(SIGPIPE, SIG_IGN);  // sendfile has no flag against it
  // Signals are blocked before any thread exists, so that all threads inherit it.
  if (options_.catch_signals) signals_.block();
  std::size_t count = options_.shards;
  if (count == 0) count = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(limits_.cpus)));
  make_shards(count);

  int exit_code = 0;
  ShardHome& first = *homes_.front();
  {
    const Shard::Scope scope(*first.shard);
    if (options_.catch_signals) signals_.open(first.poller).value();
    if (limits_.open_files < kEnoughOpenFiles) {
      first.log.logger(kLogModule)
          .warn("few open files are allowed: raise the limit (ulimit -n, LimitNOFILE=)",
                field("allowed", limits_.open_files), field("wanted", kEnoughOpenFiles));
    }
    first.shard->root().spawn([&](Cancel cancel) -> Task<void> {
      exit_code = co_await main(*this, cancel);
      stop_all();
    });
  }
  for (std::size_t i = 1; i < homes_.size(); ++i) {
    homes_[i]->thread = std::thread([this, i] {
      if (options_.pin_threads) pin(i);
      serve(*homes_[i]);
    });
  }
  if (options_.pin_threads) pin(0);
  serve(first);
  for (const auto& home : homes_) {
    if (home->thread.joinable()) home->thread.join();
  }
  helpers_.stop();
  {
    const Shard::Scope scope(*first.shard);
    signals_.close();
  }
  prove_nothing_is_left();
  log_writer_.stop();
  signals_.unblock();
  return exit_code;
}

std::optional<std::string> LinuxProcess::environment(std::string_view name) const {
  const char* value = ::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::vector<EnvironmentVariable> LinuxProcess::whole_environment() const {
  std::vector<EnvironmentVariable> all;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view text(*each);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    all.push_back(
        {.name = std::string(text.substr(0, equals)), .value = std::string(text.substr(equals + 1))});
  }
  std::ranges::sort(all, {}, &EnvironmentVariable::name);
  return all;
}

void LinuxProcess::notify(ServiceState state, std::string_view status) {
  const char* path = ::getenv("NOTIFY_SOCKET");
  if (path == nullptr || std::strlen(path) < 2) return;
  std::string text = state == ServiceState::ready       ? "READY=1\n"
                     : state == ServiceState::reloading ? "RELOADING=1\n"
                                                        : "STOPPING=1\n";
  text += "STATUS=";
  text += status;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::min(std::strlen(path), sizeof address.sun_path - 1);
  std::memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // the abstract name space
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  (void)::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
  ::close(fd);
}

}  // namespace

int run_linux_process(LinuxProcessOptions options, ProcessMain main) {
  return LinuxProcess(options).run(std::move(main));
}

}  // namespace ottla
