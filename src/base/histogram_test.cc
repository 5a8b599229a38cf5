#include "base/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

namespace ottla {
namespace {

constexpr std::uint64_t kTenMinutes = 600'000'000'000;

static_assert(HistogramBucket::index_of(0) == 0 && HistogramBucket::index_of(127) == 127);
static_assert(HistogramBucket::index_of(128) == 128 && HistogramBucket::index_of(129) == 128);
static_assert(HistogramBucket::lowest_in(128) == 128 && HistogramBucket::highest_in(128) == 129);
static_assert(HistogramBucket::index_of(UINT64_MAX) == 3775 &&
              HistogramBucket::highest_in(3775) == UINT64_MAX);

HistogramSnapshot of(std::initializer_list<std::uint64_t> values, std::uint64_t highest = kTenMinutes) {
  Histogram histogram(highest);
  for (const std::uint64_t value : values) histogram.record(value);
  return histogram.snapshot();
}

TEST(Histogram, Empty) {
  const HistogramSnapshot empty = of({});
  EXPECT_EQ(empty.count() + empty.sum() + empty.min() + empty.max() + empty.quantile(0.5), 0U);
  EXPECT_EQ(empty.mean(), 0);
}

TEST(Histogram, KeepsCountSumMinMax) {
  const HistogramSnapshot some = of({5, 1'000'000, 3});
  EXPECT_EQ(some.count(), 3U);
  EXPECT_EQ(some.sum(), 1'000'008U);
  EXPECT_EQ(some.min(), 3U);
  EXPECT_EQ(some.max(), 1'000'000U);
}

TEST(Histogram, SmallValuesAreExact) {
  const HistogramSnapshot some = of({1, 2, 3, 4, 100});
  EXPECT_EQ(some.quantile(0), 1U);
  EXPECT_EQ(some.quantile(0.5), 3U);
  EXPECT_EQ(some.quantile(0.8), 4U);
  EXPECT_EQ(some.quantile(1), 100U);
}

TEST(Histogram, WhatIsTooHighIsCountedAtTheEnd) {
  const HistogramSnapshot some = of({1, 5'000, 1'000'000}, 1'000);
  EXPECT_EQ(some.count(), 3U);
  EXPECT_EQ(some.max(), 1'000'000U);
  EXPECT_EQ(some.quantile(1), 1'000'000U);
  EXPECT_NEAR(static_cast<double>(some.quantile(0.6)), 1'000, 10);
}

TEST(Histogram, CountsUpToABoundary) {
  const HistogramSnapshot some = of({1, 5, 100, 127, 1'000, 10'000});
  EXPECT_EQ(some.count_up_to(0), 0U);
  EXPECT_EQ(some.count_up_to(100), 3U);
  EXPECT_EQ(some.count_up_to(5'000), 5U);
  EXPECT_EQ(some.count_up_to(UINT64_MAX), 6U);
}

TEST(HistogramDeathTest, AQuantileIsAFraction) {
  EXPECT_DEATH(static_cast<void>(of({1}).quantile(1.5)), "is a fraction");
  EXPECT_DEATH(static_cast<void>(of({1}).quantile(std::nan(""))), "is a fraction");
}

TEST(HistogramBucket, CoversAllNumbersWithoutGaps) {
  for (std::size_t i = 0; i < 3775; ++i) {
    const std::uint64_t lowest = HistogramBucket::lowest_in(i);
    const std::uint64_t highest = HistogramBucket::highest_in(i);
    ASSERT_EQ(HistogramBucket::index_of(lowest), i);
    ASSERT_EQ(HistogramBucket::index_of(highest), i);
    ASSERT_EQ(HistogramBucket::index_of(highest + 1), i + 1);
    ASSERT_LE(highest - lowest, lowest / 64);
  }
}

// Values over all magnitudes, so that every power of two is met.
std::vector<std::uint64_t> draw(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint64_t> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back((random() & (kTenMinutes - 1)) >> (random() % 40));
  return values;
}

double error_of(std::uint64_t estimate, std::uint64_t truth) {
  return std::abs(static_cast<double>(estimate) - static_cast<double>(truth)) /
         std::max(1.0, static_cast<double>(truth));
}

TEST(Histogram, QuantilesAreWithinOnePercentOfASortedList) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    Histogram histogram(kTenMinutes);
    std::vector<std::uint64_t> values = draw(random, 1 + random() % 3'000);
    for (const std::uint64_t value : values) histogram.record(value);
    std::ranges::sort(values);
    const HistogramSnapshot snapshot = histogram.snapshot();
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
      const std::uint64_t truth = values[std::max<std::size_t>(rank, 1) - 1];
      ASSERT_LE(error_of(snapshot.quantile(q), truth), 0.01) << "q " << q << " truth " << truth;
    }
  }
}

TEST(Histogram, MergedIsTheSameAsRecordedTogether) {
  std::mt19937_64 random(12);
  for (int round = 0; round < 50; ++round) {
    Histogram together(kTenMinutes);
    HistogramSnapshot merged;
    for (int shard = 0; shard < 3; ++shard) {
      Histogram own(kTenMinutes);
      for (const std::uint64_t value : draw(random, random() % 300)) {
        own.record(value);
        together.record(value);
      }
      merged.merge(own.snapshot());
    }
    const HistogramSnapshot expected = together.snapshot();
    ASSERT_EQ(merged.buckets(), expected.buckets());
    ASSERT_EQ((std::array{merged.count(), merged.sum(), merged.min(), merged.max()}),
              (std::array{expected.count(), expected.sum(), expected.min(), expected.max()}));
  }
}

TEST(Histogram, IsReadWhileItIsWritten) {
  Histogram histogram(kTenMinutes);
  std::jthread shard([&] {
    for (std::uint64_t i = 0; i < 100'000; ++i) histogram.record(i);
  });
  std::uint64_t last = 0;
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t count = histogram.snapshot().count();
    ASSERT_GE(count, last);
    last = count;
  }
  shard.join();
  EXPECT_EQ(histogram.snapshot().count(), 100'000U);
}

}  // namespace
}  // namespace ottla
