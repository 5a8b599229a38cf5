// The index of a partition within its topic, from zero.
#pragma once

#include <cstdint>

#include "base/strong_id.h"

namespace ottla {

using PartitionId = StrongId<struct PartitionIdTag, std::int32_t>;

}  // namespace ottla
