// Looks for a record in a batch by its time.
//
// Lifetime:    of the bytes and the pool, for the call.
// Concurrency: confined to the pool's shard.
// Errors:      corrupt for a batch that cannot be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/offset.h"
#include "base/result.h"
#include "record/compression/codec_pool.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

struct RecordPlace {
  std::int64_t timestamp = -1;
  Offset offset;
};

// The first record at or after `from` of a batch whose last offset and largest timestamp are not before what is
// looked for, when its header alone tells: all records have the same time, and none was compacted away.
std::optional<RecordPlace> find_by_header(const StoredBatch& batch, Offset from);
// The first record of the batch, at or after `from`, whose timestamp is at least `timestamp`.
Result<std::optional<RecordPlace>> find_record(record::CodecPool& codecs, const StoredBatch& header,
                                               std::span<const std::byte> batch, std::int64_t timestamp,
                                               Offset from);

}  // namespace ottla::storage
