// A second outside: hosts, their processes, a network and disks, in one thread and in virtual time, all from
// one seed.
//
// Use:         World world(seed, {});  Host& a = world.add_host("a");  a.start(main);  world.run_for(1s);
// Lifetime:    owns everything in it. Its end kills what still runs.
// Concurrency: one thread; a world is not to be entered from within itself.
// Invariants:  1. one step is one resumption of one coroutine, or one event
//              2. the same seed, options and calls give the same steps and the same trace hash
//              3. time passes only by steps: a little for each resumption, else to the next event
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/random.h"
#include "sim/event_queue.h"
#include "sim/host.h"
#include "sim/shard_home.h"
#include "sim/strike.h"
#include "sim/switchboard.h"
#include "sim/trace.h"
#include "sim/world_options.h"

namespace ottla::sim {

class World {
 public:
  explicit World(std::uint64_t seed, WorldOptions options = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // Hosts get 10.0.0.1, 10.0.0.2... in the order of these calls; other hosts can resolve the name.
  Host& add_host(std::string name);
  std::size_t host_count() const { return hosts_.size(); }
  Host& host(std::size_t index) { return *hosts_[index]; }
  Host* find_host(std::string_view name);

  // --- Running it ------------------------------------------------------------------------------------------
  // False when nothing can ever happen again.
  bool step();
  // Until so much virtual time has passed; false when the world fell silent before.
  bool run_for(Duration duration);
  // Until `done()`, asked after each step; false when the world fell silent or `limit` passed.
  template <typename Done>
  bool run_until(Done done, Duration limit) {
    const Instant end = now_ + limit;
    while (!done()) {
      if (now_ >= end || !step()) return done();
    }
    return true;
  }

  // Reaching one of them is a violation, and the world's end: something never comes to rest.
  void set_limits(std::uint64_t steps, Duration time) {
    step_limit_ = steps;
    time_limit_ = now_ + time;
  }

  Instant now() const { return now_; }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t seed() const { return seed_; }
  const WorldOptions& options() const { return options_; }
  Trace& trace() { return trace_; }
  Switchboard& network() { return *network_; }
  StrikeCounts& strikes() { return strikes_; }

  // Something happened that must not: a door used after death, a task left behind, a broken promise.
  void violate(std::string what);
  const std::vector<std::string>& violations() const { return violations_; }

  // --- For the parts of the world --------------------------------------------------------------------------
  EventQueue& events() { return events_; }
  void schedule_in(SimEvent& event, Duration delay) { events_.schedule(event, now_ + delay); }
  Random& random() { return random_; }
  void pass(Duration duration) { now_ += duration; }
  void add_runnable(ShardHome& home);
  void remove_runnable(ShardHome& home);

 private:
  void run_one_shard();
  bool limit_reached();

  static constexpr std::size_t kNotRunnable = static_cast<std::size_t>(-1);

  const std::uint64_t seed_;
  const WorldOptions options_;
  Instant now_{std::chrono::seconds(1)};
  std::uint64_t steps_ = 0;
  std::uint64_t step_limit_ = UINT64_MAX;
  Instant time_limit_ = Instant::max();
  bool ended_ = false;  // a limit was reached
  Random random_;       // of the parts
  Random scheduling_;   // of the choice among shards
  Trace trace_;
  StrikeCounts strikes_;
  EventQueue events_;
  std::vector<ShardHome*> runnable_;
  std::unique_ptr<Switchboard> network_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<std::string> violations_;
};

template <typename Text>
void ShardHome::trace(TraceKind kind, std::uint64_t a, std::uint64_t b, Text text) {
  TracePlace place = host().trace_place();
  place.shard = shard_->id().raw();
  world().trace().add(world().now(), place, kind, a, b, std::move(text));
}

}  // namespace ottla::sim
