// How often leadership has changed: a partition's leader epoch, and the metadata quorum's term.
//
// Order: a higher epoch wins over a lower one; within one epoch there is one leader.
#pragma once

#include <cstdint>
#include <limits>

#include "base/invariant.h"
#include "base/strong_id.h"

namespace ottla {

using LeaderEpoch = StrongId<struct LeaderEpochTag, std::int32_t>;

// The reference's NO_PARTITION_LEADER_EPOCH and UNKNOWN_EPOCH.
inline constexpr LeaderEpoch kUnknownLeaderEpoch(-1);

constexpr LeaderEpoch next(LeaderEpoch epoch) {
  OTTLA_INVARIANT(epoch.raw() < std::numeric_limits<std::int32_t>::max(), "leader epoch overflows",
                  epoch.raw());
  return LeaderEpoch(epoch.raw() + 1);
}

}  // namespace ottla
