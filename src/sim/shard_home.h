// One shard of a simulated process and the doors that it finds around itself.
//
// Lifetime:    owned by its Incarnation; outlives the shard and everything that runs on it.
// Concurrency: confined to the world's one thread.
// Invariants:  1. a shard with something to do stands in the world's list of runnable shards, unless it is paused
//              2. from the death of its process on, every door refuses, and says who knocked
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/log.h"
#include "base/log_buffer.h"
#include "base/metric.h"
#include "base/metric_registry.h"
#include "runtime/shard.h"
#include "sim/event_queue.h"
#include "sim/simulated_file_system.h"
#include "sim/simulated_jobs.h"
#include "sim/simulated_network.h"
#include "sim/trace.h"

namespace ottla::sim {

class Host;
class Incarnation;
class World;

class ShardHome final : private Waker, private Clock, private LogClock, private SimEvent {
 public:
  ShardHome(Incarnation& process, std::uint32_t index, std::size_t shard_count, std::uint64_t seed);
  ShardHome(const ShardHome&) = delete;
  ShardHome& operator=(const ShardHome&) = delete;
  ~ShardHome();

  Shard& shard() { return *shard_; }
  Incarnation& process() { return process_; }
  Host& host();
  World& world();
  LogBuffer& log_buffer() { return log_buffer_; }

  // Does `change` as this shard, then lets the shard run if that made something ready.
  template <typename F>
  void enter(F change) {
    {
      const Shard::Scope scope(*shard_);
      change();
    }
    if (shard_->has_ready()) make_runnable();
  }

  // One resumption of one coroutine, and what belongs to it.
  void step(Priority first);
  // Looks for work after a pause, a jump of the clock, or at the start.
  void make_runnable();
  // Nothing of this shard runs any more.
  void fall_silent();
  void rearm_alarm();

  // False when the process is dead: whoever asked must do nothing.
  bool may_use_door(const char* what);

  template <typename Text>
  void trace(TraceKind kind, std::uint64_t a, std::uint64_t b, Text text);

  SimulatedHelpers& helpers() { return helpers_; }

 private:
  friend class World;

  void wake() override { make_runnable(); }
  Instant monotonic() override;
  WallTime wall() override;
  std::chrono::nanoseconds since_epoch() override { return wall().time_since_epoch(); }
  void happen() override { make_runnable(); }  // the next deadline has come
  void end_sleep();

  Incarnation& process_;
  LogBuffer log_buffer_;
  LogSource log_;
  MetricRegistry metrics_;
  Metric<Counter> slept_;
  std::optional<Instant> asleep_since_;  // by its own clock
  SimulatedNetwork network_;
  SimulatedFileSystem files_;
  std::unique_ptr<FileSystem> refitted_files_;  // over files_; null when nothing is wrong with them
  SimulatedHelpers helpers_;
  std::unique_ptr<Shard> shard_;
  bool silent_ = false;
  std::size_t runnable_slot_ = static_cast<std::size_t>(-1);  // the world's
};

}  // namespace ottla::sim
