#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/fixed_string.h"
#include "base/fixed_vector.h"
#include "base/ring_buffer.h"

namespace ottla {
namespace {

using Numbers = FixedVector<std::shared_ptr<int>, 3>;  // shared pointers tell leaks and double ends

TEST(FixedVector, HoldsUpToItsCapacity) {
  FixedVector<int, 2> vector;
  EXPECT_TRUE(vector.try_push_back(1) && vector.try_push_back(2));
  EXPECT_FALSE(vector.try_push_back(3));
  EXPECT_EQ(vector, (FixedVector<int, 2>{1, 2}));
  EXPECT_EQ(vector.pop_back(), 2);
  EXPECT_EQ(vector.back(), 1);
}

TEST(FixedVector, ErasesInOrder) {
  FixedVector<std::string, 4> vector = {"a", "b", "c"};
  vector.erase(vector.begin());
  EXPECT_EQ(vector, (FixedVector<std::string, 4>{"b", "c"}));
  vector.erase(vector.end() - 1);
  EXPECT_EQ(vector, (FixedVector<std::string, 4>{"b"}));
}

TEST(FixedVector, OwnsItsElements) {
  const auto number = std::make_shared<int>(1);
  Numbers one = {number, number};
  Numbers copy = one;
  EXPECT_EQ(number.use_count(), 5);
  const Numbers moved = std::move(one);
  EXPECT_EQ(number.use_count(), 5);
  copy = moved;
  copy.clear();
  EXPECT_EQ(number.use_count(), 3);
}

TEST(FixedVectorDeathTest, MistakesBreakAnInvariant) {
  FixedVector<int, 1> vector = {1};
  EXPECT_DEATH(vector.push_back(2), "overflows");
  EXPECT_DEATH(static_cast<void>(vector[1]), "past the end");
  EXPECT_DEATH(vector.erase(vector.end()), "outside");
  vector.clear();
  EXPECT_DEATH(vector.pop_back(), "past the end");
}

TEST(RingBuffer, RefusesWhatDoesNotFit) {
  RingBuffer<std::string> ring(2);
  std::string third = "third";
  EXPECT_TRUE(ring.try_push_back("first") && ring.try_push_back("second"));
  EXPECT_FALSE(ring.try_push_back(std::move(third)));
  EXPECT_EQ(third, "third");
  EXPECT_EQ(ring.pop_front(), "first");
}

TEST(RingBuffer, OwnsItsElements) {
  const auto number = std::make_shared<int>(1);
  {
    RingBuffer<std::shared_ptr<int>> ring(2);
    for (int i = 0; i < 5; ++i) {
      ring.push_back(number);
      if (i < 4) static_cast<void>(ring.pop_front());
    }
    EXPECT_EQ(number.use_count(), 2);
  }
  EXPECT_EQ(number.use_count(), 1);
}

TEST(RingBufferDeathTest, MistakesBreakAnInvariant) {
  RingBuffer<int> ring(1);
  EXPECT_DEATH(ring.pop_front(), "past the end");
  EXPECT_DEATH(RingBuffer<int>(0), "no elements");
  ring.push_back(1);
  EXPECT_DEATH(ring.push_back(2), "overflows");
}

TEST(RingBuffer, AgreesWithADeque) {
  std::mt19937 random(4);
  for (std::size_t capacity = 1; capacity < 12; ++capacity) {
    RingBuffer<std::string> ring(capacity);
    std::deque<std::string> model;
    for (int step = 0; step < 2'000; ++step) {
      if (random() % 2 == 0) {
        const std::string text(random() % 30, 'x');
        ASSERT_EQ(ring.try_push_back(text), model.size() < capacity);
        if (model.size() < capacity) model.push_back(text);
      } else if (!model.empty()) {
        ASSERT_EQ(ring.pop_front(), model.front());
        model.pop_front();
      }
      ASSERT_EQ(ring.size(), model.size());
      for (std::size_t i = 0; i < model.size(); ++i) ASSERT_EQ(ring[i], model[i]);
    }
  }
}

TEST(FixedString, AppendsWhatFits) {
  FixedString<5> text;
  EXPECT_TRUE(text.try_assign("abc"));
  EXPECT_FALSE(text.try_append("def"));
  EXPECT_EQ(text, "abc");
  EXPECT_EQ(text.append_cut("defg"), 2U);
  EXPECT_EQ(text, "abcde");
  EXPECT_STREQ(text.c_str(), "abcde");
}

TEST(FixedString, AssignsAndClears) {
  FixedString<5> text;
  EXPECT_TRUE(text.try_assign("abcde"));
  EXPECT_TRUE(text.try_assign("x"));
  EXPECT_FALSE(text.try_assign("abcdef"));
  EXPECT_STREQ(text.c_str(), "x");
  text.clear();
  EXPECT_TRUE(text.empty() && *text.c_str() == '\0');
}

TEST(FixedString, TakesAPartOfItself) {
  FixedString<8> text;
  EXPECT_TRUE(text.try_assign("abc"));
  EXPECT_TRUE(text.try_append(text.view().substr(1)));
  EXPECT_EQ(text, "abcbc");
  EXPECT_TRUE(text.try_assign(text.view().substr(3)));
  EXPECT_EQ(text, "bc");
}

}  // namespace
}  // namespace ottla
