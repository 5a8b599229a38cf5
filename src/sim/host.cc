#include "sim/host.h"

#include <utility>

#include "sim/incarnation.h"
#include "sim/world.h"

namespace ottla::sim {

Host::Host(World& world, std::string name, std::uint32_t index, std::uint64_t seed)
    : world_(world),
      name_(std::move(name)),
      index_(index),
      random_(seed),
      clock_(world.now()),
      disk_(world.options().disk, random_.next(), world.strikes()) {}

Host::~Host() = default;

Address Host::address(std::uint16_t port) const {
  const std::uint32_t number = index_ + 1;
  return Address::ipv4({10, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
                       port);
}

Address Host::address6(std::uint16_t port) const {
  const std::uint32_t number = index_ + 1;
  std::array<std::uint8_t, 16> bytes{0xfd};
  bytes[14] = static_cast<std::uint8_t>(number >> 8);
  bytes[15] = static_cast<std::uint8_t>(number);
  return Address::ipv6(bytes, port);
}

void Host::start(ProcessMain main, std::size_t shards) {
  main_ = std::move(main);
  shards_ = shards;
  restart();
}

void Host::restart() {
  OTTLA_INVARIANT(!running(), "the host runs a process already", name_);
  OTTLA_INVARIANT(main_ != nullptr, "the host never ran anything", name_);
  ++starts_;
  if (!powered_) {
    powered_ = true;
    world_.network().host_is_back(*this);
  }
  paused_ = false;
  world_.trace().add(world_.now(), trace_place(), TraceKind::process, starts_, shards_,
                     [] { return "starts"; });
  const std::uint64_t seed = random_.next();
  incarnation_ = std::make_unique<Incarnation>(*this, shards_, repeats_randomness ? index_ : seed);
  incarnation_->begin(main_);
}

void Host::kill() {
  if (!running()) return;
  world_.strikes().add(Strike::process_killed);
  world_.trace().add(world_.now(), trace_place(), TraceKind::process, 0, 0, [] { return "is killed"; });
  die(false);
}

void Host::cut_power() {
  if (!powered_) return;
  world_.strikes().add(Strike::power_lost);
  world_.trace().add(world_.now(), trace_place(), TraceKind::process, 0, 1, [] { return "loses power"; });
  powered_ = false;
  die(true);
  const CrashReport report = disk_.lose_power();
  world_.trace().add(world_.now(), trace_place(), TraceKind::crash, report.hash, report.operations,
                     [&] { return report.text(); });
}

// Doors first, then shards, then frames; then the process is gone.
void Host::die(bool power) {
  ++deaths_;
  if (incarnation_ == nullptr) return world_.network().process_died(*this, power);
  incarnation_->close_doors();
  world_.network().process_died(*this, power);
  disk_.process_died();
  incarnation_->die();
  incarnation_.reset();
}

void Host::request_stop() {
  if (running()) incarnation_->request_stop();
}

void Host::signal(Signal signal) {
  if (!running()) return;
  world_.trace().add(world_.now(), trace_place(), TraceKind::process, static_cast<std::uint64_t>(signal), 2,
                     [] { return "gets a signal"; });
  if (incarnation_->signals_kill()) return kill();
  incarnation_->deliver(signal);
}

void Host::pause() {
  if (!running() || paused_) return;
  world_.strikes().add(Strike::process_paused);
  world_.trace().add(world_.now(), trace_place(), TraceKind::process, 0, 3, [] { return "is paused"; });
  paused_ = true;
  for (std::size_t i = 0; i < shards_; ++i) world_.remove_runnable(incarnation_->home(i));
}

void Host::resume() {
  if (!paused_) return;
  paused_ = false;
  world_.trace().add(world_.now(), trace_place(), TraceKind::process, 0, 4, [] { return "goes on"; });
  clock_changed();
}

void Host::clock_changed() {
  if (!running()) return;
  for (std::size_t i = 0; i < shards_; ++i) incarnation_->home(i).make_runnable();
}

void Host::end_if_finished() {
  if (!incarnation_->finished()) return;
  const std::string left = incarnation_->leaks();
  if (!left.empty()) world_.violate(name_ + ": the process left something behind\n" + left);
  exit_code_ = incarnation_->exit_code();
  world_.trace().add(world_.now(), trace_place(), TraceKind::process, static_cast<std::uint64_t>(*exit_code_),
                     5, [&] { return "ends with " + std::to_string(*exit_code_); });
  if (!left.empty()) return die(false);
  incarnation_->drain_log();
  incarnation_.reset();
}

}  // namespace ottla::sim
