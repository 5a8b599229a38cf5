#include "base/byte_reader.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/hex.h"

namespace ottla {
namespace {

Slice wire(std::string_view hex) {
  return Slice::copy_of(hex_decode(hex).value());
}

ByteReader reader_of(std::string_view hex) {
  return ByteReader(wire(hex));
}

TEST(ByteReader, IntegersAreBigEndian) {
  ByteReader reader = reader_of(
      "ff"
      "fffe"
      "00000102"
      "8000000000000000");
  EXPECT_EQ(reader.read_i8().value(), -1);
  EXPECT_EQ(reader.read_i16().value(), -2);
  EXPECT_EQ(reader.read_i32().value(), 258);
  EXPECT_EQ(reader.read_i64().value(), INT64_MIN);
  EXPECT_TRUE(reader.at_end());
}

TEST(ByteReader, UnsignedIntegers) {
  ByteReader reader = reader_of(
      "ff"
      "fffe"
      "fffffffd"
      "fffffffffffffffc");
  EXPECT_EQ(reader.read_u8().value(), 255);
  EXPECT_EQ(reader.read_u16().value(), 65534);
  EXPECT_EQ(reader.read_u32().value(), 4294967293U);
  EXPECT_EQ(reader.read_u64().value(), UINT64_MAX - 3);
}

TEST(ByteReader, OtherFields) {
  ByteReader reader = reader_of(
      "00"
      "02"
      "3ff8000000000000"
      "0123456789abcdeffedcba9876543210");
  EXPECT_FALSE(reader.read_bool().value());
  EXPECT_TRUE(reader.read_bool().value());
  EXPECT_EQ(reader.read_f64().value(), 1.5);
  EXPECT_EQ(reader.read_uuid().value(), Uuid(0x0123456789abcdef, 0xfedcba9876543210));
}

TEST(ByteReader, Varints) {
  ByteReader reader = reader_of(
      "ac02"
      "01"
      "ffffffff0f"
      "ffffffffffffffffff01"
      "ffffffffffffffffff01");
  EXPECT_EQ(reader.read_unsigned_varint().value(), 300U);
  EXPECT_EQ(reader.read_varint().value(), -1);
  EXPECT_EQ(reader.read_varint().value(), INT32_MIN);
  EXPECT_EQ(reader.read_varlong().value(), INT64_MIN);
  EXPECT_EQ(reader.read_unsigned_varlong().value(), UINT64_MAX);
}

TEST(ByteReader, BytesAreNotCopied) {
  const Slice slice = wire(
      "6b6579"
      "76616c7565");
  ByteReader reader(slice);
  EXPECT_EQ(reader.read_string_view(3).value(), "key");
  EXPECT_EQ(reader.read_bytes(2).value().data(), slice.data() + 3);
  const Slice rest = reader.read_slice(3).value();
  EXPECT_EQ(rest.data(), slice.data() + 5);
  EXPECT_EQ(rest.owner(), slice.owner());
}

TEST(ByteReader, SlicesOutliveTheReader) {
  Slice value;
  {
    ByteReader reader = reader_of("76616c7565");
    value = reader.read_slice(5).value();
  }
  EXPECT_EQ(value.as_string_view(), "value");
}

TEST(ByteReader, EveryReadStopsAtTheEnd) {
  ByteReader reader = reader_of("80");
  EXPECT_EQ(reader.read_i16().error(), Errc::truncated);
  EXPECT_EQ(reader.read_i32().error(), Errc::truncated);
  EXPECT_EQ(reader.read_i64().error(), Errc::truncated);
  EXPECT_EQ(reader.read_f64().error(), Errc::truncated);
  EXPECT_EQ(reader.read_uuid().error(), Errc::truncated);
  EXPECT_EQ(reader.read_unsigned_varint().error(), Errc::truncated);
  EXPECT_EQ(reader.read_varlong().error(), Errc::truncated);
  EXPECT_EQ(reader.read_bytes(2).error(), Errc::truncated);
  EXPECT_EQ(reader.read_string_view(SIZE_MAX).error(), Errc::truncated);
  EXPECT_EQ(reader.read_slice(SIZE_MAX).error(), Errc::truncated);
  EXPECT_EQ(reader.read_reader(2).error(), Errc::truncated);
  EXPECT_EQ(reader.skip(2).error(), Errc::truncated);
  EXPECT_EQ(reader.position(), 0U);
  EXPECT_EQ(reader.read_u8().value(), 0x80);
  EXPECT_EQ(reader.read_i8().error(), Errc::truncated);
  EXPECT_EQ(reader.read_bool().error(), Errc::truncated);
}

TEST(ByteReader, OverlongVarintIsMalformed) {
  ByteReader reader = reader_of("8000");
  EXPECT_EQ(reader.read_unsigned_varint().error(), Errc::malformed);
  EXPECT_EQ(reader.read_varlong().error(), Errc::malformed);
  EXPECT_EQ(reader.position(), 0U);
}

TEST(ByteReader, InnerReaderIsBounded) {
  ByteReader reader = reader_of(
      "0001"
      "0002"
      "0003");
  ByteReader inner = reader.read_reader(4).value();
  EXPECT_EQ(reader.read_i16().value(), 3);
  EXPECT_TRUE(inner.skip(2).ok());
  EXPECT_EQ(inner.read_slice(2).value(), wire("0002"));
  EXPECT_EQ(inner.read_i8().error(), Errc::truncated);
}

TEST(ByteReader, OverASpan) {
  const Slice slice = wire(
      "00000007"
      "0102");
  ByteReader reader(slice.as_span());
  EXPECT_EQ(reader.read_i32().value(), 7);
  ByteReader inner = reader.read_reader(2).value();
  EXPECT_EQ(inner.read_i16().value(), 0x0102);
  EXPECT_EQ(slice.owner()->claims(), 1U);
}

TEST(ByteReader, OverNothing) {
  ByteReader reader{Slice()};
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.read_i8().error(), Errc::truncated);
  EXPECT_TRUE(reader.read_bytes(0).ok());
  EXPECT_TRUE(reader.read_slice(0).value().empty());
}

TEST(ByteReader, CountMustFitIntoTheBytesLeft) {
  EXPECT_EQ(reader_of("00000002"
                      "00010002")
                .read_count(2)
                .value(),
            2);
  EXPECT_EQ(reader_of("00000003"
                      "00010002")
                .read_count(2)
                .error(),
            Errc::truncated);
  EXPECT_EQ(reader_of("7fffffff").read_count(1).error(), Errc::truncated);
  EXPECT_EQ(reader_of("7fffffff").read_count(SIZE_MAX).error(), Errc::truncated);
  EXPECT_EQ(reader_of("00000000").read_count(SIZE_MAX).value(), 0);
  EXPECT_EQ(reader_of("ffffffff").read_count(1).value(), -1);
  EXPECT_EQ(reader_of("fffffffe").read_count(1).error(), Errc::malformed);
  EXPECT_EQ(reader_of("000000").read_count(1).error(), Errc::truncated);
}

TEST(ByteReader, CompactCountIsOneLess) {
  EXPECT_EQ(reader_of("03"
                      "0102")
                .read_compact_count(1)
                .value(),
            2);
  EXPECT_EQ(reader_of("04"
                      "0102")
                .read_compact_count(1)
                .error(),
            Errc::truncated);
  EXPECT_EQ(reader_of("01").read_compact_count(1).value(), 0);
  EXPECT_EQ(reader_of("00").read_compact_count(1).value(), -1);
  EXPECT_EQ(reader_of("ffffffff0f").read_compact_count(1).error(), Errc::malformed);
}

TEST(ByteReader, FailedCountIsNotSkipped) {
  ByteReader reader = reader_of(
      "00"
      "00000009");
  EXPECT_TRUE(reader.skip(1).ok());
  EXPECT_EQ(reader.read_count(1).error(), Errc::truncated);
  EXPECT_EQ(reader.position(), 1U);
}

TEST(ByteReader, FaultNamesFieldAndPlace) {
  ByteReader reader = reader_of(
      "0001"
      "00");
  EXPECT_TRUE(reader.read_i16().ok());
  const Error error = reader.fault(reader.read_i32().error(), "throttle time");
  EXPECT_EQ(error.to_string(), "truncated: throttle time at byte 2 of 3; caused by: truncated");
}

TEST(ByteReaderDeathTest, Misuse) {
  const Slice slice = wire("00");
  ByteReader reader(slice.as_span());
  EXPECT_DEATH(static_cast<void>(reader.read_slice(1)), "reader over a span");
  EXPECT_DEATH(static_cast<void>(reader_of("00000000").read_count(0)), "elements of no size");
}

}  // namespace
}  // namespace ottla
