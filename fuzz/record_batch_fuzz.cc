// fuzz: base record
// Batches one after the other, as a segment or a request has them: every one that can be read is walked, and what
// its records say, built again, says the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/record_view.h"

namespace {

using ottla::Offset;
using ottla::Slice;
using ottla::record::BatchBuilder;
using ottla::record::BatchView;
using ottla::record::HeaderView;
using ottla::record::RecordReader;
using ottla::record::RecordView;

bool same(const std::optional<std::span<const std::byte>>& a,
          const std::optional<std::span<const std::byte>>& b) {
  return a.has_value() == b.has_value() && (!a || std::ranges::equal(*a, *b));
}

// The records that can be read, in order, as long as their offsets rise.
std::vector<RecordView> records_of(const BatchView& batch) {
  std::vector<RecordView> records;
  RecordReader reader(batch.records(), std::min(batch.count(), 1000));
  while (!reader.at_end()) {
    auto record = reader.next();
    if (!record.ok()) break;
    const std::int32_t last = records.empty() ? -1 : records.back().offset_delta;
    if (record->offset_delta <= last) break;
    records.push_back(*record);
  }
  return records;
}

void build_again(const std::vector<RecordView>& records) {
  // Counted from 0, so that any delta of a record is a time of its own.
  BatchBuilder builder({.delete_horizon = 0});
  for (const RecordView& record : records) {
    std::vector<HeaderView> headers;
    for (const HeaderView& header : record.headers) headers.push_back(header);
    builder.append_at(
        Offset(record.offset_delta),
        {.timestamp = record.timestamp_delta, .key = record.key, .value = record.value, .headers = headers});
  }
  const Slice bytes = std::move(builder).finish();
  const auto batch = BatchView::first_of(bytes.as_span());
  OTTLA_INVARIANT(batch.ok() && batch->crc_holds(), "a batch that was built cannot be read");
  const std::vector<RecordView> again = records_of(*batch);
  OTTLA_INVARIANT(again.size() == records.size(), "records were lost", again.size(), records.size());
  for (std::size_t i = 0; i < again.size(); ++i) {
    OTTLA_INVARIANT(again[i].timestamp_delta == records[i].timestamp_delta &&
                        same(again[i].key, records[i].key) && same(again[i].value, records[i].value) &&
                        again[i].headers.size() == records[i].headers.size(),
                    "a record changed", i);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = std::as_bytes(std::span(data, size));
  for (;;) {
    const auto batch = BatchView::first_of(bytes);
    if (!batch.ok()) return 0;
    static_cast<void>(batch->crc_holds());
    static_cast<void>(batch->last_offset().ok());
    static_cast<void>(batch->last_sequence());
    const auto records = records_of(*batch);
    if (!records.empty()) build_again(records);
    bytes = bytes.subspan(batch->size());
  }
}
