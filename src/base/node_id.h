// The number of a broker or controller in its cluster (the configuration's `node.id`).
#pragma once

#include <cstdint>

#include "base/strong_id.h"

namespace ottla {

using NodeId = StrongId<struct NodeIdTag, std::int32_t>;

// No leader, no preferred replica, a client in place of a follower: the reference's -1.
inline constexpr NodeId kNoNode(-1);

}  // namespace ottla
