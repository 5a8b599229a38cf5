#include "sim/fault_injector.h"

#include <algorithm>
#include <string>

#include "sim/world.h"

namespace ottla::sim {

// A fault of the plan: first its beginning is scheduled, then its end.
class FaultInjector::Occurrence final : public SimEvent {
 public:
  Occurrence(FaultInjector& injector, const Fault& fault) : injector_(injector), fault_(fault) {}
  const Fault& fault() const { return fault_; }

 private:
  void happen() override {
    if (begun_) return injector_.end(fault_);
    begun_ = true;
    injector_.world_.schedule_in(*this, fault_.lasts);
    injector_.begin(fault_);
  }

  FaultInjector& injector_;
  const Fault fault_;
  bool begun_ = false;
};

FaultInjector::FaultInjector(World& world, std::vector<Host*> targets, FaultPlan plan)
    : world_(world), targets_(std::move(targets)) {
  for (const Fault& fault : plan.faults) {
    if (fault.target >= targets_.size() || fault.other >= targets_.size()) continue;
    world_.schedule_in(occurrences_.emplace_back(*this, fault), fault.at);
  }
}

FaultInjector::~FaultInjector() = default;

bool FaultInjector::active(FaultKind kind, std::size_t target) const {
  return last_active(kind, target) != nullptr;
}

const Fault* FaultInjector::last_active(FaultKind kind, std::size_t target) const {
  const auto found = std::find_if(under_way_.rbegin(), under_way_.rend(), [&](const Fault* fault) {
    return fault->kind == kind && fault->target == target;
  });
  return found == under_way_.rend() ? nullptr : *found;
}

void FaultInjector::begin(const Fault& fault) {
  Host& host = *targets_[fault.target];
  world_.trace().add(world_.now(), host.trace_place(), TraceKind::fault,
                     static_cast<std::uint64_t>(fault.kind), fault.seed,
                     [&] { return "begins: " + fault.to_string(); });
  under_way_.push_back(&fault);
  begin_on_process(fault, host);
  begin_on_clock(fault, host);
  begin_on_disk(fault, host);
  begin_on_network(fault, host);
}

void FaultInjector::cut(Host& host) {
  host.resume();
  host.cut_power();
}

void FaultInjector::begin_on_process(const Fault& fault, Host& host) {
  switch (fault.kind) {
    case FaultKind::kill:
      host.resume();
      return host.kill();
    case FaultKind::cut_power:
      return cut(host);
    case FaultKind::cut_all_power:
      for (Host* each : targets_) cut(*each);
      return;
    case FaultKind::pause:
      return host.pause();
    case FaultKind::lose_disk:
      cut(host);
      return host.disk().lose_everything();
    case FaultKind::return_copy:
      return host.disk().keep_copy("/");
    default:
      return;
  }
}

void FaultInjector::begin_on_clock(const Fault& fault, Host& host) {
  if (fault.kind == FaultKind::clock_jump) {
    world_.strikes().add(Strike::clock_jumped);
    host.clock().jump_wall(std::chrono::milliseconds(fault.amount));
  } else if (fault.kind == FaultKind::clock_drift || fault.kind == FaultKind::clock_freeze) {
    world_.strikes().add(fault.kind == FaultKind::clock_drift ? Strike::clock_drifted : Strike::clock_frozen);
    apply_clock(host, fault.target);
  }
}

void FaultInjector::begin_on_disk(const Fault& fault, Host& host) {
  if (fault.kind == FaultKind::flip_bits) {
    for (std::int64_t i = 0; i < fault.amount; ++i) {
      const std::optional<FlippedBit> bit = host.disk().flip_bit("");
      const std::string flipped = bit ? bit->to_string() : std::string();
      world_.trace().add(world_.now(), host.trace_place(), TraceKind::fault, flipped.size(), 1,
                         [&] { return "flips " + flipped; });
    }
  } else if (fault.kind == FaultKind::lose_file) {
    const std::string lost = host.disk().lose_file("");
    world_.trace().add(world_.now(), host.trace_place(), TraceKind::fault, lost.size(), 2,
                       [&] { return "loses " + lost; });
  }
  apply_disk(host, fault.target);
}

void FaultInjector::begin_on_network(const Fault& fault, Host& host) {
  if (fault.kind == FaultKind::reset_connections) {
    world_.network().reset_connections(host, static_cast<std::size_t>(fault.amount));
  }
  apply_links();
}

void FaultInjector::apply_clock(Host& host, std::size_t target) {
  std::int64_t drift = 0;
  if (const Fault* fault = last_active(FaultKind::clock_drift, target)) drift = fault->amount;
  if (active(FaultKind::clock_freeze, target)) drift = -1'000'000;
  host.clock().set_drift(drift, world_.now());
  host.clock_changed();
}

void FaultInjector::apply_disk(Host& host, std::size_t target) {
  const auto amount = [&](FaultKind kind, std::uint32_t otherwise) {
    const Fault* fault = last_active(kind, target);
    return fault == nullptr ? otherwise : static_cast<std::uint32_t>(fault->amount);
  };
  DiskTrouble& trouble = host.disk().trouble;
  trouble.failing_reads = amount(FaultKind::fail_reads, 0);
  trouble.failing_writes = amount(FaultKind::fail_writes, 0);
  trouble.failing_syncs = amount(FaultKind::fail_syncs, 0);
  trouble.slowness = amount(FaultKind::slow_disk, 1);
  trouble.full = active(FaultKind::fill_disk, target);
  trouble.read_only = active(FaultKind::read_only_disk, target);
  const Fault* stall = last_active(FaultKind::stall_disk, target);
  trouble.stalled_until =
      stall == nullptr ? Instant{} : std::max(trouble.stalled_until, world_.now() + stall->lasts);
}

void FaultInjector::apply_links() {
  Switchboard& network = world_.network();
  std::vector<bool> closed(world_.host_count() * world_.host_count());
  network.reset_qualities();
  const auto close = [&](const Host& from, const Host& to) {
    if (&from != &to) closed[from.index() * world_.host_count() + to.index()] = true;
  };
  for (const Fault* fault : under_way_) {
    const Host& host = *targets_[fault->target];
    const Host& other = *targets_[fault->other];
    const FaultKind kind = fault->kind;
    if (kind == FaultKind::part || kind == FaultKind::part_one_way) close(host, other);
    if (kind == FaultKind::part) close(other, host);
    for (std::size_t i = 0; i < world_.host_count(); ++i) {
      const Host& each = world_.host(i);
      if (kind == FaultKind::isolate || kind == FaultKind::mute) close(host, each);
      if (kind == FaultKind::isolate || kind == FaultKind::deafen) close(each, host);
      if (&each == &host) continue;
      if (kind == FaultKind::refuse_connects) network.link(each, host).refuses_connects = true;
      if (kind == FaultKind::short_reads) {
        network.link(each, host).read_limit = static_cast<std::size_t>(fault->amount);
      }
      if (kind != FaultKind::slow_link) continue;
      for (Link* link : {&network.link(host, each), &network.link(each, host)}) {
        link->latency.base += std::chrono::milliseconds(fault->amount);
        link->bytes_per_second = 100'000;
        link->slowed = true;
      }
    }
  }
  for (std::size_t from = 0; from < world_.host_count(); ++from) {
    for (std::size_t to = 0; to < world_.host_count(); ++to) {
      network.set_closed(world_.host(from), world_.host(to), closed[from * world_.host_count() + to]);
    }
  }
}

void FaultInjector::end(const Fault& fault) {
  Host& host = *targets_[fault.target];
  world_.trace().add(world_.now(), host.trace_place(), TraceKind::fault,
                     static_cast<std::uint64_t>(fault.kind), 3, [&] { return "ends: " + fault.to_string(); });
  std::erase(under_way_, &fault);
  if (fault.kind == FaultKind::return_copy) {
    cut(host);
    host.disk().return_copy();
  }
  if (fault.kind == FaultKind::pause && !active(FaultKind::pause, fault.target)) host.resume();
  if (fault.kind == FaultKind::clock_drift || fault.kind == FaultKind::clock_freeze)
    apply_clock(host, fault.target);
  apply_disk(host, fault.target);
  apply_links();
  for (std::size_t target = 0; target < targets_.size(); ++target) revive(target);
}

// Starts the target again unless something still keeps it down.
void FaultInjector::revive(std::size_t target) {
  Host& host = *targets_[target];
  if (host.running() || !host.was_started() || host.exit_code()) return;
  for (const FaultKind kind : {FaultKind::kill, FaultKind::cut_power, FaultKind::lose_disk}) {
    if (active(kind, target)) return;
  }
  for (const Fault* fault : under_way_) {
    if (fault->kind == FaultKind::cut_all_power) return;
  }
  host.restart();
}

void FaultInjector::heal() {
  if (healed_) return;
  healed_ = true;
  for (Occurrence& occurrence : occurrences_) occurrence.cancel();
  while (!under_way_.empty()) end(*under_way_.back());
  for (std::size_t target = 0; target < targets_.size(); ++target) revive(target);
}

}  // namespace ottla::sim
