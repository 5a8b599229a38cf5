// What a batch in a log holds, as lines of text.
//
// Lifetime:    of the bytes and the pool, for the call.
// Concurrency: confined to the pool's shard.
// Errors:      those of the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "base/offset.h"
#include "base/result.h"
#include "record/compression/codec_pool.h"

namespace ottla::exchange {

struct BatchFacts {
  std::string lines;
  Offset last_offset;
  std::size_t size = 0;
};

// Of the batch at the front of `bytes`. Times of its records, and those around them, go into `times`.
Result<BatchFacts> tell_batch(std::span<const std::byte> bytes, record::CodecPool& codecs,
                              std::set<std::int64_t>& times);

}  // namespace ottla::exchange
