// What the active controller does without being asked, each every so often.
//
// Use:         PeriodicTasks tasks(options, now);   tasks.next() says when;   tasks.take_due(now), run, then settle().
// A new task:  a row in periodic_tasks.cc.
// Concurrency: confined to one shard.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "controller/call.h"
#include "controller/controller_options.h"
#include "controller/state.h"
#include "runtime/clock.h"

namespace ottla::controller {

struct PeriodicTask {
  std::string_view name;
  // Nothing: never.
  std::optional<Duration> (*period)(const ControllerOptions& options);
  // Adds records. Whether it is to be done again at once.
  bool (*run)(const State& state, Call& call);
};

std::span<const PeriodicTask> periodic_tasks();

class PeriodicTasks {
 public:
  PeriodicTasks(const ControllerOptions& options, Instant now,
                std::span<const PeriodicTask> tasks = periodic_tasks());

  // When the next task is due; nothing when there is none.
  std::optional<Instant> next() const;

  struct Due {
    std::size_t index;
    const PeriodicTask* task;
  };
  std::optional<Due> due(Instant now) const;
  enum class Outcome : std::uint8_t { done, more, failed };
  // It has run; when again follows from how that went.
  void settle(const Due& due, Outcome outcome, Instant now);

 private:
  struct Scheduled {
    const PeriodicTask* task;
    Duration period;
    Instant at;
  };
  std::vector<Scheduled> tasks_;
};

}  // namespace ottla::controller
