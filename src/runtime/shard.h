// A shard: one thread of work that shares nothing. Run queues, timers, messages from other shards, and the
// doors to the outside that code on it may use.
//
// The same Shard runs in both worlds; what differs is its Outside (doors) and who drives it: a Linux event
// loop, or a simulated world that runs one step at a time.
//
// Concurrency: everything is confined to the shard's thread, except post() and what its comment says.
// Invariants:  1. a ready coroutine is in exactly one run queue
//              2. foreground work goes first; background work gets its share in every turn
//              3. once go_inert() ran, no coroutine of this shard is resumed again
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/strong_id.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/frame_pool.h"
#include "runtime/random.h"
#include "runtime/timer_wheel.h"
#include "runtime/waiter.h"

namespace ottla {

class FileSystem;
class Helpers;
class LogSource;
class MetricRegistry;
class Network;
class Process;
class Shard;
class TaskGroup;

using ShardId = StrongId<struct ShardTag, std::uint32_t>;

// Something that happens on another shard. Owned by whoever posted it until run() takes over.
class Message {
 public:
  virtual void run(Shard& here) = 0;
  // The process was killed while the message was under way. Messages that own themselves free themselves.
  virtual void abandon() {}

 protected:
  ~Message() = default;

 private:
  friend class Shard;
  Message* next_ = nullptr;
};

// What a shard may touch beyond itself. All of it outlives the shard.
struct Outside {
  Clock* clock = nullptr;
  Network* network = nullptr;
  FileSystem* files = nullptr;
  Helpers* helpers = nullptr;
  Process* process = nullptr;
  LogSource* log = nullptr;
  MetricRegistry* metrics = nullptr;
  std::uint64_t random_seed = 0;
};

// Interrupts the wait of a driver that has nothing to do. Called from any thread.
class Waker {
 public:
  virtual void wake() = 0;

 protected:
  ~Waker() = default;
};

class Shard {
 public:
  Shard(ShardId id, Outside outside, Waker& waker, std::size_t shard_count);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  ~Shard();

  // The shard whose work is running now.
  static Shard& current() {
    OTTLA_INVARIANT(current_ != nullptr, "no shard runs here");
    return *current_;
  }
  static Shard* current_or_null() { return current_; }

  ShardId id() const { return id_; }
  // Monotonic time as of this turn of the loop: cheap, at most a time slice old.
  Instant now() const { return now_; }
  // Read from the clock now.
  Instant exact_now() { return outside_.clock->monotonic(); }
  WallTime wall_now() { return outside_.clock->wall(); }
  Random& random() { return random_; }
  Network& network() { return *outside_.network; }
  FileSystem& files() { return *outside_.files; }
  Helpers& helpers() { return *outside_.helpers; }
  Process& process() { return *outside_.process; }
  LogSource& log() { return *outside_.log; }
  MetricRegistry& metrics() { return *outside_.metrics; }
  TimerWheel& timers() { return timers_; }
  FramePool& frames() { return frames_; }

  // --- Scheduling -----------------------------------------------------------------------------------------
  void schedule(Waiter& waiter) { ready_[static_cast<std::size_t>(waiter.priority)].push_back(waiter); }
  Priority priority() const { return priority_; }
  void set_priority(Priority priority) { priority_ = priority; }
  // True when the running coroutine has had its share and ought to co_await yield().
  bool slice_spent() { return exact_now() >= slice_end_; }

  // --- Messages -------------------------------------------------------------------------------------------
  // Sends at the end of this slice, together with all else that goes to `target`.
  void send(Shard& target, Message& message);
  // Hands `first` ... (linked) over to this shard. Any thread.
  void post(Message& first, Message& last);
  void post(Message& message) { post(message, message); }

  // --- Open doors, counted so that a stop can prove that none is left
  // ---------------------------------------
  struct OpenDoors {
    std::int64_t files = 0;
    std::int64_t sockets = 0;
  };
  OpenDoors& open_doors() { return open_doors_; }

  // Tasks that arrive by message, and the process's own main, live here.
  TaskGroup& root() { return *root_; }

  // --- For the driver
  // --------------------------------------------------------------------------------------- Makes this shard
  // the current one while it lives; drivers hold one whenever they call what follows.
  class Scope {
   public:
    explicit Scope(Shard& shard) : previous_(current_), previous_frames_(FramePool::current_or_null()) {
      current_ = &shard;
      FramePool::set_current(&shard.frames_);
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() {
      current_ = previous_;
      FramePool::set_current(previous_frames_);
    }

   private:
    Shard* previous_;
    FramePool* previous_frames_;
  };

  // Reads the clock, fires timers, takes in messages. True when anything became ready.
  bool poll();
  // Resumes one ready coroutine, of that priority if there is any; false when none is.
  bool run_one(Priority first = Priority::foreground);
  // Runs foreground and background work for at most one slice each, then sends what they posted.
  void run_slice();
  void flush_messages();
  // Takes in messages alone; true when there were any.
  bool drain_messages();
  // Whether messages wait to be taken in, and how often some were.
  bool has_messages() const { return inbox_.load(std::memory_order_relaxed) != nullptr; }
  std::uint64_t times_drained() const { return times_drained_; }
  bool has_ready() const { return !ready_[0].empty() || !ready_[1].empty(); }
  std::optional<Instant> next_deadline() { return timers_.next(); }

  // Sleep protocol for drivers with real threads: prepare_to_sleep() is false when a message came meanwhile.
  bool prepare_to_sleep();
  void woke_up() { sleeping_.store(false, std::memory_order_relaxed); }

  // The process died. First every shard of it, and every door, goes inert; then the frames die. Nothing of
  // this shard runs or sends again.
  void go_inert();
  void destroy_frames();
  bool killed() const { return killed_; }
  // Messages sent and tasks spawned after the kill: each is a destructor that does what no destructor may.
  std::uint64_t uses_after_death() const { return uses_after_death_; }
  void note_use_after_death() { ++uses_after_death_; }
  // What a clean stop left behind, in words; empty when nothing.
  std::string leaks();

  std::uint64_t resumed_count() const { return resumed_; }

 private:
  bool run_queue(Priority priority, Duration share);

  // Where nothing runs this is null; set by Scope alone.
  [[gnu::tls_model("initial-exec")]] static thread_local constinit Shard* current_;

  ShardId id_;
  Outside outside_;
  Waker* waker_;
  Random random_;
  Instant now_;
  Instant slice_end_;
  Priority priority_ = Priority::foreground;
  bool killed_ = false;
  FramePool frames_;  // outlives every frame below
  TimerWheel timers_;
  std::array<WaiterList, 2> ready_;
  std::uint64_t resumed_ = 0;
  std::uint64_t times_drained_ = 0;
  std::uint64_t uses_after_death_ = 0;
  OpenDoors open_doors_;

  struct Outbox {
    Shard* target = nullptr;
    Message* first = nullptr;
    Message* last = nullptr;
  };
  std::vector<Outbox> outboxes_;  // indexed by shard
  bool outbox_pending_ = false;
  std::unique_ptr<TaskGroup> root_;

  alignas(64) std::atomic<Message*> inbox_{nullptr};  // newest first; written by every shard
  std::atomic<bool> sleeping_{false};
};

inline Shard& this_shard() {
  return Shard::current();
}

}  // namespace ottla
