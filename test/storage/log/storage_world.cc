#include "test/storage/log/storage_world.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/invariant.h"
#include "record/batch_view.h"
#include "sim/world.h"
#include "test/storage/log/broken_doors.h"
#include "test/storage/log/log_workload.h"

namespace ottla::storage {
namespace {

using sim::Fault;
using sim::FaultKind;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::int64_t kAskedToStop = 1;  // the amount of a kill
constexpr Duration kPatience = std::chrono::minutes(10);

class Run {
 public:
  Run(const testing::RunRequest& request, Plant plant)
      : plan_(request.plan), workload_(request.seed, plant), world_(request.seed, request.options) {
    world_.trace().set_sink(request.trace);
    world_.set_limits(5'000'000, std::chrono::hours(2));
    host_ = &world_.add_host("here");
    (void)host_->disk().make_directories("/place");
    host_->disk().sync_everything();
  }

  testing::Outcome run() {
    host_->start([this](Process& process, Cancel cancel) { return workload_.main(process, cancel); });
    const Instant begin = world_.now();
    for (const Fault& fault : plan_.faults) {
      pass_until(begin + fault.at);
      if (!good()) break;
      meet(fault);
    }
    if (good()) end();
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

  // A process that gave up because of its disk is started again, on a machine that was, too.
  void pass_until(Instant end) {
    while (good() && world_.now() < end) {
      Instant next = end;
      for (const auto& [until, fault] : troubles_) next = std::min(next, until);
      (void)world_.run_until([this] { return !host_->running(); }, next - world_.now());
      if (!host_->running()) {
        world_.run_for(milliseconds(1));
        restart_machine();
        host_->restart();
      }
      end_troubles(world_.now());
    }
  }

  void end_troubles(Instant now) {
    std::erase_if(troubles_, [now](const auto& trouble) { return trouble.first <= now; });
    apply_troubles();
  }

  void apply_troubles() {
    sim::DiskTrouble& disk = host_->disk().trouble;
    disk = {};
    for (const auto& [until, fault] : troubles_) {
      const auto amount = static_cast<std::uint32_t>(fault.amount);
      if (fault.kind == FaultKind::fail_reads) disk.failing_reads = amount;
      if (fault.kind == FaultKind::fail_writes) disk.failing_writes = amount;
      if (fault.kind == FaultKind::fail_syncs) disk.failing_syncs = amount;
      if (fault.kind == FaultKind::slow_disk) disk.slowness = amount;
      disk.full |= fault.kind == FaultKind::fill_disk;
    }
  }

  void meet(const Fault& fault) {
    world_.trace().add(world_.now(), {}, sim::TraceKind::fault, static_cast<std::uint64_t>(fault.kind),
                       fault.seed, [&] { return fault.to_string(); });
    switch (fault.kind) {
      case FaultKind::kill:
      case FaultKind::cut_power:
        die(fault.kind, fault.amount == kAskedToStop);
        return host_->restart();
      case FaultKind::flip_bits:
      case FaultKind::lose_file:
        return rot(fault);
      default:
        syncs_failed_ |= fault.kind == FaultKind::fail_syncs;
        troubles_.emplace_back(world_.now() + fault.lasts, fault);
        return apply_troubles();
    }
  }

  void die(FaultKind kind, bool asked) {
    if (!host_->running()) {
      restart_machine();
    } else if (kind == FaultKind::cut_power) {
      host_->cut_power();
      workload_.died(LogModel::Death::machine);
      syncs_failed_ = false;
    } else if (asked) {
      host_->request_stop();
      const bool ended = world_.run_until([this] { return !host_->running(); }, kPatience);
      if (!ended) world_.violate("the log's process was asked to stop and did not");
      if (ended && !workload_.left_clean()) restart_machine();
    } else {
      host_->kill();
      workload_.died(LogModel::Death::process);
      if (syncs_failed_) restart_machine();
    }
  }

  // A sync may have failed. What it covered reads well from the page cache and is on no disk: a log that is opened over
  // it cannot tell, so that a broken disk takes a new start of its machine.
  void restart_machine() {
    (void)host_->disk().lose_power();
    workload_.died(LogModel::Death::machine);
    syncs_failed_ = false;
  }

  // Where a batch begins is under no checksum: another batch's offset, most of the time, or any.
  std::optional<sim::FlippedBit> flip_base_offset(Random& random) {
    std::vector<std::string> logs = host_->disk().paths();
    std::erase_if(logs, [](const std::string& path) { return !path.ends_with(".log"); });
    if (logs.empty()) return std::nullopt;
    const std::string& path = logs[random.below(logs.size())];
    sim::FileData& data = (*host_->disk().find(path))->data;
    std::vector<std::byte> bytes(data.content().size());
    data.content().read(0, bytes);
    std::vector<std::uint64_t> begins;
    for (std::uint64_t at = 0; at < bytes.size();) {
      const auto front = record::read_front(std::span(bytes).subspan(at));
      if (!front.ok()) break;
      begins.push_back(at);
      at += static_cast<std::uint64_t>(front->size);
    }
    if (begins.empty()) return std::nullopt;
    const std::uint64_t byte = random.chance(3, 4) ? 6 + random.below(2) : random.below(8);
    const sim::FlippedBit flipped{.path = path,
                                  .at = begins[random.below(begins.size())] + byte,
                                  .bit = static_cast<unsigned>(random.below(8))};
    data.rot(flipped.at, static_cast<std::byte>(1U << flipped.bit));
    return flipped;
  }

  // One kind of file, so that it can be told what rot of it may do.
  void rot(const Fault& fault) {
    static constexpr std::array<const char*, 7> kKinds = {
        ".log", ".log", ".index", ".timeindex", ".txnindex", ".snapshot", "leader-epoch"};
    Random random(fault.seed);
    troubles_.clear();
    apply_troubles();
    die(random.chance(1, 2) ? FaultKind::kill : FaultKind::cut_power, random.chance(1, 2));
    if (!good()) return;
    const std::size_t drawn = random.below(kKinds.size());
    const char* const kind = kKinds[drawn];
    const auto flip = [&] { return drawn == 0 ? flip_base_offset(random) : host_->disk().flip_bit(kind); };
    for (std::int64_t i = 0; i < fault.amount; ++i) {
      if (fault.kind == FaultKind::lose_file) {
        const std::string lost = host_->disk().lose_file(kind);
        if (!lost.empty()) workload_.rotted("lost " + lost);
      } else if (const std::optional<sim::FlippedBit> flipped = flip()) {
        workload_.rotted("flipped " + flipped->to_string());
        workload_.tell_flipped(*flipped);
      }
    }
    host_->restart();
  }

  // All is well again, and so must be the log.
  void end() {
    troubles_.clear();
    apply_troubles();
    if (host_->running()) {
      world_.run_for(milliseconds(5));
      die(FaultKind::kill, true);
    } else {
      restart_machine();
    }
    if (!good()) return;
    host_->restart();
    world_.run_for(milliseconds(5));
    die(FaultKind::kill, true);
    if (good() && !workload_.left_clean() && !workload_.rotten())
      world_.violate("the log does not close, and nothing is wrong");
  }

  const sim::FaultPlan plan_;
  LogWorkload workload_;
  sim::World world_;
  sim::Host* host_ = nullptr;
  std::vector<std::pair<Instant, Fault>> troubles_;  // under way, and until when
  bool syncs_failed_ = false;                        // perhaps, since the machine was started
};

}  // namespace

std::vector<std::string_view> StorageWorld::bugs() const {
  std::vector<std::string_view> names;
  for (const NamedPlant& known : kPlants) names.push_back(known.name);
  return names;
}

// A few lives, one after the other; most seeds leave most troubles out.
sim::FaultPlan StorageWorld::plan(std::uint64_t seed) const {
  Random random(seed ^ 0x706c616e);
  sim::FaultPlan plan;
  const std::int64_t deaths = random.between(3, 9);
  const std::int64_t phase = deaths * 40'000;
  const auto add = [&](FaultKind kind, Duration at, Duration lasts, std::int64_t amount) {
    plan.faults.push_back({.kind = kind, .at = at, .lasts = lasts, .amount = amount, .seed = random.next()});
  };
  const auto some_time = [&] { return microseconds(random.between(0, phase)); };
  for (std::int64_t i = 0; i < deaths; ++i) {
    const std::uint64_t how = random.below(10);
    add(how < 4 ? FaultKind::cut_power : FaultKind::kill, some_time(), Duration(0),
        how < 8 ? 0 : kAskedToStop);
  }
  struct Trouble {
    FaultKind kind;
    std::uint32_t of_four;  // seeds that have it
    std::int64_t amount;
  };
  for (const Trouble& trouble : {Trouble{FaultKind::fill_disk, 2, 0}, Trouble{FaultKind::fail_writes, 1, 40},
                                 Trouble{FaultKind::fail_syncs, 1, 40}, Trouble{FaultKind::fail_reads, 1, 10},
                                 Trouble{FaultKind::slow_disk, 1, 10}}) {
    if (!random.chance(trouble.of_four, 4)) continue;
    for (std::uint64_t left = 1 + random.below(3); left > 0; --left) {
      add(trouble.kind, some_time(), microseconds(random.between(100, 10'000)), trouble.amount);
    }
  }
  std::ranges::sort(plan.faults, {}, &Fault::at);
  if (random.chance(1, 5)) {
    const bool flips = random.chance(3, 4);
    add(flips ? FaultKind::flip_bits : FaultKind::lose_file, microseconds(phase), Duration(0),
        random.between(1, 3));
  }
  return plan;
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
