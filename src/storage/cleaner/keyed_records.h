// The records of a stored batch of any magic, as the cleaner looks at them: offset, key, and whether there is a value.
//
// Use:         OTTLA_TRY(auto records, KeyedRecords::of(bytes, magic, codecs, limits));
//              KeyedRecord record;  for (;;) { OTTLA_TRY(bool more, records.next(record)); if (!more) break; … }
// Lifetime:    points into the batch; a record stands until the next call.
// Concurrency: confined to the codecs' shard.
// Invariants:  offsets grow and lie in the batch
// Errors:      corrupt, truncated, malformed, too_large: as BatchRecords and LegacyRecords have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "base/offset.h"
#include "base/result.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/legacy_records.h"

namespace ottla::storage {

struct KeyedRecord {
  Offset offset;
  std::optional<std::span<const std::byte>> key;
  bool has_value = false;
};

class KeyedRecords {
 public:
  static Result<KeyedRecords> of(const record::BatchView& batch, record::CodecPool& codecs,
                                 const record::RecordLimits& limits);
  // Of a message of magic 1, compressed records lie before an offset that no checksum covers: from `first` on at least.
  static Result<KeyedRecords> of(const record::LegacyView& message, record::CodecPool& codecs,
                                 const record::RecordLimits& limits, Offset first);

  // False at the end.
  Result<bool> next(KeyedRecord& record);

 private:
  struct Modern {
    record::BatchRecords records;
    Offset base;
    std::int32_t last_delta;
  };
  struct Legacy {
    record::LegacyRecords records;
    Offset last;
  };
  explicit KeyedRecords(Modern source) : source_(std::move(source)) {}
  KeyedRecords(Legacy source, Offset first) : source_(std::move(source)), last_(first - 1) {}

  Result<bool> next_modern(Modern& source, KeyedRecord& record);
  Result<bool> next_legacy(Legacy& source, KeyedRecord& record);

  std::variant<Modern, Legacy> source_;
  Offset last_ = kUnknownOffset;
};

}  // namespace ottla::storage
