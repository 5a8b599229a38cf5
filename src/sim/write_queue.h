// What changes one simulated file, in the order of the calls: one change at a time is under way, and writes that
// queued up meanwhile and lie one behind the other go out together.
//
// Lifetime:    part of a SimulatedFile; idle() before that is destroyed, unless its process is dead.
// Concurrency: confined to the file's shard.
// Invariants:  1. size() = what is written, plus what is queued
//              2. a failure fails all that was queued behind it, unwritten
#pragma once

#include <cstdint>

#include "base/chain.h"
#include "base/result.h"
#include "runtime/task.h"
#include "runtime/waiter.h"
#include "sim/disk.h"
#include "sim/event_queue.h"

namespace ottla::sim {

class ShardHome;

class WriteQueue final : private SimEvent, private DiskOperation {
 public:
  enum class Action : std::uint8_t { write, truncate, reserve, extend };

  WriteQueue(ShardHome& home, DiskNode& node)
      : home_(home), node_(node), size_(node.data.content().size()), written_(size_) {}

  std::uint64_t size() const { return size_; }
  bool idle() const { return !busy_ && queue_.empty(); }

  class [[nodiscard]] Request final : private Waiter {
   public:
    Request(WriteQueue& queue, Action action, std::uint64_t offset, std::uint64_t end, Chain chain)
        : queue_(queue), action_(action), offset_(offset), end_(end), chain_(std::move(chain)) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    Result<void> await_resume() { return std::move(result_); }

   private:
    friend class WriteQueue;
    WriteQueue& queue_;
    const Action action_;
    const std::uint64_t offset_;
    const std::uint64_t end_;
    Chain chain_;
    Result<void> result_;
  };
  Request write(std::uint64_t offset, Chain chain) {
    const std::uint64_t end = offset + chain.size();
    return {*this, Action::write, offset, end, std::move(chain)};
  }
  Request change(Action action, std::uint64_t end) { return {*this, action, 0, end, {}}; }

 private:
  void enqueue(Request& request);
  void start();
  void happen() override;
  void process_died(Random& random) override;
  Result<void> perform(Request& request);
  Result<void> write_all(Request& request);
  void settle(Request& request, Result<void> result);
  void fail_queued(const Error& error);

  ShardHome& home_;
  DiskNode& node_;
  std::uint64_t size_;
  std::uint64_t written_;  // the size as of the last change that ended
  bool busy_ = false;
  WaiterList queue_;   // Requests
  WaiterList flying_;  // the Requests under way
};

}  // namespace ottla::sim
