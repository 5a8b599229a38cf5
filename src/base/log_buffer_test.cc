#include "base/log_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <thread>

namespace ottla {
namespace {

bool push(LogBuffer& buffer, std::string_view text) {
  return buffer.try_push(std::as_bytes(std::span(text)));
}

// The oldest record, taken out; "-" when there is none.
std::string take(LogBuffer& buffer) {
  const auto record = buffer.front();
  if (record.data() == nullptr) return "-";
  std::string text(reinterpret_cast<const char*>(record.data()), record.size());
  buffer.pop();
  return text;
}

TEST(LogBuffer, GivesBackInOrder) {
  LogBuffer buffer(128);
  EXPECT_TRUE(push(buffer, "one") && push(buffer, "two"));
  EXPECT_EQ(take(buffer), "one");
  EXPECT_EQ(take(buffer), "two");
  EXPECT_EQ(take(buffer), "-");
}

TEST(LogBuffer, DropsAndCountsWhenFull) {
  LogBuffer buffer(64);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(push(buffer, "12345678"));
  EXPECT_FALSE(push(buffer, "x"));
  EXPECT_EQ(buffer.dropped(), 1U);
  take(buffer);
  EXPECT_TRUE(push(buffer, "x"));
}

TEST(LogBuffer, RefusesWhatCouldNeverFit) {
  LogBuffer buffer(64);
  EXPECT_FALSE(push(buffer, std::string(25, 'x')));
  EXPECT_TRUE(push(buffer, std::string(24, 'x')));
  EXPECT_FALSE(push(buffer, ""));
  EXPECT_EQ(buffer.dropped(), 2U);
}

TEST(LogBuffer, AnnouncesOncePerTurn) {
  LogBuffer buffer(64);
  EXPECT_FALSE(buffer.take_unannounced());
  push(buffer, "a");
  push(buffer, "b");
  EXPECT_TRUE(buffer.take_unannounced());
  EXPECT_FALSE(buffer.take_unannounced());
}

TEST(LogBufferDeathTest, PopOfNothing) {
  LogBuffer buffer(64);
  EXPECT_DEATH(buffer.pop(), "empty log ring");
  EXPECT_DEATH(LogBuffer(100), "power of two");
}

TEST(LogBuffer, AgreesWithAQueue) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    LogBuffer buffer(std::size_t{64} << (random() % 4));
    std::deque<std::string> model;
    for (int step = 0; step < 2'000; ++step) {
      if (random() % 2 == 0) {
        std::string text(1 + random() % 40, static_cast<char>('a' + step % 26));
        if (push(buffer, text)) model.push_back(text);
      } else {
        ASSERT_EQ(take(buffer), model.empty() ? "-" : model.front()) << "round " << round << " step " << step;
        if (!model.empty()) model.pop_front();
      }
    }
  }
}

// What is pushed comes out whole and in order on another thread; what does not is counted.
TEST(LogBuffer, TwoThreads) {
  LogBuffer buffer(1024);
  constexpr std::uint64_t kRecords = 50'000;
  std::jthread shard([&] {
    std::array<std::uint64_t, 5> record{};
    for (std::uint64_t i = 1; i <= kRecords; ++i) {
      record.fill(i);
      buffer.try_push(std::as_bytes(std::span(record).first(1 + i % record.size())));
      if (i % 32 == 0) std::this_thread::yield();
    }
    record.fill(~std::uint64_t{0});
    while (!buffer.try_push(std::as_bytes(std::span(record).first(1)))) std::this_thread::yield();
  });
  std::uint64_t last = 0;
  std::uint64_t received = 0;
  std::uint64_t broken = 0;
  while (true) {
    const auto record = buffer.front();
    if (record.data() == nullptr) {
      std::this_thread::yield();
      continue;
    }
    std::uint64_t number = 0;
    std::memcpy(&number, record.data(), 8);
    if (number == ~std::uint64_t{0}) break;
    broken += number <= last || record.size() != 8 * (1 + number % 5) ? 1U : 0U;
    broken += std::memcmp(record.data() + record.size() - 8, &number, 8) != 0 ? 1U : 0U;
    last = number;
    ++received;
    buffer.pop();
  }
  shard.join();
  EXPECT_EQ(broken, 0U);
  EXPECT_GE(received + buffer.dropped(), kRecords);
  EXPECT_GT(received, 0U);
}

}  // namespace
}  // namespace ottla
