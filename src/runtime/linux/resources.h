// What the machine and its control groups allow this process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/process.h"

namespace ottla {

// Raises the soft limit of open files to the hard one first. `root` is "" but in tests, which lay out files
// below it.
ResourceLimits read_resource_limits(std::string_view root = "");

// Open files below this are too few for a broker; the process says so when it starts.
inline constexpr std::uint64_t kEnoughOpenFiles = 4096;

}  // namespace ottla
