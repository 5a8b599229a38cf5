#include "sim/host_clock.h"

#include <algorithm>

namespace ottla::sim {
namespace {

// 2026-01-01T00:00:00Z: what wall clocks show when a world begins.
constexpr Duration kEpoch = std::chrono::seconds(1'767'225'600);

}  // namespace

Duration HostClock::elapsed(Instant world_now) const {
  const auto passed = static_cast<__int128>((world_now - since_).count());
  return Duration(static_cast<std::int64_t>(passed * rate_ / kMillion));
}

WallTime HostClock::wall(Instant world_now) const {
  return WallTime(kEpoch + monotonic(world_now).time_since_epoch() + wall_offset_);
}

std::optional<Instant> HostClock::when(Instant deadline, Instant world_now) const {
  if (deadline <= monotonic(world_now)) return world_now;
  if (rate_ == 0) return std::nullopt;
  const auto wait = static_cast<__int128>((deadline - base_).count());
  const auto passed = static_cast<std::int64_t>((wait * kMillion + rate_ - 1) / rate_);
  return std::max(world_now, since_ + Duration(passed));
}

void HostClock::set_drift(std::int64_t parts_per_million, Instant world_now) {
  base_ = monotonic(world_now);
  since_ = world_now;
  rate_ = std::max<std::int64_t>(0, kMillion + parts_per_million);
}

}  // namespace ottla::sim
