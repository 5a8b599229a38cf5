#include "storage/log/recent_appends.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {
namespace {

constexpr std::size_t kLimit = 64 * 1024;
constexpr std::size_t kValue = 8000;

Slice record_of(std::size_t value_bytes) {
  record::BatchBuilder builder({});
  const std::string value(value_bytes, 'x');
  builder.append({.timestamp = 1, .value = std::as_bytes(std::span(value))});
  return std::move(builder).finish();
}

// A log that is appended to, and readers of its tail.
class TailOfALog : public testing::Test {
 protected:
  void append(int count) {
    for (int each = 0; each < count; ++each) {
      std::string bytes(record_of(kValue).as_string_view());
      record::set_base_offset(std::as_writable_bytes(std::span(bytes)), next_);
      const Slice slice = Slice::copy_of(bytes);
      const std::array<StoredBatch, 1> batches = {*read_stored_batch(slice.as_span(), position_)};
      tail_.push(slice, false, batches, Offset(0));
      position_ += slice.size();
      ++next_;
    }
  }
  std::optional<RecentAppends::Found> read(Offset from) {
    return tail_.read(from, {.max_bytes = 1 << 20, .at_least_one = true, .end = next_});
  }

  RecentAppends recent_{kLimit};
  RecentAppends::Tail tail_{recent_};
  Offset next_{0};
  std::uint64_t position_ = 0;
};

TEST_F(TailOfALog, KeepsNoMoreThanItsLimit) {
  append(100);
  EXPECT_LE(recent_.charged(), kLimit);
  EXPECT_EQ(recent_.lent(), 0u);
  EXPECT_TRUE(read(next_ - 1));
  EXPECT_FALSE(read(Offset(0)));
}

TEST(RecentAppendsOfAShard, AreCountedTogether) {
  Counter hits;
  Counter misses;
  Gauge bytes;
  const RecentMeters meters{.hits = &hits, .misses = &misses, .bytes = &bytes};
  RecentAppends other(kLimit, meters);
  {
    RecentAppends recent(kLimit, meters);
    RecentAppends::Tail tail(recent);
    const Slice slice = record_of(kValue);
    const std::array<StoredBatch, 1> batches = {*read_stored_batch(slice.as_span(), 0)};
    tail.push(slice, false, batches, Offset(0));
    EXPECT_EQ(bytes.value(), static_cast<std::int64_t>(recent.charged()));
    RecentAppends::Tail of_other(other);
    of_other.push(slice, false, batches, Offset(0));
    EXPECT_EQ(bytes.value(), static_cast<std::int64_t>(recent.charged() + other.charged()));
    const RecentAppends::Limits limits{.max_bytes = 1, .at_least_one = true, .end = Offset(1)};
    EXPECT_TRUE(tail.read(Offset(0), limits));
    EXPECT_TRUE(of_other.read(Offset(0), limits));
    EXPECT_FALSE(of_other.read(Offset(7), limits));
  }
  EXPECT_EQ(bytes.value(), 0);
  EXPECT_EQ(hits.value(), 2U);
  EXPECT_EQ(misses.value(), 1U);
}

TEST_F(TailOfALog, ReadersWhoHoldOnToItAreSentToTheFiles) {
  std::vector<Chain> held;
  std::optional<RecentAppends::Found> found;
  do {
    append(1);
    found = read(next_ - 1);
    if (found) held.push_back(std::move(found->records));
  } while (found && held.size() < 1000);
  // What is still here, and as much again in their hands.
  EXPECT_LE(held.size() * kValue, 2 * kLimit + 2 * kValue);
  EXPECT_GT(held.size() * kValue, kLimit);
  EXPECT_GT(recent_.lent(), kLimit);
  held.clear();
  for (int each = 0; each < 10; ++each) append(1);
  EXPECT_TRUE(read(next_ - 1)) << "what was given back is not lent any more";
  EXPECT_EQ(recent_.lent(), 0u);
}

TEST_F(TailOfALog, ReadersWhoTakeWhatTheyAskedForAreServedFromMemory) {
  for (int each = 0; each < 1000; ++each) {
    append(1);
    ASSERT_TRUE(read(next_ - 1)) << each;
  }
  EXPECT_EQ(recent_.misses(), 0u);
}

}  // namespace
}  // namespace ottla::storage
