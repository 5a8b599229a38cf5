#include "bench/load/histogram.h"

#include <cstdint>
#include <random>
#include <vector>

namespace ottla::bench {
namespace {

TEST(Histogram, EachValueLiesInItsBucket) {
  std::mt19937_64 random(1);
  for (int bits = 0; bits < 50; ++bits) {
    for (int each = 0; each < 100; ++each) {
      const std::uint64_t value = random() & ((std::uint64_t{1} << bits) - 1);
      const std::size_t index = Histogram::index_of(value);
      ASSERT_LE(Histogram::lowest_of(index), value);
      ASSERT_GE(Histogram::highest_of(index), value);
    }
  }
}

TEST(Histogram, BucketsFollowEachOtherWithoutAGap) {
  for (std::size_t index = 0; index < 3000; ++index) {
    ASSERT_EQ(Histogram::index_of(Histogram::lowest_of(index)), index);
    ASSERT_EQ(Histogram::index_of(Histogram::highest_of(index)), index);
    ASSERT_EQ(Histogram::highest_of(index) + 1, Histogram::lowest_of(index + 1));
  }
}

TEST(Histogram, ABucketIsNoWiderThanA128thOfItsValues) {
  for (std::size_t index = 128; index < 3000; ++index) {
    const std::uint64_t lowest = Histogram::lowest_of(index);
    ASSERT_LE(Histogram::highest_of(index) - lowest, lowest / 128) << index;
  }
}

TEST(Histogram, PercentilesAreThoseOfTheSortedValues) {
  std::mt19937_64 random(2);
  std::vector<std::uint64_t> values;
  Histogram histogram;
  for (int each = 0; each < 10'000; ++each) {
    values.push_back(random() % 10'000'000);
    histogram.add(static_cast<std::int64_t>(values.back()));
  }
  std::ranges::sort(values);
  for (const double part : {0.0001, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(part * 10'000) - 1;
    EXPECT_NEAR(static_cast<double>(histogram.at(part)), static_cast<double>(values[rank]),
                static_cast<double>(values[rank]) / 100 + 1)
        << part;
  }
  EXPECT_EQ(histogram.at(1), values.back());
  EXPECT_EQ(histogram.largest(), values.back());
}

TEST(Histogram, OfNothingIsNothing) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.at(0.99), 0U);
  EXPECT_EQ(histogram.mean(), 0);
}

TEST(Histogram, WhatCameEarlyCountsAsNothing) {
  Histogram histogram;
  histogram.add(-5);
  EXPECT_EQ(histogram.at(1), 0U);
  EXPECT_EQ(histogram.count(), 1U);
}

TEST(Histogram, ManyOfOneValueCountAsMany) {
  Histogram histogram;
  histogram.add(10, 99);
  histogram.add(1000);
  EXPECT_EQ(histogram.at(0.99), 10U);
  EXPECT_EQ(histogram.at(0.999), 1000U);
  EXPECT_DOUBLE_EQ(histogram.mean(), 19.9);
}

TEST(Histogram, MergedOnesAreAsIfAllHadBeenAddedToOne) {
  Histogram left;
  Histogram right;
  Histogram whole;
  for (std::int64_t value = 1; value < 1'000'000; value = value * 3 + 1) {
    (value % 2 == 0 ? left : right).add(value);
    whole.add(value);
  }
  left.merge(right);
  EXPECT_EQ(left.json(), whole.json());
}

TEST(Histogram, TellsItsBucketsByTheirLowestValue) {
  Histogram histogram;
  histogram.add(5, 2);
  histogram.add(300);
  EXPECT_EQ(
      histogram.json(),
      R"({"count": 3, "mean": 103, "p50": 5, "p90": 300, "p99": 300, "p999": 300, "p9999": 300, "max": 300, )"
      R"("buckets": [[5, 2], [300, 1]]})");
}

}  // namespace
}  // namespace ottla::bench
