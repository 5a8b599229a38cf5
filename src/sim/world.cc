#include "sim/world.h"

#include <utility>

#include "sim/incarnation.h"

namespace ottla::sim {

World::World(std::uint64_t seed, WorldOptions options)
    : seed_(seed),
      options_(options),
      random_(seed),
      scheduling_(random_.fork()),
      network_(std::make_unique<Switchboard>(*this, random_.next())) {}

World::~World() {
  for (const auto& host : hosts_) {
    if (host->running()) host->kill();
  }
  network_->forget_all();
  events_.clear();
}

Host& World::add_host(std::string name) {
  const auto index = static_cast<std::uint32_t>(hosts_.size());
  hosts_.push_back(std::make_unique<Host>(*this, std::move(name), index, random_.next()));
  network_->add_host(*hosts_.back());
  return *hosts_.back();
}

Host* World::find_host(std::string_view name) {
  for (const auto& host : hosts_) {
    if (host->name() == name) return host.get();
  }
  return nullptr;
}

bool World::limit_reached() {
  if (steps_ < step_limit_ && now_ < time_limit_) [[likely]]
    return false;
  violate(steps_ >= step_limit_ ? "the step limit was reached: something never comes to rest"
                                : "the limit of virtual time was reached: something waits for ever");
  step_limit_ = UINT64_MAX;
  time_limit_ = Instant::max();
  ended_ = true;
  return true;
}

bool World::step() {
  if (ended_ || limit_reached()) return false;
  if (!events_.empty() && events_.next_due() <= now_) {
    events_.happen_next();
  } else if (!runnable_.empty()) {
    run_one_shard();
  } else if (!events_.empty()) {
    now_ = events_.next_due();
    events_.happen_next();
  } else {
    return false;
  }
  ++steps_;
  return true;
}

void World::run_one_shard() {
  const std::uint64_t drawn = scheduling_.next();
  const std::size_t pick = ((drawn >> 32) * runnable_.size()) >> 32;
  ShardHome& home = *runnable_[pick];
  const bool background_first = (drawn & 7) == 0;
  home.step(background_first ? Priority::background : Priority::foreground);
  const auto cost = static_cast<std::uint64_t>(options_.step_cost.count());
  now_ += Duration(static_cast<std::int64_t>(cost / 2 + ((drawn >> 3) & 1023) * cost / 1024));
  Incarnation& process = home.process();
  if (process.stopping()) process.host().end_if_finished();
}

bool World::run_for(Duration duration) {
  const Instant end = now_ + duration;
  while (now_ < end) {
    if (runnable_.empty() && (events_.empty() || events_.next_due() >= end)) {
      const bool alive = !events_.empty();
      now_ = end;
      return alive;
    }
    if (!step()) return false;
  }
  return true;
}

void World::violate(std::string what) {
  trace_.add(now_, {}, TraceKind::note, violations_.size(), 0, [&] { return "VIOLATION: " + what; });
  violations_.push_back(std::move(what));
}

void World::add_runnable(ShardHome& home) {
  if (home.runnable_slot_ != kNotRunnable) return;
  home.runnable_slot_ = runnable_.size();
  runnable_.push_back(&home);
}

void World::remove_runnable(ShardHome& home) {
  if (home.runnable_slot_ == kNotRunnable) return;
  ShardHome* last = runnable_.back();
  runnable_[home.runnable_slot_] = last;
  last->runnable_slot_ = home.runnable_slot_;
  runnable_.pop_back();
  home.runnable_slot_ = kNotRunnable;
}

}  // namespace ottla::sim
