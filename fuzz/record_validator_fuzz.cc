// fuzz: base record
// Arbitrary bytes appended under rules of all kinds: nothing crashes, bytes that are refused have not been changed,
// and what is accepted can be walked by a reader, has offsets that count, and a checksum that holds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/exclusive_bytes.h"
#include "base/invariant.h"
#include "base/leader_epoch.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/compression/decompressor.h"
#include "record/legacy_records.h"
#include "record/legacy_view.h"
#include "record/produce_check.h"
#include "record/record_view.h"
#include "record/validator.h"

namespace {

using ottla::ExclusiveBytes;
using ottla::Offset;
using ottla::Slice;
using namespace ottla::record;  // NOLINT(google-build-using-namespace): this file is all about it

constexpr std::uint64_t kMost = 1 << 20;

// The first byte: of which kind the topic is, and who writes.
AppendRules rules_of(std::uint8_t bits) {
  AppendRules rules;
  rules.compacted = (bits & 1) != 0;
  if ((bits & 2) != 0) rules.timestamp_type = TimestampType::log_append_time;
  if ((bits & 4) != 0) rules.max_record_bytes = 100;
  if ((bits & 8) != 0) rules.compression = CompressionSpec(static_cast<Compression>((bits >> 4) % 5));
  rules.max_unpacked_ratio = 1;
  rules.max_rebuild_bytes = kMost;
  return rules;
}

// A fuzzer does not find checksums: those of whole batches are made right, unless told not to.
void make_checksums_right(std::span<std::byte> bytes) {
  for (;;) {
    const auto batch = BatchView::first_of(bytes);
    if (!batch.ok()) return;
    ottla::store_big_endian(bytes.data() + kCrcAt, ottla::crc32c(batch->bytes().subspan(kAttributesAt)));
    bytes = bytes.subspan(batch->size());
  }
}

void read_back(const ValidatedAppend& append, CodecPool& codecs) {
  const auto batch = BatchView::first_of(append.bytes.as_span());
  OTTLA_INVARIANT(batch.ok() && batch->size() == append.bytes.size(), "what was accepted is not one batch");
  OTTLA_INVARIANT(batch->crc_holds(), "what was accepted fails its checksum");
  OTTLA_INVARIANT(
      batch->base_offset() == append.first_offset && batch->last_offset()->raw() == append.last_offset.raw(),
      "what was accepted has other offsets than were told");
  const auto plain = decompress(codecs, batch->attributes().compression(), batch->records(), 64 * kMost);
  OTTLA_INVARIANT(plain.ok(), "what was accepted cannot be decompressed");
  RecordReader reader(plain->as_span(), batch->count());
  for (std::int32_t index = 0; !reader.at_end(); ++index) {
    const auto record = reader.next();
    OTTLA_INVARIANT(record.ok(), "what was accepted cannot be read", index);
    OTTLA_INVARIANT(record->offset_delta == index || batch->attributes().is_control(),
                    "what was accepted does not count", index, record->offset_delta);
  }
  OTTLA_INVARIANT(reader.bytes_left() == 0, "bytes are left behind what was accepted");
}

void read_legacy(std::span<const std::byte> bytes, CodecPool& codecs) {
  for (;;) {
    const auto message = LegacyView::first_of(bytes);
    if (!message.ok()) return;
    static_cast<void>(message->crc_holds());
    auto records = LegacyRecords::of(*message, codecs, {.max_output = kMost});
    while (records.ok() && !records->at_end()) {
      if (!records->next().ok()) break;
    }
    bytes = bytes.subspan(message->size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const AppendRules rules = rules_of(data[0]);
  const auto origin = static_cast<AppendOrigin>(data[1] % 4);
  const auto input = std::as_bytes(std::span(data, size)).subspan(2);
  std::vector<std::byte> bytes(input.begin(), input.end());
  if ((data[1] & 0x80) == 0) make_checksums_right(bytes);

  CodecPool codecs;
  Validator validator(codecs, ottla::heap_buffers());
  const Slice came = Slice::copy_of(bytes);
  const AppendPlace place{.origin = origin,
                          .next_offset = Offset(100),
                          .leader_epoch = ottla::LeaderEpoch(3),
                          .now_ms = 1'700'000'000'000};
  static_cast<void>(check_produced(came.as_span(), 12));
  const auto verdict = validator.validate(ExclusiveBytes(came), rules, place);
  if (!verdict) {
    OTTLA_INVARIANT(std::ranges::equal(came.as_span(), bytes), "what was refused has been changed");
  } else if (!verdict->bytes.empty() && assigns_offsets(origin)) {
    OTTLA_INVARIANT(verdict->first_offset.raw() == 100,
                    "what was accepted does not begin at the end of the log");
    read_back(*verdict, codecs);
  }
  read_legacy(bytes, codecs);
  return 0;
}
