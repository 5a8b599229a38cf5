#include "base/varint.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>
#include <optional>
#include <random>
#include <vector>

namespace ottla {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

template <VarintValue T>
Bytes encoded(T value) {
  Bytes out(kMaxVarintSize<T>);
  out.resize(static_cast<std::size_t>(encode_varint(out.data(), value) - out.data()));
  return out;
}

// What decoding came to, in a form to compare.
struct Outcome {
  std::uint64_t value = 0;
  std::size_t size = 0;
  std::optional<VarintFault> fault;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

template <VarintValue T>
Outcome decoded_within(const Bytes& from) {
  const std::byte* end = from.data() + from.size();
  const DecodedVarint<T> result = decode_varint<T>(from.data(), end);
  if (!result.ok()) return {0, 0, varint_fault<T>(from.data(), end)};
  return {result.value, static_cast<std::size_t>(result.next - from.data()), {}};
}

// Decodes at the very end of the bytes, and again with foreign bytes behind: both paths must agree.
template <VarintValue T>
Outcome decoded(const Bytes& from) {
  const Outcome at_end = decoded_within<T>(from);
  if (at_end.fault == VarintFault::truncated) return at_end;
  for (const int filler : {0x00, 0x80, 0xff}) {
    Bytes longer = from;
    longer.resize(from.size() + 16, static_cast<std::byte>(filler));
    EXPECT_EQ(decoded_within<T>(longer), at_end);
  }
  return at_end;
}

template <VarintValue T>
void expect_round_trip(T value) {
  const Bytes wire = encoded(value);
  ASSERT_EQ(wire.size(), varint_size(value)) << value;
  ASSERT_EQ(decoded<T>(wire), (Outcome{value, wire.size(), {}})) << value;
}

TEST(Varint, KnownBytes) {
  EXPECT_EQ(encoded<std::uint32_t>(0), bytes({0}));
  EXPECT_EQ(encoded<std::uint32_t>(127), bytes({0x7f}));
  EXPECT_EQ(encoded<std::uint32_t>(128), bytes({0x80, 1}));
  EXPECT_EQ(encoded<std::uint32_t>(300), bytes({0xac, 2}));
  EXPECT_EQ(encoded<std::uint32_t>(UINT32_MAX), bytes({0xff, 0xff, 0xff, 0xff, 0x0f}));
  EXPECT_EQ(encoded<std::uint64_t>(UINT64_MAX).size(), 10U);
}

TEST(Varint, ZigzagKeepsSmallNumbersSmall) {
  EXPECT_EQ(zigzag(std::int32_t{0}), 0U);
  EXPECT_EQ(zigzag(std::int32_t{-1}), 1U);
  EXPECT_EQ(zigzag(std::int32_t{1}), 2U);
  EXPECT_EQ(zigzag(INT32_MIN), UINT32_MAX);
  EXPECT_EQ(zigzag(INT64_MIN), UINT64_MAX);
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
  EXPECT_EQ(unzigzag(zigzag(INT32_MIN)), INT32_MIN);
}

TEST(Varint, RoundTripAtEverySize) {
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t value : {power - 1, power, power + 1}) {
      expect_round_trip<std::uint64_t>(value);
      expect_round_trip<std::uint32_t>(static_cast<std::uint32_t>(value));
    }
  }
  expect_round_trip<std::uint64_t>(UINT64_MAX);
}

TEST(Varint, RoundTripOfRandomNumbers) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t value = random() >> (random() % 64);
    expect_round_trip<std::uint64_t>(value);
    expect_round_trip<std::uint32_t>(static_cast<std::uint32_t>(value));
  }
}

TEST(Varint, EveryPrefixIsTruncated) {
  Bytes wire = encoded<std::uint64_t>(UINT64_MAX);
  while (!wire.empty()) {
    wire.pop_back();
    EXPECT_EQ(decoded_within<std::uint64_t>(wire), (Outcome{0, 0, VarintFault::truncated})) << wire.size();
  }
}

TEST(Varint, PaddedFormsAreRefused) {
  EXPECT_EQ(decoded<std::uint32_t>(bytes({0x80, 0})).fault, VarintFault::overlong);
  EXPECT_EQ(decoded<std::uint32_t>(bytes({0xff, 0x80, 0})).fault, VarintFault::overlong);
  EXPECT_EQ(decoded<std::uint32_t>(bytes({0x81, 0x80, 0x80, 0x80, 0})).fault, VarintFault::overlong);
  EXPECT_EQ(decoded<std::uint64_t>(bytes({0x80, 0})).fault, VarintFault::overlong);
  EXPECT_EQ(decoded<std::uint64_t>(bytes({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0})).fault,
            VarintFault::overlong);
}

TEST(Varint, BitsBeyondTheTypeAreRefused) {
  EXPECT_EQ(decoded<std::uint32_t>(bytes({0xff, 0xff, 0xff, 0xff, 0x10})).fault, VarintFault::overlong);
  EXPECT_EQ(decoded<std::uint32_t>(bytes({0x80, 0x80, 0x80, 0x80, 0x7f})).fault, VarintFault::overlong);
  EXPECT_EQ(decoded<std::uint64_t>(bytes({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2})).fault,
            VarintFault::overlong);
}

TEST(Varint, MoreBytesThanTheTypeNeedsAreRefused) {
  EXPECT_EQ(decoded<std::uint32_t>(bytes({0x80, 0x80, 0x80, 0x80, 0x80, 1})).fault, VarintFault::overlong);
  EXPECT_EQ(decoded<std::uint64_t>(Bytes(11, std::byte{0x80})).fault, VarintFault::overlong);
  EXPECT_EQ(decoded<std::uint32_t>(Bytes(5, std::byte{0xff})).fault, VarintFault::overlong);
}

// The definition, written down without haste.
template <VarintValue T>
Outcome by_definition(const Bytes& from) {
  unsigned __int128 value = 0;
  for (std::size_t i = 0; i < kMaxVarintSize<T>; ++i) {
    if (i == from.size()) return {0, 0, VarintFault::truncated};
    value |= static_cast<unsigned __int128>(from[i] & std::byte{0x7f}) << (7 * i);
    if (value > std::numeric_limits<T>::max()) return {0, 0, VarintFault::overlong};
    if ((from[i] & std::byte{0x80}) != std::byte{0}) continue;
    if (i > 0 && from[i] == std::byte{0}) return {0, 0, VarintFault::overlong};
    return {static_cast<T>(value), i + 1, {}};
  }
  return {0, 0, VarintFault::overlong};
}

TEST(Varint, RandomBytesDecodeByDefinition) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200000; ++i) {
    Bytes from(random() % 14);
    const std::size_t stop = random() % 14;
    for (std::size_t k = 0; k < from.size(); ++k) {
      const std::uint64_t shape = random() % 4;
      const auto byte = static_cast<std::byte>(shape == 0 ? 0 : shape == 1 ? 0x7f : random());
      from[k] = k == stop ? byte & std::byte{0x7f} : byte | std::byte{0x80};
    }
    ASSERT_EQ(decoded_within<std::uint32_t>(from), by_definition<std::uint32_t>(from))
        << testing::PrintToString(from);
    ASSERT_EQ(decoded_within<std::uint64_t>(from), by_definition<std::uint64_t>(from))
        << testing::PrintToString(from);
  }
}

}  // namespace
}  // namespace ottla
