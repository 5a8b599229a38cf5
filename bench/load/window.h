// The time in which a load counts, and what the watched process used of the machine in it.
//
// Use:         Window window(arguments); group.spawn(window.watch());  if (window.holds(sent_ns)) …
// Lifetime:    outlives whatever asks it.
// Concurrency: confined to its shard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/load/arguments.h"
#include "bench/load/watch.h"
#include "runtime/task.h"

namespace ottla::bench {

// On the shard's clock.
std::int64_t clock_ns();

class Window {
 public:
  explicit Window(const Arguments& arguments) : arguments_(arguments) {}

  // Everybody is connected: the warm-up begins now.
  void begin_warmup();

  std::int64_t begin_ns() const { return begin_ns_; }
  std::int64_t end_ns() const { return end_ns_; }
  bool holds(std::int64_t ns) const { return ns >= begin_ns_ && ns < end_ns_; }

  // Looks at the process when the window begins and when it ends. To be spawned where time ends the window.
  Task<void> watch();
  // Without a warm-up, until close().
  void open();
  void close();

  double seconds() const { return static_cast<double>(end_ns_ - begin_ns_) / 1e9; }
  // null when nobody is watched.
  std::string json() const;

 private:
  const Arguments& arguments_;
  std::int64_t begin_ns_ = INT64_MAX;
  std::int64_t end_ns_ = INT64_MAX;
  std::optional<Used> before_;
  std::optional<Used> used_;
  double peak_mib_ = 0;
};

}  // namespace ottla::bench
