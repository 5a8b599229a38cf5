// One life of a process on a host: from its start to its end or its death.
//
// Lifetime:    owned by its Host, between two steps of the world.
// Concurrency: confined to the world's one thread.
// Invariants:  1. at a death every door is inert before the first shard is, and every shard before the first
//                 frame dies
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log_drain.h"
#include "base/log_level.h"
#include "runtime/event.h"
#include "runtime/process.h"
#include "sim/shard_home.h"

namespace ottla::sim {

class Host;

class Incarnation final : public Process, private LogSink {
 public:
  Incarnation(Host& host, std::size_t shards, std::uint64_t seed);
  ~Incarnation() override;

  void begin(const ProcessMain& main);
  // Asks main to end.
  void request_stop();
  // True when main has ended and nothing runs or waits any more.
  bool finished();
  // What main left behind when it finished, in words; empty when nothing.
  std::string leaks();
  // First every door goes inert, then all shards and frames die.
  void close_doors();
  void die();

  bool dead() const { return dead_; }
  bool stopping() const { return stopping_; }
  int exit_code() const { return exit_code_; }
  Host& host() { return host_; }
  ShardHome& home(std::size_t index) { return *homes_[index]; }
  void deliver(Signal signal);
  void drain_log();

  std::size_t shard_count() const override { return homes_.size(); }
  Shard& shard(ShardId id) override { return homes_[id.raw()]->shard(); }
  Task<Result<Signal>> next_signal(Cancel cancel) override;
  void let_signals_kill() override { signals_kill_ = true; }
  bool signals_kill() const { return signals_kill_; }
  std::optional<std::string> environment(std::string_view name) const override;
  std::vector<EnvironmentVariable> whole_environment() const override;
  bool is_privileged() const override { return false; }
  ResourceLimits limits() const override;
  LogLevels& log_levels() override { return levels_; }
  void notify(ServiceState state, std::string_view status) override;

 private:
  void write(std::string_view lines) override;

  Host& host_;
  LogLevels levels_;
  std::vector<std::unique_ptr<ShardHome>> homes_;
  LogDrain log_;
  std::deque<Signal> signals_;
  Event signalled_;
  bool dead_ = false;
  bool stopping_ = false;  // main has ended
  bool signals_kill_ = false;
  int exit_code_ = 0;
};

}  // namespace ottla::sim
