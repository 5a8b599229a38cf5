#include "base/counted.h"

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace ottla {
namespace {

struct Probe : Counted {
  explicit Probe(int& alive_objects) : alive(&alive_objects) { ++*alive; }
  Probe(const Probe& other) : Counted(other), alive(other.alive) { ++*alive; }
  Probe& operator=(const Probe&) = delete;
  ~Probe() { --*alive; }

  int* alive;
};

TEST(CountedTest, AnObjectLivesAsLongAsItsLastRef) {
  int alive = 0;
  Ref<Probe> first = make_ref<Probe>(alive);
  Ref<Probe> second = first;
  first = nullptr;
  EXPECT_EQ(alive, 1);
  second = nullptr;
  EXPECT_EQ(alive, 0);
}

TEST(CountedTest, OnlyASingleRefIsUnique) {
  int alive = 0;
  Ref<Probe> first = make_ref<Probe>(alive);
  EXPECT_TRUE(first.unique());
  {
    const Ref<Probe> second = first;
    EXPECT_FALSE(first.unique());
  }
  EXPECT_TRUE(first.unique());
}

TEST(CountedTest, ACopyOfTheObjectIsHeldByNobodyElse) {
  int alive = 0;
  const Ref<Probe> first = make_ref<Probe>(alive);
  const Ref<Probe> also_first = first;
  const Ref<Probe> copy = make_ref<Probe>(*first);
  EXPECT_TRUE(copy.unique());
  EXPECT_EQ(alive, 2);
}

TEST(CountedTest, AConstantRefSharesTheObject) {
  int alive = 0;
  Ref<Probe> first = make_ref<Probe>(alive);
  const Ref<const Probe> constant = first;
  EXPECT_FALSE(first.unique());
  first = nullptr;
  EXPECT_EQ(alive, 1);
}

TEST(CountedTest, ManyThreadsMayHoldAndLetGo) {
  int alive = 0;
  {
    const Ref<const Probe> shared = make_ref<Probe>(alive);
    std::vector<std::jthread> threads;
    for (int each = 0; each < 3; ++each) {
      threads.emplace_back([mine = shared] {
        for (int i = 0; i < 1000; ++i) const Ref<const Probe> copy = mine;
      });
    }
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace ottla
