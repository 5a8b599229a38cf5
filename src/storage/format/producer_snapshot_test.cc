#include "storage/format/producer_snapshot.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/hex.h"
#include "base/slice.h"
#include "storage/format/index_entry.h"

namespace ottla::storage {
namespace {

const ProducerSnapshotEntry kOpen{.producer_id = 4000,
                                  .epoch = 3,
                                  .last_sequence = 17,
                                  .last_offset = 94,
                                  .offset_delta = 4,
                                  .timestamp = 1767225600000,
                                  .coordinator_epoch = 8,
                                  .transaction_first_offset = 70};
const ProducerSnapshotEntry kOnlyMarker{
    .producer_id = 4001, .epoch = 0, .timestamp = 1767225600000, .coordinator_epoch = 8};

// The worked example of docs/format.
constexpr const char* kTwoProducers =
    "0001ba88397800000002"
    "0000000000000fa0000300000011000000000000005e000000040000019b76daa800000000080000000000000046"
    "0000000000000fa10000ffffffffffffffffffffffff000000000000019b76daa80000000008ffffffffffffffff";

Slice two_producers() {
  SnapshotWriter writer(2);
  writer.add(kOpen);
  writer.add(kOnlyMarker);
  return std::move(writer).finish();
}

TEST(ProducerSnapshots, AreWrittenAsTheReferenceDoes) {
  EXPECT_EQ(hex_encode(two_producers().as_span()), kTwoProducers);
}

TEST(ProducerSnapshots, AreReadAsTheyWereWritten) {
  const Slice bytes = two_producers();
  auto reader = SnapshotReader::open(bytes.as_span());
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->size(), 2u);
  EXPECT_EQ(reader->next(), kOpen);
  EXPECT_EQ(reader->next(), kOnlyMarker);
  EXPECT_EQ(reader->next(), std::nullopt);
}

TEST(ProducerSnapshots, MayBeEmpty) {
  const Slice bytes = SnapshotWriter(0).finish();
  EXPECT_EQ(SnapshotReader::open(bytes.as_span())->next(), std::nullopt);
}

TEST(ProducerSnapshots, ShowEveryBitThatFlipped) {
  const Slice bytes = two_producers();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped(bytes.as_string_view());
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(SnapshotReader::open(std::as_bytes(std::span(flipped))).ok()) << bit;
  }
}

TEST(ProducerSnapshots, ShowEveryByteThatIsMissing) {
  const Slice bytes = two_producers();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(SnapshotReader::open(bytes.as_span().first(size)).ok()) << size;
  }
}

TEST(IndexEntries, GoToBytesAndBack) {
  std::array<std::byte, AbortedTransaction::kSize> bytes{};
  store(bytes.data(), OffsetIndexEntry{.relative_offset = 5, .position = 4096});
  EXPECT_EQ(hex_encode(std::span(bytes).first(8)), "0000000500001000");
  EXPECT_EQ(load_offset_index_entry(bytes.data()),
            (OffsetIndexEntry{.relative_offset = 5, .position = 4096}));
  store(bytes.data(), TimeIndexEntry{.timestamp = 1767225600000, .relative_offset = 5});
  EXPECT_EQ(hex_encode(std::span(bytes).first(12)), "0000019b76daa80000000005");
  EXPECT_EQ(load_time_index_entry(bytes.data()),
            (TimeIndexEntry{.timestamp = 1767225600000, .relative_offset = 5}));
}

TEST(IndexEntries, OfAbortedTransactionsHaveAVersion) {
  const AbortedTransaction aborted{.producer_id = 4000,
                                   .first_offset = Offset(70),
                                   .last_offset = Offset(95),
                                   .last_stable_offset = Offset(88)};
  std::array<std::byte, AbortedTransaction::kSize> bytes{};
  store(bytes.data(), aborted);
  EXPECT_EQ(hex_encode(bytes), "00000000000000000fa00000000000000046000000000000005f0000000000000058");
  EXPECT_EQ(load_aborted_transaction(bytes.data()).value(), aborted);
  bytes[1] = std::byte{1};
  EXPECT_EQ(load_aborted_transaction(bytes.data()).error(), Errc::unsupported);
}

}  // namespace
}  // namespace ottla::storage
