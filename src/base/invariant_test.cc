#include "base/invariant.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace ottla {
namespace {

enum class Role : std::uint8_t { leader = 3 };

struct Epoch {
  int value;
  int raw() const { return value; }
};

struct Span {
  std::string to_string() const { return "[3, 7)"; }
};

TEST(Invariant, HoldingCostsNothingToSee) {
  int evaluations = 0;
  OTTLA_INVARIANT(++evaluations == 1, "evaluated once");
  EXPECT_EQ(evaluations, 1);
}

TEST(Invariant, OperandsAreNotTouchedWhileItHolds) {
  const auto costly = []() -> int { throw 0; };
  OTTLA_INVARIANT(true, "never shown", costly());
}

TEST(InvariantDeathTest, SaysWhatWhereAndWithWhichOperands) {
  const int base = 9;
  const unsigned char end = 7;
  EXPECT_DEATH(OTTLA_INVARIANT(base <= end, "segment out of order", base, end),
               "invariant broken: segment out of order\n"
               "  at .*invariant_test.cc:[0-9]+ in .*\n"
               "  condition: base <= end\n"
               "  operands: base, end = 9, 7\n");
}

TEST(InvariantDeathTest, ShowsEveryKindOfOperand) {
  const bool flag = true;
  const Role role = Role::leader;
  const Epoch epoch{5};
  const Span span;
  const std::string name = "t-0";
  const int* missing = nullptr;
  EXPECT_DEATH(OTTLA_INVARIANT(false, "x", flag, role, epoch, span, name, missing, -1, 2.5),
               "= true, 3, 5, \\[3, 7\\), \"t-0\", null, -1, 2.5");
}

TEST(InvariantDeathTest, HookRunsOnceWithTheReport) {
  const InvariantHook hook = [](std::string_view report) {
    std::fprintf(stderr, "seed 42 after %zu\n", report.find("the clock ran back"));
    OTTLA_INVARIANT(false, "broken inside the hook");
  };
  EXPECT_DEATH(
      {
        set_invariant_hook(hook);
        OTTLA_INVARIANT(false, "the clock ran back");
      },
      "seed 42 after 18\ninvariant broken: broken inside the hook");
}

TEST(Invariant, SettingAHookReturnsTheOneBefore) {
  const InvariantHook hook = [](std::string_view) {};
  const InvariantHook before = set_invariant_hook(hook);
  EXPECT_EQ(set_invariant_hook(before), hook);
}

}  // namespace
}  // namespace ottla
