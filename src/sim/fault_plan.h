// Faults as data: what will go wrong, when, to whom and for how long. A plan can be drawn from a seed, edited,
// printed, and run again; that is how a failing seed is shrunk.
//
// Invariants: a fault carries its own seed, so that leaving another one out changes nothing about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace ottla::sim {

enum class FaultKind : std::uint8_t {
  kill,               // the process dies and starts again when the fault ends
  cut_power,          // the same for its machine: what was not synced is at risk
  cut_all_power,      // of every target at once
  pause,              // nothing runs until the fault ends
  clock_jump,         // the wall clock moves by `amount` milliseconds, either way
  clock_drift,        // by `amount` parts in a million
  clock_freeze,       // both clocks stand still
  isolate,            // no link to or from the target
  mute,               // one way: nothing leaves the target
  deafen,             // one way: nothing reaches the target
  part,               // no link between the target and `other`
  part_one_way,       // nothing goes from the target to `other`
  slow_link,          // `amount` milliseconds more, and little bandwidth
  reset_connections,  // `amount` of them
  refuse_connects,    // to the target
  short_reads,        // `amount` bytes at most, of what comes from anywhere
  fail_reads,         // `amount` of 256
  fail_writes,
  fail_syncs,
  fill_disk,
  read_only_disk,
  slow_disk,   // `amount` times as slow
  stall_disk,  // nothing ends before the fault does
  flip_bits,   // `amount` of them, at rest
  lose_file,
  return_copy,  // the disk's copy of the fault's beginning comes back at its end, with a crash
  lose_disk,    // with a crash
};
inline constexpr std::size_t kFaultKinds = static_cast<std::size_t>(FaultKind::lose_disk) + 1;

// "cut-power"
std::string_view name_of(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::kill;
  Duration at{0};  // from the beginning of the plan
  Duration lasts{0};
  std::size_t target = 0;  // index into the plan's targets
  std::size_t other = 0;
  std::int64_t amount = 0;
  std::uint64_t seed = 0;

  std::string to_string() const;
};

struct FaultPlan {
  std::vector<Fault> faults;

  FaultPlan without(std::size_t index) const {
    FaultPlan plan = *this;
    plan.faults.erase(plan.faults.begin() + static_cast<std::ptrdiff_t>(index));
    return plan;
  }
  // When the last fault has ended.
  Duration end() const;
  // A line each.
  std::string to_string() const;
};

}  // namespace ottla::sim
