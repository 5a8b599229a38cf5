// Reads on in files that a peer reads from front to back and that are not in the page cache: while one part is sent, and
// its answer is on the way, a helper reads the next one.
//
// It begins behind a part that somebody had to wait for, and ends where the page cache has the next part anyway.
//
// Use:         if (co_await arrive(range) == 0) { … read it …;  go_on_behind(what was read); }
// Lifetime:    stop() must have ended before it is destroyed, but on a killed shard.
// Concurrency: confined to its shard.
// Invariants:  pages that are being read count as cached, and sending them would wait for the disk: whoever sends
//              asks runs_into() first
// Errors:      none: what could not be read ahead fails when it is wanted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/range.h"
#include "runtime/event.h"
#include "runtime/linux/disk.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla {

class ReadAhead {
 public:
  // `sent` was read from the disk, up to its end.
  void go_on_behind(const Range& sent);
  // The front of the range is being read, or was, without anybody having come by yet.
  bool runs_into(const Range& range) { return find(range) != nullptr; }
  // Until its front is there, and on with what follows. How many bytes from the front on can be sent; 0 when nobody read
  // them, or could not.
  Task<std::uint64_t> arrive(Range range);
  Task<void> stop() { return jobs_.wait(); }

 private:
  static constexpr std::uint64_t kStep = 2 * 1024 * 1024;
  // Files that one peer reads at once.
  static constexpr std::size_t kMostRuns = 8;

  struct Run {
    const Inode* file = nullptr;  // none: free. For comparisons only.
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool failed = false;
    Event read;
  };

  Run* find(const Range& range);
  Task<void> read(Run& run, Range range);

  std::array<Run, kMostRuns> runs_;
  std::size_t next_ = 0;  // is given away next, if it is not being read
  TaskGroup jobs_;
};

}  // namespace ottla
