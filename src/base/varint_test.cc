#include "base/varint.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>
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

// Decodes at the very end of the bytes, and again with foreign bytes behind: both paths must agree.
template <VarintValue T>
DecodedVarint<T> decoded(Bytes from) {
  const DecodedVarint<T> at_end = decode_varint<T>(from.data(), from.data() + from.size());
  if (at_end.fault == VarintFault::truncated) return at_end;
  for (const int filler : {0x00, 0x80, 0xff}) {
    Bytes padded = from;
    padded.resize(from.size() + 16, static_cast<std::byte>(filler));
    const DecodedVarint<T> within = decode_varint<T>(padded.data(), padded.data() + padded.size());
    EXPECT_EQ(within.fault, at_end.fault);
    EXPECT_EQ(within.value, at_end.value);
    EXPECT_EQ(within.size, at_end.size);
  }
  return at_end;
}

template <VarintValue T>
void expect_round_trip(T value) {
  const Bytes wire = encoded(value);
  ASSERT_EQ(wire.size(), varint_size(value)) << value;
  const DecodedVarint<T> back = decoded<T>(wire);
  ASSERT_EQ(back.fault, VarintFault::none) << value;
  ASSERT_EQ(back.value, value);
  ASSERT_EQ(back.size, wire.size());
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
  const Bytes wire = encoded<std::uint64_t>(UINT64_MAX);
  for (std::size_t size = 0; size < wire.size(); ++size) {
    const DecodedVarint<std::uint64_t> back = decode_varint<std::uint64_t>(wire.data(), wire.data() + size);
    EXPECT_EQ(back.fault, VarintFault::truncated) << size;
    EXPECT_EQ(back.size, 0U);
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
DecodedVarint<T> by_definition(const Bytes& from) {
  unsigned __int128 value = 0;
  for (std::size_t i = 0; i < kMaxVarintSize<T>; ++i) {
    if (i == from.size()) return {0, 0, VarintFault::truncated};
    value |= static_cast<unsigned __int128>(from[i] & std::byte{0x7f}) << (7 * i);
    if (value > std::numeric_limits<T>::max()) return {0, 0, VarintFault::overlong};
    if ((from[i] & std::byte{0x80}) != std::byte{0}) continue;
    if (i > 0 && from[i] == std::byte{0}) return {0, 0, VarintFault::overlong};
    return {static_cast<T>(value), static_cast<std::uint8_t>(i + 1), VarintFault::none};
  }
  return {0, 0, VarintFault::overlong};
}

template <VarintValue T>
void expect_by_definition(const Bytes& from) {
  const DecodedVarint<T> expected = by_definition<T>(from);
  const DecodedVarint<T> actual = decode_varint<T>(from.data(), from.data() + from.size());
  ASSERT_EQ(actual.fault, expected.fault) << testing::PrintToString(from);
  ASSERT_EQ(actual.value, expected.value) << testing::PrintToString(from);
  ASSERT_EQ(actual.size, expected.size) << testing::PrintToString(from);
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
    expect_by_definition<std::uint32_t>(from);
    expect_by_definition<std::uint64_t>(from);
  }
}

}  // namespace
}  // namespace ottla
