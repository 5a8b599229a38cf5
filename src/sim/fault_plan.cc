#include "sim/fault_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ottla::sim {

std::string_view name_of(FaultKind kind) {
  static constexpr std::array<std::string_view, kFaultKinds> kNames = {"kill",
                                                                       "cut-power",
                                                                       "cut-all-power",
                                                                       "pause",
                                                                       "clock-jump",
                                                                       "clock-drift",
                                                                       "clock-freeze",
                                                                       "isolate",
                                                                       "mute",
                                                                       "deafen",
                                                                       "part",
                                                                       "part-one-way",
                                                                       "slow-link",
                                                                       "reset-connections",
                                                                       "refuse-connects",
                                                                       "short-reads",
                                                                       "fail-reads",
                                                                       "fail-writes",
                                                                       "fail-syncs",
                                                                       "fill-disk",
                                                                       "read-only-disk",
                                                                       "slow-disk",
                                                                       "stall-disk",
                                                                       "flip-bits",
                                                                       "lose-file",
                                                                       "return-copy",
                                                                       "lose-disk"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string Fault::to_string() const {
  const auto in_millis = [](Duration time) { return static_cast<double>(time.count()) / 1e6; };
  return fmt::format("{} at {:.3f} ms for {:.3f} ms, target {}, other {}, amount {}", name_of(kind),
                     in_millis(at), in_millis(lasts), target, other, amount);
}

Duration FaultPlan::end() const {
  Duration last{0};
  for (const Fault& fault : faults) last = std::max(last, fault.at + fault.lasts);
  return last;
}

std::string FaultPlan::to_string() const {
  std::string out;
  for (const Fault& fault : faults) out += "  " + fault.to_string() + '\n';
  return out;
}

}  // namespace ottla::sim
