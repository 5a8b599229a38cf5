#include "sim/incarnation.h"

#include <utility>

#include "runtime/task_group.h"
#include "sim/host.h"
#include "sim/world.h"

namespace ottla::sim {

Incarnation::Incarnation(Host& host, std::size_t shards, std::uint64_t seed)
    : host_(host), log_(*this, LogFormat::text) {
  Random seeds(seed);
  for (std::size_t i = 0; i < shards; ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    homes_.push_back(std::make_unique<ShardHome>(*this, index, shards, seeds.next()));
    log_.add(homes_.back()->log_buffer(), index);
  }
}

Incarnation::~Incarnation() = default;

void Incarnation::begin(const ProcessMain& main) {
  homes_.front()->enter([&] {
    homes_.front()->shard().root().spawn([this, &main](Cancel cancel) -> Task<void> {
      exit_code_ = co_await main(*this, cancel);
      stopping_ = true;
      for (const auto& home : homes_) home->make_runnable();
    });
  });
  for (const auto& home : homes_) home->make_runnable();
}

void Incarnation::request_stop() {
  homes_.front()->enter([&] { homes_.front()->shard().root().request_cancel(); });
}

bool Incarnation::finished() {
  if (!stopping_) return false;
  for (const auto& home : homes_) {
    if (!home->shard().root().empty()) return false;
  }
  for (bool moved = true; moved;) {  // claims on their way home
    moved = false;
    for (const auto& home : homes_) {
      home->enter([&] {
        moved |= home->shard().drain_messages();
        home->shard().flush_messages();
      });
    }
  }
  for (const auto& home : homes_) {
    if (!home->shard().root().empty() || home->shard().has_ready()) return false;
  }
  return true;
}

std::string Incarnation::leaks() {
  std::string left;
  for (const auto& home : homes_) {
    const std::string leaks = home->shard().leaks();
    if (!leaks.empty()) left += "shard " + std::to_string(home->shard().id().raw()) + ":\n" + leaks;
  }
  return left;
}

void Incarnation::close_doors() {
  drain_log();
  dead_ = true;
  for (const auto& home : homes_) home->fall_silent();
  for (const auto& home : homes_) home->helpers().abandon_all();
}

void Incarnation::die() {
  for (const auto& home : homes_) home->shard().go_inert();
  for (std::size_t i = homes_.size(); i-- > 0;) homes_[i]->shard().destroy_frames();
  for (const auto& home : homes_) {
    const std::uint64_t late = home->shard().uses_after_death();
    if (late != 0) {
      host_.world().violate(host_.name() + ": a message was sent or a task spawned after death");
    }
  }
}

Task<Result<Signal>> Incarnation::next_signal(Cancel cancel) {
  while (signals_.empty()) OTTLA_CO_CHECK(co_await signalled_.wait(cancel));
  const Signal signal = signals_.front();
  signals_.pop_front();
  co_return signal;
}

void Incarnation::deliver(Signal signal) {
  signals_.push_back(signal);
  homes_.front()->enter([&] { signalled_.wake_all(); });
}

std::vector<EnvironmentVariable> Incarnation::whole_environment() const {
  std::vector<EnvironmentVariable> all;
  for (const auto& [name, value] : host_.environment) all.push_back({.name = name, .value = value});
  return all;
}

std::optional<std::string> Incarnation::environment(std::string_view name) const {
  const auto found = host_.environment.find(name);
  if (found == host_.environment.end()) return std::nullopt;
  return found->second;
}

ResourceLimits Incarnation::limits() const {
  return host_.limits;
}

void Incarnation::notify(ServiceState state, std::string_view status) {
  if (dead_) return host_.world().violate(host_.name() + ": a door was used after death: notify");
  host_.world().trace().add(host_.world().now(), host_.trace_place(), TraceKind::process,
                            static_cast<std::uint64_t>(state), status.size(),
                            [&] { return "notifies: " + std::string(status); });
}

void Incarnation::drain_log() {
  if (host_.world().trace().readable()) log_.drain();
}

void Incarnation::write(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    host_.world().trace().show(host_.world().now(), host_.trace_place(), TraceKind::log, line);
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 1);
  }
}

}  // namespace ottla::sim
