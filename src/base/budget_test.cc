#include "base/budget.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <random>

namespace ottla {
namespace {

TEST(Budget, ChargesUpToItsLimit) {
  Budget budget("test", 100);
  EXPECT_TRUE(budget.try_charge(100));
  EXPECT_FALSE(budget.try_charge(1));
  EXPECT_EQ(budget.refusals(), 1U);
  budget.release(40);
  EXPECT_EQ(budget.left(), 40U);
  budget.release(60);
  EXPECT_EQ(budget.high_water(), 100U);
}

TEST(Budget, AncestorsCountToo) {
  Budget node("node", 100);
  Budget connection("connection", 80, &node);
  Budget other("other", 80, &node);
  EXPECT_TRUE(connection.try_charge(70));
  EXPECT_FALSE(other.try_charge(31));
  EXPECT_EQ(other.used() + node.refusals() + other.refusals(), 1U);
  EXPECT_EQ(other.left(), 30U);
  EXPECT_EQ(node.used(), 70U);
  connection.release(70);
  EXPECT_EQ(node.used(), 0U);
}

TEST(Budget, ALoweredLimitStopsNewCharges) {
  Budget budget("test", 100);
  EXPECT_TRUE(budget.try_charge(80));
  budget.set_limit(50);
  EXPECT_EQ(budget.left(), 0U);
  EXPECT_FALSE(budget.try_charge(1));
  budget.release(40);
  EXPECT_TRUE(budget.try_charge(10));
  budget.release(50);
}

TEST(Budget, HugeChargesDoNotWrapAround) {
  Budget budget("test", SIZE_MAX);
  EXPECT_TRUE(budget.try_charge(SIZE_MAX - 1));
  EXPECT_FALSE(budget.try_charge(2));
  budget.release(SIZE_MAX - 1);
}

TEST(BudgetCharge, GivesBackOnce) {
  Budget budget("test", 100);
  {
    BudgetCharge charge = BudgetCharge::take(budget, 60);
    EXPECT_TRUE(charge);
    EXPECT_FALSE(BudgetCharge::take(budget, 60));
    BudgetCharge moved = std::move(charge);
    EXPECT_EQ(budget.used(), 60U);
    moved = BudgetCharge::take(budget, 10);
    EXPECT_EQ(budget.used(), 10U);
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(BudgetDeathTest, LeaksAndMistakesAbort) {
  EXPECT_DEATH(
      {
        Budget budget("leaky", 10);
        static_cast<void>(budget.try_charge(1));
      },
      "something is charged(.|\n)*\"leaky\"");
  EXPECT_DEATH(Budget("test", 10).release(1), "more than was charged");
  EXPECT_DEATH(
      {
        auto parent = std::make_unique<Budget>("parent", 10);
        Budget child("child", 10, parent.get());
        parent.reset();
      },
      "before its children");
}

// A tree of budgets against plain sums.
TEST(Budget, AgreesWithSums) {
  std::mt19937 random(5);
  Budget root("root", 1'000);
  std::array<Budget, 3> leaves = {Budget("a", 500, &root), Budget("b", 600, &root), Budget("c", 700, &root)};
  std::array<std::size_t, 3> used{};
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t i = random() % 3;
    const std::size_t amount = random() % 200;
    if (random() % 2 == 0) {
      const bool fits =
          used[i] + amount <= leaves[i].limit() && used[0] + used[1] + used[2] + amount <= 1'000;
      ASSERT_EQ(leaves[i].try_charge(amount), fits);
      used[i] += fits ? amount : 0;
    } else if (amount <= used[i]) {
      leaves[i].release(amount);
      used[i] -= amount;
    }
    ASSERT_EQ(leaves[i].used(), used[i]);
    ASSERT_EQ(root.used(), used[0] + used[1] + used[2]);
  }
  for (std::size_t i = 0; i < 3; ++i) leaves[i].release(used[i]);
}

}  // namespace
}  // namespace ottla
