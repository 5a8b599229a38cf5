// How much of the last time shards have slept, between one look and the next.
//
// Use:         window.tell(snapshot, this_shard().exact_now(), text);   whenever somebody asks
// Lifetime:    of an observer.
// Concurrency: pure; whoever owns it says what time it is.
// Invariants:  the looks are in the order of their times, and few, however often somebody asks
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/metric_snapshot.h"
#include "runtime/clock.h"
#include "server/observation/node_roles.h"
#include "server/observation/prometheus_text.h"

namespace ottla::server {

class IdleWindow {
 public:
  static constexpr Duration kLength = std::chrono::seconds(30);

  explicit IdleWindow(Instant start) { looks_.push_back({.at = start, .slept = {}}); }

  // The part of the window, 0 to 1, in which each shard slept; `slept` is what each has slept ever, in nanoseconds. A
  // window goes back by its length or a bit more, or to the start.
  std::vector<double> look(std::span<const std::uint64_t> slept, Instant now);

  // What the shards of the snapshot tell, under the reference's names; nothing where they count no sleep.
  void tell(const MetricSnapshot& snapshot, Instant now, NodeRoles roles, PrometheusText& text);

 private:
  // Those who ask more often share one.
  static constexpr Duration kApart = std::chrono::seconds(5);

  struct Look {
    Instant at;
    std::vector<std::uint64_t> slept;  // by shard; 0 when it is missing
  };

  std::deque<Look> looks_;
};

}  // namespace ottla::server
