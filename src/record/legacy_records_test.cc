#include "record/legacy_records.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/crc32.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/hex.h"
#include "record/batch_layout.h"
#include "record/compression/codec_pool.h"
#include "record/legacy_view.h"

namespace ottla::record {
namespace {

// What the reference's MemoryRecordsBuilder (kafka-clients 4.4.0) makes of three records from offset 5 on:
// k=v at 1000, null=value at 2000, key=null at 1500. Those with the broker's time (7777) lack the third.

constexpr std::string_view kMagic0None =
    "0000000000000005000000101fecd70a0000000000016b0000000176000000000000000600000013acc084000000ffff"
    "ffff0000000576616c75650000000000000007000000117a0a65ca0000000000036b6579ffffffff";
constexpr std::string_view kMagic0Gzip =
    "0000000000000007000000598d3d83520001ffffffff0000004b1f8b08000000000000ff63600003562016907f739d0b"
    "cc63cc0611651029063620165e73a00548fd070290eab2c49cd254a8343b100b5671a59e02f398b3532b41aa00e8e2e4"
    "3558000000";
constexpr std::string_view kMagic0Snappy =
    "000000000000000700000076ee00fccf0002ffffffff0000006882534e41505059000000000100000001000000545800"
    "0009012405000000101fecd70a00010118016b0000000176010b680000000600000013acc084000000ffffffff000000"
    "0576616c7565011c6000000007000000117a0a65ca0000000000036b6579ffffffff";
constexpr std::string_view kMagic0Lz4 =
    "00000000000000070000006dc7bbf5e10003ffffffff0000005f04224d1860401a50000000120001009105000000101f"
    "ecd70a0f0071016b00000001760c00f00b00000600000013acc084000000ffffffff0000000576616c75651c00c10000"
    "0007000000117a0a65ca0e0080036b6579ffffffff00000000";
constexpr std::string_view kMagic1None =
    "000000000000000500000018e4e321bc010000000000000003e8000000016b000000017600000000000000060000001b"
    "adb96212010000000000000007d0ffffffff0000000576616c7565000000000000000700000019ef39ae230100000000"
    "00000005dc000000036b6579ffffffff";
constexpr std::string_view kMagic1Gzip =
    "00000000000000070000006a4b3d30ab010100000000000007d0ffffffff000000541f8b08000000000000ff63608003"
    "89278f15f7304239cc2f800463368828830a81a4a4d7ee4c1282a961bff01f08800cd6b2c49cd254a82813104bbeb75c"
    "a70c53c67a07645e766a254835001ade438b70000000";
constexpr std::string_view kMagic1Snappy =
    "000000000000000700000084e0178293010200000000000007d0ffffffff0000006e82534e4150505900000000010000"
    "00010000005a70000019011818e4e321bc010009011803e8000000016b0105007609120000011b101badb96212010901"
    "013807d0ffffffff0000000576616c756501132c0000000200000019ef39ae2311273005dc000000036b6579ffffffff";
constexpr std::string_view kMagic1Lz4 =
    "00000000000000070000007e04cf2513010300000000000007d0ffffffff0000006804224d1860408259000000160001"
    "006318e4e321bc0110007003e8000000016b050013761300001b00501badb962120900000200f00007d0ffffffff0000"
    "000576616c75651300c40000000200000019ef39ae232700d005dc000000036b6579ffffffff00000000";
constexpr std::string_view kMagic1NoneAppend =
    "0000000000000005000000187359db3101080000000000001e61000000016b000000017600000000000000060000001b"
    "9340861201080000000000001e61ffffffff0000000576616c7565";
constexpr std::string_view kMagic1GzipAppend =
    "000000000000000600000054480d327201090000000000001e61ffffffff0000003e1f8b08000000000000ff63608003"
    "89e2c8db868c1c108e5c229060cc06116550794620969eecd0268450f31f08800cd6b2c49cd254009d748f9a4b000000";

std::string bytes_of_hex(std::string_view hex) {
  return *hex_decode(hex);
}
std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(std::optional<std::span<const std::byte>> bytes) {
  if (!bytes) return "null";
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// All records of all messages, or what is wrong with them.
std::string read(std::string_view bytes, std::uint64_t max_output = 1 << 20) {
  CodecPool codecs;
  std::string text;
  for (auto rest = bytes_of(bytes); !rest.empty();) {
    const auto message = LegacyView::first_of(rest);
    if (!message.ok()) return text + std::string(name_of(message.error().code()));
    if (!message->crc_holds()) return text + "bad checksum";
    auto records = LegacyRecords::of(*message, codecs, {.max_output = max_output});
    if (!records.ok()) return text + std::string(name_of(records.error().code()));
    while (!records->at_end()) {
      const auto record = records->next();
      if (!record.ok()) return text + std::string(name_of(record.error().code()));
      EXPECT_TRUE(record->message.crc_holds());
      text += std::to_string(record->offset.raw()) + "@" + std::to_string(record->timestamp) +
              (record->timestamp_type == TimestampType::log_append_time ? "a " : " ") +
              text_of(record->message.key()) + "=" + text_of(record->message.value()) + " ";
    }
    rest = rest.subspan(message->size());
  }
  return text;
}

// A field of the first message changed, and its checksum made anew.
template <typename T>
std::string with(std::string_view hex, std::size_t at, T value) {
  std::string bytes = bytes_of_hex(hex);
  const auto whole = std::as_writable_bytes(std::span(bytes));
  store_big_endian(whole.data() + at, value);
  const auto size = LegacyView::first_of(whole)->size();
  store_big_endian(whole.data() + 12, crc32(whole.subspan(16, size - 16)));
  return bytes;
}

TEST(LegacyMessages, OfMagic0AreReadInEveryCodecOfTheirTime) {
  const std::string records = "5@-1 k=v 6@-1 null=value 7@-1 key=null ";
  EXPECT_EQ(read(bytes_of_hex(kMagic0None)), records);
  EXPECT_EQ(read(bytes_of_hex(kMagic0Gzip)), records);
  EXPECT_EQ(read(bytes_of_hex(kMagic0Snappy)), records);
  EXPECT_EQ(read(bytes_of_hex(kMagic0Lz4)), records);  // the checksum in its header is of the wrong bytes
}

TEST(LegacyMessages, OfMagic1AreReadInEveryCodecOfTheirTime) {
  const std::string records = "5@1000 k=v 6@2000 null=value 7@1500 key=null ";
  EXPECT_EQ(read(bytes_of_hex(kMagic1None)), records);
  EXPECT_EQ(read(bytes_of_hex(kMagic1Gzip)), records);
  EXPECT_EQ(read(bytes_of_hex(kMagic1Snappy)), records);
  EXPECT_EQ(read(bytes_of_hex(kMagic1Lz4)), records);
}

TEST(LegacyMessages, HaveTheBrokersTimeWhenTheOuterOneSaysSo) {
  EXPECT_EQ(read(bytes_of_hex(kMagic1NoneAppend)), "5@7777a k=v 6@7777a null=value ");
  EXPECT_EQ(read(bytes_of_hex(kMagic1GzipAppend)), "5@7777a k=v 6@7777a null=value ");
}

TEST(LegacyMessages, OfMagic1CountFromTheLastOne) {
  EXPECT_EQ(read(with(kMagic1Gzip, 0, std::int64_t{100})),
            "98@1000 k=v 99@2000 null=value 100@1500 key=null ");
  EXPECT_EQ(read(with(kMagic1Gzip, 0, std::int64_t{0})), "0@1000 k=v 1@2000 null=value 2@1500 key=null ");
  EXPECT_EQ(read(with(kMagic1Gzip, 0, std::int64_t{1})), "malformed");
  EXPECT_EQ(read(with(kMagic0Gzip, 0, std::int64_t{100})), "5@-1 k=v 6@-1 null=value 7@-1 key=null ");
}

TEST(LegacyMessages, ThatAreNotWhatTheyClaimAreRefused) {
  EXPECT_EQ(read(with(kMagic1Gzip, 17, std::uint8_t{4})), "malformed");  // zstd
  EXPECT_EQ(read(with(kMagic1Gzip, 17, std::uint8_t{7})), "malformed");  // a codec that nobody knows
  EXPECT_NE(read(with(kMagic1Gzip, 17, std::uint8_t{3})), read(bytes_of_hex(kMagic1Gzip)));
  EXPECT_EQ(read(with(kMagic1None, 17, std::uint8_t{1})), "truncated");  // its value is no gzip
  EXPECT_EQ(read(bytes_of_hex(kMagic1Gzip), 50), "too_large");
}

// A key of 100 bytes in a message of 36, and a value that leaves some over.
TEST(LegacyMessages, AreFilledByKeyAndValue) {
  std::string bytes = bytes_of_hex(kMagic1None);
  for (const auto& [at, size] :
       {std::pair<std::size_t, std::int32_t>(26, 100), {26, INT32_MAX}, {31, 0}, {31, 2}}) {
    std::string changed = bytes;
    store_big_endian(std::as_writable_bytes(std::span(changed)).data() + at, size);
    EXPECT_EQ(LegacyView::first_of(bytes_of(changed)).error().code(), Errc::malformed) << at << " " << size;
  }
}

TEST(LegacyMessages, CutOnesAreTruncated) {
  const std::string bytes = bytes_of_hex(kMagic1Lz4);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(LegacyView::first_of(bytes_of(std::string_view(bytes).substr(0, size))).error().code(),
              Errc::truncated);
  }
}

TEST(LegacyMessages, OfNoSizeOrAnotherMagicAreRefused) {
  std::string bytes = bytes_of_hex(kMagic1None);
  bytes[16] = 2;
  EXPECT_EQ(LegacyView::first_of(bytes_of(bytes)).error().code(), Errc::unsupported);
  bytes[16] = 1;
  bytes[11] = 21;
  EXPECT_EQ(LegacyView::first_of(bytes_of(bytes)).error().code(), Errc::corrupt);
}

TEST(LegacyMessages, EveryFlippedBitIsNoticed) {
  std::string bytes = bytes_of_hex(kMagic1None).substr(0, 36);
  for (std::size_t bit = 12 * 8; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const auto message = LegacyView::first_of(bytes_of(bytes));
    EXPECT_TRUE(!message.ok() || !message->crc_holds()) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
}

}  // namespace
}  // namespace ottla::record
