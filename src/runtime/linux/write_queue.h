// Everything that changes one file, in the order in which it was asked for: appends, writes at a place,
// truncations and reservations. One of them is under way at a time; writes that queued up meanwhile and lie
// one behind the other go out as one vectored write.
//
// Where:       a small write to a healthy disk runs on the shard, all else on a helper.
// Lifetime:    idle() before it is destroyed.
// Concurrency: confined to the file's shard; what is under way lends its chains to one helper.
// Invariants:  1. at most one operation of the file is under way
//              2. size() = what is written, plus what is queued
//              3. a failure fails all that was queued behind it, unwritten, so that no hole is left
#pragma once

#include <cstdint>
#include <vector>

#include "base/chain.h"
#include "base/result.h"
#include "runtime/linux/gathered_write.h"
#include "runtime/linux/open_file.h"
#include "runtime/offload.h"
#include "runtime/waiter.h"

namespace ottla {

class WriteQueue {
 public:
  // Measured: copying this much into the page cache takes 64 us, an eighth of a slice; half of it takes 33 us,
  // twice as much 114 us, and four times as much 219 us (docs/decisions/0010-disk-thresholds.md).
  static constexpr std::uint64_t kMaxInline = 256 * 1024;
  // What one helper's job writes at most, unless a single request is larger.
  static constexpr std::uint64_t kMaxMerged = 4 * 1024 * 1024;

  enum class Action : std::uint8_t {
    write,
    truncate,
    reserve,  // space up to `end`; the size stays
    extend,   // space up to `end`, and at least that size
  };

  WriteQueue(const OpenFile& file, std::uint64_t size)
      : job_(*this), file_(file), size_(size), written_(size) {}
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  std::uint64_t size() const { return size_; }
  bool idle() const { return !busy_ && queue_.empty(); }

  class [[nodiscard]] Request final : private Waiter {
   public:
    Request(WriteQueue& queue, Action action, std::uint64_t offset, std::uint64_t end, Chain chain)
        : queue_(queue), action_(action), offset_(offset), end_(end), chain_(std::move(chain)) {}
    bool await_ready() { return queue_.enter(*this); }
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
  // size() moves when the request is awaited, in the same step as the caller's look at it.
  Request write(std::uint64_t offset, Chain chain) {
    const std::uint64_t end = offset + chain.size();
    return {*this, Action::write, offset, end, std::move(chain)};
  }
  Request change(Action action, std::uint64_t end) { return {*this, action, 0, end, {}}; }

 private:
  class Job final : public HelperJob {
   public:
    explicit Job(WriteQueue& queue) : queue_(queue) {}
    void work() override { queue_.perform(); }
    void run(Shard&) override { queue_.performed(); }

   private:
    WriteQueue& queue_;
  };

  // True when the request was carried out at once.
  bool enter(Request& request);
  void enqueue(Request& request);
  void start();
  void take_batch();
  bool fits_shard() const;
  void perform();
  void perform_change(const Request& request);
  void performed();
  void settle();
  void fail_queued(const Error& error);
  Error error_of(const Request& request) const;
  void note_end(const Request& request);

  Job job_;
  const OpenFile& file_;
  std::uint64_t size_;
  std::uint64_t written_;  // the size as of the last operation that ended
  bool busy_ = false;
  WaiterList queue_;   // Requests
  WaiterList flying_;  // the Requests under way
  std::vector<const Chain*> chains_;
  std::uint64_t batch_offset_ = 0;
  std::uint64_t batch_bytes_ = 0;
  WriteOutcome outcome_;
};

}  // namespace ottla
