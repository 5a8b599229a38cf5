#include "controller/periodic_tasks.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "config/node_key.h"
#include "controller/heartbeats.h"
#include "controller/leadership.h"
#include "protocol/messages/cluster_metadata.h"

namespace ottla::controller {
namespace {

using config::node_key;
using std::chrono::milliseconds;

constexpr Duration kAtOnce = milliseconds(10);  // so that requests get their turn
constexpr Duration kAfterFailure = std::chrono::minutes(5);

std::optional<Duration> idle_interval(const ControllerOptions& options) {
  const auto interval = milliseconds(options.config.get(node_key<"metadata.max.idle.interval.ms">));
  return interval > milliseconds(0) ? std::optional<Duration>(interval) : std::nullopt;
}

// So that followers see the log grow, and know that somebody leads.
bool write_no_op(const State&, Call& call) {
  call.records.add(protocol::NoOpRecord(), 0);
  return false;
}

std::optional<Duration> session_check(const ControllerOptions& options) {
  const Duration session = milliseconds(options.config.get(node_key<"broker.session.timeout.ms">));
  return std::max<Duration>(milliseconds(1), session / 8);
}

std::optional<Duration> imbalance_check(const ControllerOptions& options) {
  if (!options.config.get(node_key<"auto.leader.rebalance.enable">)) return std::nullopt;
  return std::chrono::seconds(options.config.get(node_key<"leader.imbalance.check.interval.seconds">));
}

std::optional<Duration> unclean_check(const ControllerOptions& options) {
  return milliseconds(options.config.get(node_key<"unclean.leader.election.interval.ms">));
}

constexpr std::array kTasks = {
    PeriodicTask{.name = "write a no-op", .period = idle_interval, .run = write_no_op},
    PeriodicTask{.name = "fence silent brokers", .period = session_check, .run = fence_silent_broker},
    PeriodicTask{
        .name = "elect preferred leaders", .period = imbalance_check, .run = elect_preferred_leaders},
    PeriodicTask{.name = "elect unclean leaders", .period = unclean_check, .run = elect_unclean_leaders},
};

}  // namespace

std::span<const PeriodicTask> periodic_tasks() {
  return kTasks;
}

PeriodicTasks::PeriodicTasks(const ControllerOptions& options, Instant now,
                             std::span<const PeriodicTask> tasks) {
  for (const PeriodicTask& task : tasks) {
    if (const std::optional<Duration> period = task.period(options)) {
      tasks_.push_back({.task = &task, .period = *period, .at = now + *period});
    }
  }
}

std::optional<Instant> PeriodicTasks::next() const {
  if (tasks_.empty()) return std::nullopt;
  return std::ranges::min(tasks_, {}, &Scheduled::at).at;
}

std::optional<PeriodicTasks::Due> PeriodicTasks::due(Instant now) const {
  if (tasks_.empty()) return std::nullopt;
  const auto first = std::ranges::min_element(tasks_, {}, &Scheduled::at);
  if (first->at > now) return std::nullopt;
  return Due{.index = static_cast<std::size_t>(first - tasks_.begin()), .task = first->task};
}

void PeriodicTasks::settle(const Due& due, Outcome outcome, Instant now) {
  Scheduled& task = tasks_[due.index];
  switch (outcome) {
    case Outcome::done:
      task.at = now + task.period;
      return;
    case Outcome::more:
      task.at = now + std::min(task.period, kAtOnce);
      return;
    case Outcome::failed:
      task.at = now + kAfterFailure;
      return;
  }
}

}  // namespace ottla::controller
