// Many timers, cheap: add, cancel and fire are O(1); the next deadline is found without a scan.
//
// Eight levels of 64 slots; level n holds what is due within 64^(n+1) ticks of 65.536 us. A timer never fires
// early, and at most one tick after its deadline was reached.
//
// Concurrency: confined to its shard.
// Invariants:  1. a timer sits in the level of the highest 6-bit group in which its tick differs from
// elapsed_
//              2. a slot's bit is set exactly while its list is not empty, or stale until the next look
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/intrusive_list.h"
#include "runtime/clock.h"

namespace ottla {

// A deadline and what to do then. Leaves the wheel when destroyed.
class Timer : public ListHook<struct TimerTag> {
 public:
  // Runs in the shard's loop, so it only flips state and schedules.
  virtual void on_timer() = 0;
  bool armed() const { return linked(); }
  void disarm() { unlink(); }

 protected:
  ~Timer() = default;

 private:
  friend class TimerWheel;
  std::uint64_t tick_ = 0;
};

class TimerWheel {
 public:
  explicit TimerWheel(Instant start) : elapsed_(tick_before(start)) {}

  // Arms, or re-arms, `timer`.
  void arm(Timer& timer, Instant deadline);
  // Fires all that is due at `now`; returns how many.
  std::size_t advance(Instant now);
  // A time at which advance() has something to do: never later than the first deadline's tick.
  std::optional<Instant> next();
  bool empty();
  std::size_t armed_count() const;

 private:
  static constexpr unsigned kTickShift = 16;
  static constexpr unsigned kLevels = 8;
  static constexpr unsigned kSlotBits = 6;
  static constexpr unsigned kSlots = 1U << kSlotBits;
  using Slot = IntrusiveList<Timer, TimerTag>;

  struct Expiry {
    unsigned level;
    unsigned slot;
    std::uint64_t tick;
  };

  static std::uint64_t tick_before(Instant time) {
    const auto ns = time.time_since_epoch().count();
    return ns <= 0 ? 0 : static_cast<std::uint64_t>(ns) >> kTickShift;
  }
  static std::uint64_t tick_after(Instant time) {
    return tick_before(time + Duration((1 << kTickShift) - 1));
  }

  void insert(Timer& timer);
  std::optional<Expiry> next_expiry();

  struct Level {
    std::uint64_t occupied = 0;
    std::array<Slot, kSlots> slots;
  };

  std::uint64_t elapsed_;  // every timer with an earlier tick has fired
  Slot due_;               // armed with a deadline that is already past
  std::array<Level, kLevels> levels_;
};

}  // namespace ottla
