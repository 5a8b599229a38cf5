#include "runtime/timer_wheel.h"

#include <bit>

namespace ottla {

void TimerWheel::arm(Timer& timer, Instant deadline) {
  timer.disarm();
  timer.tick_ = tick_after(deadline);
  insert(timer);
}

void TimerWheel::insert(Timer& timer) {
  if (timer.tick_ <= elapsed_) {
    due_.push_back(timer);
    return;
  }
  const auto differing = static_cast<unsigned>(63 - std::countl_zero(timer.tick_ ^ elapsed_));
  unsigned level = differing / kSlotBits;
  unsigned slot;
  if (level >= kLevels) {  // centuries away: parked in the last slot, looked at again when that turns
    level = kLevels - 1;
    slot = (static_cast<unsigned>(elapsed_ >> (kSlotBits * level)) + kSlots - 1) % kSlots;
  } else {
    slot = static_cast<unsigned>(timer.tick_ >> (kSlotBits * level)) % kSlots;
  }
  levels_[level].slots[slot].push_back(timer);
  levels_[level].occupied |= std::uint64_t{1} << slot;
}

std::optional<TimerWheel::Expiry> TimerWheel::next_expiry() {
  for (unsigned index = 0; index < kLevels; ++index) {
    Level& level = levels_[index];
    while (level.occupied != 0) {
      const unsigned shift = kSlotBits * index;
      const auto here = static_cast<unsigned>(elapsed_ >> shift) % kSlots;
      const auto ahead =
          static_cast<unsigned>(std::countr_zero(std::rotr(level.occupied, static_cast<int>(here))));
      const unsigned slot = (here + ahead) % kSlots;
      if (level.slots[slot].empty()) {  // all cancelled since
        level.occupied &= ~(std::uint64_t{1} << slot);
        continue;
      }
      const std::uint64_t turn = elapsed_ >> shift;
      return Expiry{index, slot, (turn + ahead) << shift};
    }
  }
  return std::nullopt;
}

std::size_t TimerWheel::advance(Instant now) {
  const std::uint64_t target = tick_before(now);
  std::size_t fired = 0;
  for (;;) {
    while (!due_.empty()) {
      due_.pop_front().on_timer();
      ++fired;
    }
    const std::optional<Expiry> expiry = next_expiry();
    if (!expiry || expiry->tick > target) break;
    if (expiry->tick > elapsed_) elapsed_ = expiry->tick;
    Level& level = levels_[expiry->level];
    level.occupied &= ~(std::uint64_t{1} << expiry->slot);
    Slot moving;
    moving.splice_back(level.slots[expiry->slot]);
    while (!moving.empty()) insert(moving.pop_front());  // due, or one level down
  }
  if (target > elapsed_) elapsed_ = target;
  return fired;
}

std::optional<Instant> TimerWheel::next() {
  if (!due_.empty()) return Instant(Duration(static_cast<std::int64_t>(elapsed_ << kTickShift)));
  const std::optional<Expiry> expiry = next_expiry();
  if (!expiry) return std::nullopt;
  return Instant(Duration(static_cast<std::int64_t>(expiry->tick << kTickShift)));
}

bool TimerWheel::empty() {
  return due_.empty() && !next_expiry();
}

std::size_t TimerWheel::armed_count() const {
  std::size_t count = due_.count();
  for (const Level& level : levels_) {
    for (const Slot& slot : level.slots) count += slot.count();
  }
  return count;
}

}  // namespace ottla
