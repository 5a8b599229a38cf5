#include "test/node/admin/ledger.h"

#include <gtest/gtest.h>

#include <string>

namespace ottla::server {
namespace {

Step to(State after) {
  return [after](const State&) -> std::optional<State> { return after; };
}
// There must not be one.
Step make(State after) {
  return [after](const State& now) -> std::optional<State> {
    if (!now.empty()) return std::nullopt;
    return after;
  };
}

class Ledgers : public ::testing::Test {
 protected:
  std::string found_;
  Ledger ledger_{[this](std::string what) { found_ = std::move(what); }};

  bool accused(const std::string& state) {
    found_.clear();
    ledger_.observe("x", state);
    return !found_.empty();
  }
};

TEST_F(Ledgers, WhatIsDoneIsThere) {
  ledger_.done(ledger_.begin("x", to("a")));
  EXPECT_TRUE(accused(""));
  EXPECT_FALSE(accused(""));  // it is said once
}

TEST_F(Ledgers, WhatIsLostMayHappenAtAnyTimeAndOnce) {
  ledger_.lost(ledger_.begin("x", to("a")));
  EXPECT_FALSE(accused(""));
  EXPECT_FALSE(accused("a"));
  ledger_.done(ledger_.begin("x", to("b")));
  EXPECT_FALSE(accused("b"));
  EXPECT_TRUE(accused("a"));
}

TEST_F(Ledgers, WhatIsLostMayOvertake) {
  ledger_.lost(ledger_.begin("x", to("a")));
  ledger_.done(ledger_.begin("x", to("b")));
  EXPECT_FALSE(accused("a"));
  EXPECT_TRUE(accused("b"));
}

TEST_F(Ledgers, WhatADeadProcessHasNotDoneIsNotDone) {
  ledger_.lost(ledger_.begin("x", to("a")));
  EXPECT_FALSE(accused(""));
  ledger_.life_ended();
  EXPECT_FALSE(accused("a"));
  ledger_.done(ledger_.begin("x", to("b")));
  ledger_.life_ended();
  EXPECT_TRUE(accused("a"));
}

TEST_F(Ledgers, AnswersOfTheDeadCount) {
  const auto ticket = ledger_.begin("x", to("a"));
  ledger_.life_ended();
  ledger_.done(ticket);
  EXPECT_TRUE(accused(""));
}

TEST_F(Ledgers, RefusalsNeedAReason) {
  ledger_.refused(ledger_.begin("x", make("a")), "it is there");
  EXPECT_NE(found_, "");
  found_.clear();
  ledger_.done(ledger_.begin("x", make("a")));
  ledger_.refused(ledger_.begin("x", make("b")), "it is there");
  EXPECT_EQ(found_, "");
  EXPECT_FALSE(accused("a"));
  ledger_.done(ledger_.begin("x", make("c")));
  EXPECT_NE(found_, "");
}

TEST_F(Ledgers, WhatIsDeclinedHasNotHappened) {
  ledger_.declined(ledger_.begin("x", to("a")));
  EXPECT_TRUE(accused("a"));
}

}  // namespace
}  // namespace ottla::server
