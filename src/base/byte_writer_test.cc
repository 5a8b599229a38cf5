#include "base/byte_writer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/byte_reader.h"
#include "base/hex.h"

namespace ottla {
namespace {

// A pool's habits: it gives more than was asked for, and it counts.
class GenerousBuffers final : public BufferSource {
 public:
  MutableBuffer allocate(std::size_t capacity) override {
    ++allocations;
    return MutableBuffer::on_heap(capacity + 100);
  }
  int allocations = 0;
};

std::string hex_of(Chain chain) {
  return hex_encode(chain.flatten().as_span());
}

TEST(ByteWriter, IntegersAreBigEndian) {
  ByteWriter writer;
  writer.write_i8(-1);
  writer.write_i16(-2);
  writer.write_i32(258);
  writer.write_i64(INT64_MIN);
  EXPECT_EQ(writer.size(), 15U);
  EXPECT_EQ(hex_of(std::move(writer).finish()),
            "ff"
            "fffe"
            "00000102"
            "8000000000000000");
}

TEST(ByteWriter, UnsignedIntegers) {
  ByteWriter writer;
  writer.write_u8(255);
  writer.write_u16(65534);
  writer.write_u32(4294967293U);
  writer.write_u64(UINT64_MAX - 3);
  EXPECT_EQ(hex_of(std::move(writer).finish()),
            "ff"
            "fffe"
            "fffffffd"
            "fffffffffffffffc");
}

TEST(ByteWriter, OtherFields) {
  ByteWriter writer;
  writer.write_bool(true);
  writer.write_f64(1.5);
  writer.write_uuid(Uuid(0x0123456789abcdef, 0xfedcba9876543210));
  writer.write_text("key");
  EXPECT_EQ(hex_of(std::move(writer).finish()),
            "01"
            "3ff8000000000000"
            "0123456789abcdeffedcba9876543210"
            "6b6579");
}

TEST(ByteWriter, Varints) {
  ByteWriter writer;
  writer.write_unsigned_varint(300);
  writer.write_varint(-1);
  writer.write_varlong(INT64_MIN);
  writer.write_unsigned_varlong(UINT64_MAX);
  EXPECT_EQ(hex_of(std::move(writer).finish()),
            "ac02"
            "01"
            "ffffffffffffffffff01"
            "ffffffffffffffffff01");
}

TEST(ByteWriter, PatchesASizeInFrontOfWhatItCounts) {
  ByteWriter writer;
  const auto size = writer.reserve<std::int32_t>();
  writer.write_text("response");
  writer.append(Slice::from_static("records"));
  writer.patch(size, static_cast<std::int32_t>(writer.bytes_since(size)));
  EXPECT_EQ(hex_of(std::move(writer).finish()).substr(0, 8), "0000000f");
}

TEST(ByteWriter, PatchReachesASealedBlock) {
  ByteWriter writer(heap_buffers(), 4);
  writer.write_i16(1);
  const auto mark = writer.reserve<std::int16_t>();
  for (int i = 0; i < 100; ++i) writer.write_i64(i);
  writer.patch(mark, -1);
  EXPECT_EQ(hex_of(std::move(writer).finish()).substr(0, 8), "0001ffff");
}

TEST(ByteWriter, ForeignSlicesAreNotCopied) {
  const Slice records = Slice::copy_of("a record batch");
  ByteWriter writer;
  writer.write_i32(14);
  writer.append(records);
  writer.write_i8(0);
  const Chain chain = std::move(writer).finish();
  ASSERT_EQ(chain.piece_count(), 3U);
  EXPECT_EQ(chain.piece(1).slice()->data(), records.data());
  EXPECT_EQ(chain.piece(0).slice()->owner(), chain.piece(2).slice()->owner());
}

TEST(ByteWriter, AppendsChains) {
  ByteWriter writer;
  writer.write_text("a");
  Chain chain(Slice::from_static("b"));
  writer.append(std::move(chain));
  writer.write_text("c");
  EXPECT_TRUE(std::move(writer).finish().holds("abc"));
}

TEST(ByteWriter, BlocksGrowAndNothingIsLost) {
  GenerousBuffers source;
  ByteWriter writer(source, 16);
  std::string model;
  std::mt19937_64 random(6);
  for (int i = 0; i < 3000; ++i) {
    const std::string text(random() % 200, static_cast<char>('a' + i % 26));
    writer.write_text(text);
    model += text;
  }
  EXPECT_EQ(writer.size(), model.size());
  EXPECT_LT(source.allocations, 20);
  EXPECT_TRUE(std::move(writer).finish().holds(model));
}

TEST(ByteWriter, OneSliceWithoutCopy) {
  GenerousBuffers source;
  ByteWriter writer(source);
  writer.write_text("short");
  const Slice slice = std::move(writer).finish_slice();
  EXPECT_EQ(slice.as_string_view(), "short");
  EXPECT_EQ(source.allocations, 1);
}

TEST(ByteWriter, NothingWrittenTakesNoBlock) {
  GenerousBuffers source;
  EXPECT_TRUE(ByteWriter(source).finish().empty());
  EXPECT_TRUE(ByteWriter::exact(0, source).finish().empty());
  EXPECT_EQ(source.allocations, 0);
}

TEST(ByteWriter, ExactTakesOneBlockOfItsSize) {
  GenerousBuffers source;
  ByteWriter writer = ByteWriter::exact(8, source);
  writer.write_i32(1);
  writer.append(Slice::from_static("foreign"));
  writer.write_unsigned_varint(5);
  writer.write_text("end");
  EXPECT_EQ(std::move(writer).finish().size(), 15U);
  EXPECT_EQ(source.allocations, 1);
}

TEST(ByteWriterDeathTest, ExactMeansExact) {
  ByteWriter writer = ByteWriter::exact(3);
  writer.write_i16(0);
  EXPECT_DEATH(static_cast<void>(std::move(writer).finish()), "left with room");
  EXPECT_DEATH(writer.write_i16(0), "overrun");
  EXPECT_DEATH(writer.write_text("xy"), "overrun");
  EXPECT_DEATH(writer.write_unsigned_varint(128), "overrun");
}

// Random fields, written and read back.
TEST(ByteWriter, ReaderReadsWhatWasWritten) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 fields(seed);
    ByteWriter writer(heap_buffers(), 1 + seed % 32);
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t value = fields() >> (fields() % 64);
      switch (fields() % 6) {
        case 0:
          writer.write_i64(static_cast<std::int64_t>(value));
          break;
        case 1:
          writer.write_u16(static_cast<std::uint16_t>(value));
          break;
        case 2:
          writer.write_unsigned_varint(static_cast<std::uint32_t>(value));
          break;
        case 3:
          writer.write_varlong(static_cast<std::int64_t>(value));
          break;
        case 4:
          writer.append(Slice::copy_of(std::to_string(value)));
          break;
        default:
          writer.write_f64(static_cast<double>(value));
          break;
      }
    }
    ByteReader reader(std::move(writer).finish_slice());
    fields.seed(seed);
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t value = fields() >> (fields() % 64);
      switch (fields() % 6) {
        case 0:
          ASSERT_EQ(reader.read_i64().value(), static_cast<std::int64_t>(value));
          break;
        case 1:
          ASSERT_EQ(reader.read_u16().value(), static_cast<std::uint16_t>(value));
          break;
        case 2:
          ASSERT_EQ(reader.read_unsigned_varint().value(), static_cast<std::uint32_t>(value));
          break;
        case 3:
          ASSERT_EQ(reader.read_varlong().value(), static_cast<std::int64_t>(value));
          break;
        case 4: {
          const std::string text = std::to_string(value);
          ASSERT_EQ(reader.read_string_view(text.size()).value(), text);
          break;
        }
        default:
          ASSERT_EQ(reader.read_f64().value(), static_cast<double>(value));
          break;
      }
    }
    ASSERT_TRUE(reader.at_end());
  }
}

}  // namespace
}  // namespace ottla
