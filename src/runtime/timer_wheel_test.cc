#include "runtime/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include "runtime/random.h"

namespace ottla {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr Duration kTick = nanoseconds(1 << 16);

class Alarm final : public Timer {
 public:
  void on_timer() override { ++fired; }
  int fired = 0;
};

Instant at(Duration since_start) {
  return Instant(std::chrono::seconds(100) + since_start);
}

TEST(TimerWheel, NeverFiresEarlyAndAtMostATickLate) {
  for (const Duration length : {Duration(1), Duration(kTick), Duration(milliseconds(3)), Duration(hours(30)),
                                Duration(hours(24 * 365))}) {
    TimerWheel wheel(at({}));
    Alarm alarm;
    wheel.arm(alarm, at(length));
    wheel.advance(at(length) - nanoseconds(1));
    EXPECT_EQ(alarm.fired, 0) << length.count();
    wheel.advance(at(length) + kTick);
    EXPECT_EQ(alarm.fired, 1) << length.count();
  }
}

TEST(TimerWheel, APastDeadlineIsDueAtOnce) {
  TimerWheel wheel(at({}));
  Alarm alarm;
  wheel.arm(alarm, at(-milliseconds(5)));
  EXPECT_LE(wheel.next().value(), at({}));
  wheel.advance(at({}));
  EXPECT_EQ(alarm.fired, 1);
}

TEST(TimerWheel, DisarmedAndDestroyedTimersStaySilent) {
  TimerWheel wheel(at({}));
  Alarm kept;
  wheel.arm(kept, at(milliseconds(1)));
  {
    Alarm gone;
    wheel.arm(gone, at(milliseconds(1)));
    EXPECT_EQ(wheel.armed_count(), 2U);
  }
  kept.disarm();
  EXPECT_TRUE(wheel.empty());
  EXPECT_FALSE(wheel.next());
  wheel.advance(at(milliseconds(5)));
  EXPECT_EQ(kept.fired, 0);
}

TEST(TimerWheel, RearmingMovesTheDeadline) {
  TimerWheel wheel(at({}));
  Alarm alarm;
  wheel.arm(alarm, at(milliseconds(1)));
  wheel.arm(alarm, at(milliseconds(10)));
  wheel.advance(at(milliseconds(5)));
  EXPECT_EQ(alarm.fired, 0);
  wheel.advance(at(milliseconds(11)));
  EXPECT_EQ(alarm.fired, 1);
}

TEST(TimerWheel, NextLeadsToTheFirstDeadlineInFewSteps) {
  TimerWheel wheel(at({}));
  Alarm alarm;
  wheel.arm(alarm, at(hours(5)));
  int steps = 0;
  while (alarm.fired == 0) {
    ASSERT_LE(*wheel.next(), at(hours(5)) + kTick);
    wheel.advance(*wheel.next());
    ASSERT_LE(++steps, 8);
  }
}

TEST(TimerWheel, FarBeyondTheWheelIsParkedNotLost) {
  TimerWheel wheel(Instant(Duration(0)));
  Alarm alarm;
  wheel.arm(alarm, Instant(Duration::max() - kTick));
  wheel.advance(Instant(hours(24 * 365 * 100)));
  EXPECT_EQ(alarm.fired, 0);
  EXPECT_TRUE(alarm.armed());
}

// Against a model that keeps deadlines in a list: random arms, cancels and advances.
TEST(TimerWheel, AgreesWithAListOfDeadlines) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Instant now = at(Duration(static_cast<std::int64_t>(random.below(1'000'000'000))));
    TimerWheel wheel(now);
    struct Entry {
      Alarm alarm;
      Instant deadline;
      bool live = true;
    };
    std::deque<Entry> entries;
    for (int step = 0; step < 3000; ++step) {
      const std::uint64_t choice = random.below(10);
      if (choice < 5) {
        Entry& entry = entries.emplace_back();
        entry.deadline = now + Duration(static_cast<std::int64_t>(random.next() >> (24 + random.below(40))));
        wheel.arm(entry.alarm, entry.deadline);
      } else if (choice < 7 && !entries.empty()) {
        Entry& entry = entries[random.below(entries.size())];
        if (entry.live && entry.alarm.fired == 0) {
          entry.alarm.disarm();
          entry.live = false;
        }
      } else {
        now += Duration(static_cast<std::int64_t>(random.next() >> (28 + random.below(36))));
        wheel.advance(now);
        for (const Entry& entry : entries) {
          const bool must = entry.live && entry.deadline + kTick <= now;
          const bool may = entry.live && entry.deadline <= now;
          ASSERT_LE(entry.alarm.fired, may ? 1 : 0) << "seed " << seed;
          ASSERT_GE(entry.alarm.fired, must ? 1 : 0) << "seed " << seed;
        }
      }
      const auto armed = static_cast<std::size_t>(
          std::ranges::count_if(entries, [](const Entry& e) { return e.live && e.alarm.fired == 0; }));
      ASSERT_EQ(wheel.armed_count(), armed);
    }
  }
}

}  // namespace
}  // namespace ottla
