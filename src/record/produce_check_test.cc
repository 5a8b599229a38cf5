#include "record/produce_check.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"
#include "record/testing/made_batch.h"

namespace ottla::record {
namespace {

using testing::MadeBatch;

std::string check(std::initializer_list<Slice> batches, std::int16_t version = 12) {
  std::string bytes;
  for (const Slice& batch : batches) bytes += batch.as_string_view();
  const auto wrong = check_produced(std::as_bytes(std::span(bytes)), version);
  return wrong ? std::string(name_of(wrong->reason)) : "goes on";
}

Slice one() {
  return MadeBatch({"a=x"}).slice();
}

TEST(ProducedRecords, AreOneBatch) {
  EXPECT_EQ(check({one()}), "goes on");
  EXPECT_EQ(check({}), "invalid_record");
  EXPECT_EQ(check({one().subslice(0, 60)}), "invalid_record");
  EXPECT_EQ(check({one(), one().subslice(0, 60)}), "goes on");
  EXPECT_EQ(check({one(), one()}), "invalid_record");
}

TEST(ProducedRecords, AreOfMagic2) {
  for (const int magic : {0, 1}) {
    EXPECT_EQ(check({MadeBatch({"a=x"}).set(kMagicAt, static_cast<std::int8_t>(magic)).slice()}),
              "invalid_record");
  }
  for (const int magic : {-1, 3}) {
    const Slice bad = MadeBatch({"a=x"}).set(kMagicAt, static_cast<std::int8_t>(magic)).slice();
    EXPECT_EQ(check({bad}), "corrupt");
    EXPECT_EQ(check({one(), bad}), "corrupt");
  }
}

TEST(ProducedRecords, UseZstdFromVersion7On) {
  const Slice batch = MadeBatch({"a=x"}).compress(Compression::zstd).slice();
  EXPECT_EQ(check({batch}, 6), "unsupported_compression");
  EXPECT_EQ(check({batch}, 7), "goes on");
  EXPECT_EQ(check({MadeBatch({"a=x"}).compress(Compression::lz4).slice()}, 3), "goes on");
}

}  // namespace
}  // namespace ottla::record
