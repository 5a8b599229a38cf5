#include "sim/event_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "runtime/random.h"

namespace ottla::sim {
namespace {

Instant at(std::int64_t nanoseconds) {
  return Instant(Duration(nanoseconds));
}

struct Note final : SimEvent {
  Note(std::vector<int>& seen_by, int number_of_it) : seen(seen_by), number(number_of_it) {}
  void happen() override { seen.push_back(number); }
  std::vector<int>& seen;
  int number;
};

struct EventQueueTest : testing::Test {
  void drain() {
    while (!queue.empty()) queue.happen_next();
  }
  EventQueue queue;
  std::vector<int> seen;
};

TEST_F(EventQueueTest, EventsHappenByTimeThenInTheOrderOfScheduling) {
  Note a(seen, 1), b(seen, 2), c(seen, 3);
  queue.schedule(a, at(5));
  queue.schedule(b, at(3));
  queue.schedule(c, at(5));
  drain();
  EXPECT_EQ(seen, (std::vector<int>{2, 1, 3}));
}

TEST_F(EventQueueTest, SchedulingAgainMovesAnEvent) {
  Note a(seen, 1), b(seen, 2);
  queue.schedule(a, at(1));
  queue.schedule(b, at(2));
  queue.schedule(a, at(3));
  drain();
  EXPECT_EQ(seen, (std::vector<int>{2, 1}));
}

TEST_F(EventQueueTest, ADeadEventDoesNotHappen) {
  Note a(seen, 1);
  {
    Note b(seen, 2);
    queue.schedule(b, at(1));
    queue.schedule(a, at(2));
  }
  drain();
  EXPECT_EQ(seen, (std::vector<int>{1}));
}

TEST_F(EventQueueTest, AnyMixOfSchedulingAndCancellingKeepsTheOrder) {
  Random random(7);
  std::vector<std::unique_ptr<Note>> notes;
  for (int i = 0; i < 500; ++i) {
    notes.push_back(std::make_unique<Note>(seen, i));
    queue.schedule(*notes.back(), at(static_cast<std::int64_t>(random.below(100))));
    if (random.chance(1, 3)) queue.cancel(*notes[random.below(notes.size())]);
  }
  std::vector<Instant> due(500);
  for (std::size_t i = 0; i < notes.size(); ++i) due[i] = notes[i]->due();
  const std::size_t scheduled = queue.size();
  drain();
  EXPECT_EQ(seen.size(), scheduled);
  EXPECT_TRUE(std::ranges::is_sorted(seen, [&](int a, int b) {
    return due[static_cast<std::size_t>(a)] < due[static_cast<std::size_t>(b)];
  }));
}

}  // namespace
}  // namespace ottla::sim
