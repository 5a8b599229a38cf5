#include "testing/echo_scenario.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "runtime/file_system.h"
#include "runtime/network.h"
#include "runtime/process.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "runtime/when.h"
#include "sim/fault_injector.h"
#include "sim/swarm.h"
#include "sim/world.h"

namespace ottla::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint16_t kPort = 7;
constexpr std::size_t kClients = 2;
constexpr std::uint64_t kGoal = 1000;  // acknowledged steps of each client
constexpr std::string_view kPing = "ping";
constexpr const char* kFile = "/count";
constexpr Duration kPatience = milliseconds(500);

// What the world knows of a client, and its processes do not.
struct Ledger {
  std::uint64_t acked = 0;    // steps that were promised durable
  std::uint64_t started = 0;  // steps that may be on the disk
};

struct Bugs {
  bool ack_before_sync = false;
  bool destructor_sends = false;
  bool abort = false;
  bool spin = false;
};

Task<void> answer(std::unique_ptr<Stream> stream, Cancel cancel) {
  std::array<std::byte, 64> buffer;
  for (;;) {
    const Result<std::size_t> got = co_await stream->read(std::span(buffer), cancel);
    if (!got.ok()) break;
    const Slice same = Slice::copy_of(std::span(buffer).first(*got));
    if (!(co_await stream->write(Chain(same), cancel)).ok()) break;
  }
  co_await stream->close();
}

Task<int> serve(Process&, Cancel cancel) {
  Result<std::unique_ptr<Listener>> listener =
      co_await this_shard().network().listen(Address::ipv4({0, 0, 0, 0}, kPort));
  if (!listener.ok()) co_return 1;
  TaskGroup group(cancel);
  for (;;) {
    Result<std::unique_ptr<PendingStream>> pending = co_await (*listener)->accept(cancel);
    if (!pending.ok()) break;
    Result<std::unique_ptr<Stream>> stream = (*pending)->adopt();
    if (!stream.ok()) continue;
    group.spawn(
        [stream = std::move(*stream)](Cancel inner) mutable { return answer(std::move(stream), inner); });
  }
  co_await (*listener)->close();
  co_await group.stop();
  co_return 0;
}

Task<Result<void>> ping(Stream& stream, Cancel cancel) {
  OTTLA_CO_CHECK(co_await stream.write(Chain(Slice::from_static(kPing)), cancel));
  std::array<std::byte, kPing.size()> seen;
  for (std::size_t got = 0; got < seen.size();) {
    OTTLA_CO_TRY(const std::size_t more, co_await stream.read(std::span(seen).subspan(got), cancel));
    got += more;
  }
  const Slice received = Slice::from_static(std::span(seen));
  OTTLA_INVARIANT(received.as_string_view() == kPing, "the echo differs", received.as_string_view());
  co_return Result<void>();
}

// What no destructor may do.
struct SendsAtItsEnd {
  explicit SendsAtItsEnd(bool on) : enabled(on) {}
  SendsAtItsEnd(const SendsAtItsEnd&) = delete;
  SendsAtItsEnd& operator=(const SendsAtItsEnd&) = delete;
  ~SendsAtItsEnd() {
    if (enabled) this_shard().root().spawn([](Cancel) -> Task<void> { co_return; });
  }
  const bool enabled;
};

class Client {
 public:
  Client(Address server, Ledger& ledger, Bugs bugs)
      : server_(std::move(server)), ledger_(ledger), bugs_(bugs) {}

  Task<int> run(Cancel cancel) {
    while (!cancel.requested() && ledger_.acked < kGoal) {
      (void)co_await work(cancel);
      (void)co_await sleep_for(milliseconds(5), cancel);
    }
    co_return 0;
  }

 private:
  Task<Result<void>> work(Cancel cancel) {
    OTTLA_CO_TRY(std::unique_ptr<File> file, co_await this_shard().files().open(kFile, kOpenOrCreate));
    Result<void> result = co_await this_shard().files().sync_directory("/");
    if (result.ok()) result = co_await work_on(*file, cancel);
    co_await file->close();
    co_return result;
  }

  Task<Result<void>> work_on(File& file, Cancel cancel) {
    ConnectOptions options;
    options.timeout = kPatience;
    OTTLA_CO_TRY(std::unique_ptr<Stream> stream,
                 co_await this_shard().network().connect(server_, options, cancel));
    Result<void> result;
    while (result.ok() && ledger_.acked < kGoal) {
      result = co_await with_timeout(kPatience, cancel, [&](Cancel inner) { return ping(*stream, inner); });
      if (result.ok()) result = co_await count(file);
    }
    co_await stream->close();
    co_return result;
  }

  Task<Result<void>> count(File& file) {
    const SendsAtItsEnd bad_manners(bugs_.destructor_sends);
    ++ledger_.started;
    OTTLA_CO_CHECK(co_await file.append(Chain(Slice::from_static("x"))));
    if (!bugs_.ack_before_sync) OTTLA_CO_CHECK(co_await file.sync());
    ledger_.acked = std::max(ledger_.acked, file.size());
    OTTLA_INVARIANT(!bugs_.abort || ledger_.acked < kGoal / 2, "planted", ledger_.acked);
    while (bugs_.spin && ledger_.acked == kGoal / 2) asm volatile("" ::: "memory");
    if (bugs_.ack_before_sync) OTTLA_CO_CHECK(co_await file.sync());
    co_return Result<void>();
  }

  const Address server_;
  Ledger& ledger_;
  const Bugs bugs_;
};

class Run {
 public:
  explicit Run(const RunRequest& request) : world_(request.seed, request.options) {
    world_.trace().set_sink(request.trace);
    world_.set_limits(5'000'000, std::chrono::hours(1));
    bugs_.ack_before_sync = request.planted_bug == "ack-before-sync";
    bugs_.destructor_sends = request.planted_bug == "destructor-sends";
    bugs_.abort = request.planted_bug == "abort";
    bugs_.spin = request.planted_bug == "spin";
    hosts_.push_back(&world_.add_host("server"));
    for (std::size_t i = 0; i < kClients; ++i) {
      hosts_.push_back(&world_.add_host("client" + std::to_string(i)));
    }
    start();
    injector_.emplace(world_, hosts_, request.plan);
  }

  Outcome run(Duration fault_phase) {
    watch(fault_phase, [] { return false; });
    injector_->heal();
    watch(seconds(300), [this] { return finished(); });
    if (world_.violations().empty() && !finished()) world_.violate("not alive again after healing");
    hosts_.front()->request_stop();
    (void)world_.run_until([this] { return !hosts_.front()->running(); }, seconds(300));
    if (world_.violations().empty() && hosts_.front()->running()) world_.violate("the server does not stop");
    Outcome outcome;
    outcome.violations = world_.violations();
    outcome.steps = world_.steps();
    for (const Ledger& ledger : ledgers_) outcome.acked_operations += ledger.acked;
    outcome.strikes = world_.strikes();
    outcome.hash = world_.trace().hash();
    return outcome;
  }

 private:
  void start() {
    hosts_.front()->start(serve);
    for (std::size_t i = 0; i < kClients; ++i) {
      hosts_[i + 1]->start([this, i](Process&, Cancel cancel) -> Task<int> {
        Client client(hosts_.front()->address(kPort), ledgers_[i], bugs_);
        co_return co_await client.run(cancel);
      });
    }
  }
  bool finished() const {
    return std::ranges::all_of(hosts_.begin() + 1, hosts_.end(),
                               [](const sim::Host* host) { return !host->running(); });
  }
  // Runs, and looks at the disks whenever a machine has died or something was acknowledged.
  template <typename Done>
  void watch(Duration limit, Done done) {
    const Instant end = world_.now() + limit;
    while (world_.now() < end && world_.violations().empty() && !done()) {
      if (!world_.step()) return;
      for (std::size_t i = 0; i < kClients; ++i) check(i);
    }
  }
  void check(std::size_t client) {
    sim::Host& host = *hosts_[client + 1];
    const std::uint64_t look = host.deaths() + ledgers_[client].acked;
    if (look == looked_[client]) return;
    looked_[client] = look;
    const Result<FileStatus> status = host.disk().status(kFile);
    const std::uint64_t kept = status.ok() ? status->size : 0;
    if (kept < ledgers_[client].acked) {
      world_.violate(host.name() + " lost what was acknowledged: " + std::to_string(ledgers_[client].acked) +
                     " steps, and " + std::to_string(kept) + " on its disk");
    }
  }

  Bugs bugs_;
  std::array<Ledger, kClients> ledgers_;
  std::array<std::uint64_t, kClients> looked_{};
  sim::World world_;  // ends before what its processes refer to
  std::vector<sim::Host*> hosts_;
  std::optional<sim::FaultInjector> injector_;
};

constexpr Duration kFaultPhase = milliseconds(800);

}  // namespace

std::vector<std::string_view> EchoScenario::bugs() const {
  return {"ack-before-sync", "destructor-sends", "abort", "spin"};
}

sim::FaultPlan EchoScenario::plan(std::uint64_t seed) const {
  sim::SwarmOptions options;
  options.targets = kClients + 1;
  options.kinds = sim::survivable_faults();
  options.phase = kFaultPhase;
  options.longest = milliseconds(500);
  return sim::draw_plan(seed, options);
}

sim::WorldOptions EchoScenario::options(std::uint64_t) const {
  return {};
}

Outcome EchoScenario::run(const RunRequest& request) const {
  return Run(request).run(kFaultPhase);
}

}  // namespace ottla::testing
