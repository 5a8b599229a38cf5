// Makes a compressed block, and says which levels there are (the reference's compression.*.level keys).
//
// Use:         CompressionSpec spec{Compression::zstd, *default_level(Compression::zstd)};
//              OTTLA_TRY(Slice block, compress(pool, spec, Chain(std::move(records))));
// Lifetime:    nothing of the plain bytes is kept; the block owns its bytes and has no more room than it needs.
// Concurrency: confined to the pool's shard.
// Invariants:  the same bytes and spec give the same block, whatever the pool did before
// Errors:      invalid_argument for a level that the codec does not have; out_of_budget when a library finds no
//              memory; too_large for more plain bytes than a block can name (2^31 - 1).
// Format:      docs/format/compression.md: what the reference's clients write.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/chain.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_layout.h"

namespace ottla::record {

class CodecPool;

// What the reference accepts: least to most, and the default, which for gzip lies outside.
struct LevelRange {
  int least;
  int most;
  int usual;

  bool contains(int level) const { return (level >= least && level <= most) || level == usual; }

  friend bool operator==(const LevelRange&, const LevelRange&) = default;
};

// Nothing for codecs without levels: none and snappy.
std::optional<LevelRange> levels_of(Compression compression);
// 0 for codecs without levels, which heed none.
int default_level(Compression compression);

struct CompressionSpec {
  CompressionSpec() = default;
  explicit CompressionSpec(Compression codec) : compression(codec), level(default_level(codec)) {}
  CompressionSpec(Compression codec, int chosen) : compression(codec), level(chosen) {}

  friend bool operator==(const CompressionSpec&, const CompressionSpec&) = default;

  Compression compression = Compression::none;
  int level = 0;
};

// The chain must be in memory.
Result<Slice> compress(CodecPool& pool, CompressionSpec spec, const Chain& plain,
                       BufferSource& source = heap_buffers());
Result<Slice> compress(CodecPool& pool, CompressionSpec spec, std::span<const std::byte> plain,
                       BufferSource& source = heap_buffers());

// The block behind `front` (the header of its batch), in one buffer that can still be written.
Result<MutableBuffer> compress_behind(CodecPool& pool, CompressionSpec spec, std::span<const std::byte> front,
                                      const Chain& plain, BufferSource& source = heap_buffers());

}  // namespace ottla::record
