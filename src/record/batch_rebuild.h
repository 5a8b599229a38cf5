// A batch made anew out of one that cannot stay as it came, and the marks that a leader leaves on a batch.
//
// Lifetime:    what is built owns its bytes.
// Concurrency: confined to the shard of the pool and the source.
// Errors:      too_large, when the records take more memory than the rules allow; as the codec has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_check.h"
#include "record/batch_view.h"

namespace ottla::record {

class CodecPool;

// With the codec that the rules demand and offsets that count from 0. What the header says of the producer stays.
// The batch has been checked.
Result<Slice> rebuild_batch(const BatchView& batch, const RecordFindings& findings, const AppendRules& rules,
                            CodecPool& codecs, BufferSource& source);

// Offset, epoch and times, in place. The checksum must hold, and holds again after it.
void place_batch(std::span<std::byte> batch, TimestampType type, std::int64_t max_timestamp,
                 const AppendPlace& place);

}  // namespace ottla::record
