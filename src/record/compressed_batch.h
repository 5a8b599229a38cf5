// A finished batch, compressed: what a producer does with what its builder gives it.
//
// Lifetime:    the new batch owns its bytes.
// Concurrency: confined to the shard of its pool and source.
// Errors:      those of compress().
#pragma once

#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/compression/compressor.h"

namespace ottla::record {

class CodecPool;

// `batch` is whole and not compressed; all but its records, its length, its codec and its checksum stay as they are.
Result<Slice> compressed_batch(CodecPool& pool, CompressionSpec spec, const Slice& batch,
                               BufferSource& source = heap_buffers());

}  // namespace ottla::record
