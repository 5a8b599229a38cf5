// What the replicated state answers.
#include "test/kv/store.h"

#include <gtest/gtest.h>

namespace ottla::kv {
namespace {

Command command(Operation operation, std::uint32_t sequence, std::uint64_t value,
                std::uint64_t expected = 0) {
  return {operation, ClientId(0), sequence, 0, expected, value};
}

TEST(Store, VersionsCountWrites) {
  Store store(Plant::none);
  EXPECT_EQ(store.apply(command(Operation::read, 1, 0)).answer, (Answer{true, 0, 0}));
  EXPECT_EQ(store.apply(command(Operation::write, 2, 5)).answer, (Answer{true, 1, 5}));
  EXPECT_EQ(store.apply(command(Operation::compare_and_set, 3, 6, 0)).answer, (Answer{false, 1, 5}));
  EXPECT_EQ(store.apply(command(Operation::compare_and_set, 4, 6, 1)).answer, (Answer{true, 2, 6}));
}

TEST(Store, ARepetitionGetsTheFirstAnswer) {
  Store store(Plant::none);
  store.apply(command(Operation::write, 1, 5));
  store.apply(command(Operation::write, 2, 6));
  const Store::Applied again = store.apply(command(Operation::write, 1, 5));
  EXPECT_TRUE(again.repetition);
  EXPECT_EQ(again.answer, (Answer{true, 1, 5}));
  EXPECT_EQ(store.apply(command(Operation::read, 3, 0)).answer, (Answer{true, 2, 6}));
}

TEST(Store, AnAnswerIsRememberedAsLongAsItMayBeAskedAgain) {
  Store store(Plant::none);
  for (std::uint32_t i = 1; i <= kClientWindow; ++i) store.apply(command(Operation::write, i, i));
  EXPECT_EQ(store.apply(command(Operation::write, 1, 1)).answer.version, 1U);
}

TEST(Store, WhatCameTooLateIsNotExecuted) {
  Store store(Plant::none);
  store.apply(command(Operation::write, 1 + kClientWindow, 5));
  EXPECT_TRUE(store.apply(command(Operation::write, 1, 9)).repetition);
  EXPECT_EQ(store.apply(command(Operation::read, 2, 0)).answer.version, 1U);
}

}  // namespace
}  // namespace ottla::kv
