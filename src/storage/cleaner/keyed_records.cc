#include "storage/cleaner/keyed_records.h"

#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/legacy_records.h"
#include "record/record_view.h"

namespace ottla::storage {
namespace {

Error out_of_order(Offset offset) {
  return Error(Errc::corrupt, "a record with offset " + offset.to_string() + ", which is not its place");
}

}  // namespace

Result<KeyedRecords> KeyedRecords::of(const record::BatchView& batch, record::CodecPool& codecs,
                                      const record::RecordLimits& limits) {
  OTTLA_TRY(record::BatchRecords records, record::BatchRecords::of(batch, codecs, limits));
  return KeyedRecords(Modern{
      .records = std::move(records), .base = batch.base_offset(), .last_delta = batch.last_offset_delta()});
}

Result<KeyedRecords> KeyedRecords::of(const record::LegacyView& message, record::CodecPool& codecs,
                                      const record::RecordLimits& limits, Offset first) {
  OTTLA_TRY(record::LegacyRecords records,
            record::LegacyRecords::of(message, codecs, {.max_output = limits.max_batch_bytes}));
  return KeyedRecords(Legacy{.records = std::move(records), .last = message.offset()}, first);
}

Result<bool> KeyedRecords::next(KeyedRecord& record) {
  Modern* const modern = std::get_if<Modern>(&source_);
  OTTLA_TRY(const bool more, modern != nullptr ? next_modern(*modern, record)
                                               : next_legacy(std::get<Legacy>(source_), record));
  if (!more) return false;
  if (record.offset <= last_) return out_of_order(record.offset);
  last_ = record.offset;
  return true;
}

Result<bool> KeyedRecords::next_modern(Modern& source, KeyedRecord& record) {
  OTTLA_TRY(const auto next, source.records.next());
  if (!next) return false;
  const record::RecordView& view = *next;
  if (view.offset_delta < 0 || view.offset_delta > source.last_delta) {
    return Error(Errc::corrupt, "a record " + std::to_string(view.offset_delta) +
                                    " behind the first offset of a batch that ends at " +
                                    std::to_string(source.last_delta));
  }
  record = {.offset = source.base + view.offset_delta, .key = view.key, .has_value = view.value.has_value()};
  return true;
}

Result<bool> KeyedRecords::next_legacy(Legacy& source, KeyedRecord& record) {
  if (source.records.at_end()) return false;
  OTTLA_TRY(const record::LegacyRecord legacy, source.records.next());
  if (legacy.offset > source.last) return out_of_order(legacy.offset);
  record = {
      .offset = legacy.offset, .key = legacy.message.key(), .has_value = legacy.message.value().has_value()};
  return true;
}

}  // namespace ottla::storage
