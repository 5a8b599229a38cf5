#include "test/node/records/reading.h"

#include <fmt/format.h>

#include <optional>

#include "record/batch_records.h"
#include "record/batch_view.h"

namespace ottla::server {
namespace {

std::string text(const std::optional<std::span<const std::byte>>& bytes) {
  return bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : std::string();
}

Result<> read_records(const record::BatchView& batch, record::CodecPool& codecs, ReadBatch& read) {
  OTTLA_TRY(record::BatchRecords records, record::BatchRecords::of(batch, codecs, {}));
  for (;;) {
    OTTLA_TRY(const auto record, records.next());
    if (!record) return {};
    const std::string value = text(record->value);
    read.records.push_back({.offset = read.base_offset + record->offset_delta,
                            .id = value.substr(0, value.find(' ')),
                            .key = text(record->key),
                            .timestamp = batch.timestamp_at(record->timestamp_delta)});
  }
}

}  // namespace

std::vector<ReadBatch> read_batches(std::span<const std::byte> bytes, record::CodecPool& codecs,
                                    const std::function<void(std::string)>& accuse) {
  std::vector<ReadBatch> batches;
  while (!bytes.empty()) {
    const auto batch = record::BatchView::first_of(bytes);
    if (!batch.ok()) {
      if (batch.error() != Errc::truncated) accuse("D16: a batch is broken: " + batch.error().to_string());
      break;
    }
    bytes = bytes.subspan(batch->size());
    const Result<Offset> last = batch->last_offset();
    if (!batch->crc_holds() || !last.ok()) {
      accuse(fmt::format("D16: the checksum of the batch at {} does not hold", batch->base_offset().raw()));
      break;
    }
    ReadBatch& read = batches.emplace_back();
    read.base_offset = batch->base_offset().raw();
    read.last_offset = last->raw();
    read.producer_id = batch->producer_id();
    read.base_sequence = batch->base_sequence();
    read.last_sequence = batch->last_sequence();
    const Result<> records = read_records(*batch, codecs, read);
    if (!records.ok()) accuse("D16: a batch cannot be read: " + records.error().to_string());
  }
  return batches;
}

}  // namespace ottla::server
