#include "sim/strike.h"

namespace ottla::sim {

std::string_view name_of(Strike strike) {
  static constexpr std::array<std::string_view, kStrikes> kNames = {
      "process killed", "power lost",  "process paused", "clock jumped",        "clock drifted",
      "clock frozen",   "bytes held",  "link slowed",    "connection reset",    "peer vanished",
      "read shortened", "write lost",  "write torn",     "name lost",           "read failed",
      "write failed",   "sync failed", "disk full",      "disk read-only",      "disk slowed",
      "disk stalled",   "bit flipped", "file lost",      "stale copy returned", "disk lost",
  };
  return kNames[static_cast<std::size_t>(strike)];
}

}  // namespace ottla::sim
