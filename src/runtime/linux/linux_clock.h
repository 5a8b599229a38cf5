// The machine's own clocks. The only place in the house that asks them.
#pragma once

#include "runtime/clock.h"

namespace ottla {

class LinuxClock final : public Clock {
 public:
  Instant monotonic() override;
  WallTime wall() override;
};

}  // namespace ottla
