// Who waits at a partition, without a thread and without looking again: producers for the high watermark, fetches for
// data, deletions for followers.
//
// Use:         co_await waiters.reach(offset, cancel);     … waiters.reached(high_watermark);
//              FetchWait wait(min_bytes);  wait.watch(watchers, {…}) for each partition;  co_await wait.rung().wait(cancel);
// Lifetime:    lists outlive nobody: who is in one is told before it ends, or leaves when it dies.
// Concurrency: confined to the partition's shard.
// Cost:        one that waits is a node in a list; it is looked at when its partition moves, and woken once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/intrusive_list.h"
#include "base/offset.h"
#include "base/result.h"
#include "runtime/event.h"
#include "runtime/wait_node.h"
#include "storage/log/log.h"

namespace ottla::replica {

// Those who wait until an offset is reached. Being woken is no promise: they look again.
class OffsetWaiters {
 public:
  class [[nodiscard]] Awaiter final : public WaitNode {
   public:
    Awaiter(OffsetWaiters& waiters, Offset offset, Cancel cancel)
        : waiters_(waiters), offset_(offset), cancel_(cancel) {}
    bool await_ready() {
      refused_ = cancel_.requested();
      return refused_;
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      suspend(waiting, cancel_);
      waiters_.insert(*this);
    }
    Result<void> await_resume() {
      if (refused_ || was_cancelled()) return Errc::cancelled;
      return {};
    }

   private:
    friend class OffsetWaiters;
    OffsetWaiters& waiters_;
    Offset offset_;
    Cancel cancel_;
    bool refused_ = false;
  };

  Awaiter reach(Offset offset, Cancel cancel) { return Awaiter(*this, offset, cancel); }
  void reached(Offset offset);
  // Something else happened that all of them have to know.
  void wake_all() { reached(Offset::max()); }
  bool empty() const { return waiting_.empty(); }
  std::size_t count() const { return waiting_.count(); }

 private:
  void insert(Awaiter& awaiter);

  WaiterList waiting_;  // by offset; of equals the first that came
};

class FetchWait;

// One partition that a fetch waits for.
struct FetchWatch : ListHook<struct FetchWatchTag> {
  FetchWait* fetch = nullptr;
  storage::Isolation isolation = storage::Isolation::high_watermark;
  Offset seen;                // there was nothing to read at it and behind it
  std::uint64_t most = 0;     // bytes that the fetch takes from this partition
  std::uint64_t had = 0;      // what FetchWatchers counted when it began
  std::uint64_t counted = 0;  // of what came since, as far as the fetch knows
};

// Those who wait for data of one partition.
class FetchWatchers {
 public:
  struct Ends {
    Offset log_end;
    Offset high_watermark;
    Offset last_stable;

    Offset of(storage::Isolation isolation) const;
  };

  // So many bytes were appended; they are to be read when moved() tells.
  void appended(std::uint64_t bytes) { appended_ += bytes; }
  // One of the ends has moved.
  void moved(const Ends& ends);
  // The partition is another one now, or no more: whoever waits has to ask again.
  void ring_all();
  bool empty() const { return list_.empty(); }
  // Looks at each.
  std::size_t count() const { return list_.count(); }

 private:
  friend class FetchWait;

  IntrusiveList<FetchWatch, FetchWatchTag> list_;
  std::uint64_t appended_ = 0;
};

// A fetch that waits on one shard until its partitions hold so many bytes more, together.
class FetchWait {
 public:
  explicit FetchWait(std::uint64_t wanted_bytes) : wanted_(wanted_bytes) {}
  FetchWait(const FetchWait&) = delete;
  FetchWait& operator=(const FetchWait&) = delete;

  struct Place {
    storage::Isolation isolation = storage::Isolation::high_watermark;
    Offset seen;
    std::uint64_t most = 0;
  };
  void watch(FetchWatchers& watchers, const Place& place);
  // Enough has come, or somebody has to look.
  void ring();
  Event& rung() { return rung_; }
  // What came, by the counts of the partitions.
  std::uint64_t bytes() const { return bytes_; }

 private:
  friend class FetchWatchers;
  void count(std::uint64_t bytes);

  const std::uint64_t wanted_;
  std::uint64_t bytes_ = 0;
  std::deque<FetchWatch> watches_;  // stay where they are
  Event rung_;
};

}  // namespace ottla::replica
