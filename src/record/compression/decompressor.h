// The plain bytes of one compressed block, run by run: nothing is kept of what was read.
//
// Use:         OTTLA_TRY(auto plain, Decompressor::open(pool, batch.attributes().compression(), batch.records(),
//                                                       {.max_output = limit}));
//              for (;;) { OTTLA_TRY(auto run, plain.next()); if (run.empty()) break; … }
// Lifetime:    borrows a context from the pool, which must outlive it, and gives it back when it ends. The
//              compressed bytes must stay where they are until then.
// Concurrency: confined to the pool's shard.
// Invariants:  1. a run is valid until the next call, and is empty at the end only
//              2. memory is bounded by the codec's own window, whatever the bytes claim: see README.md
//              3. the end has been seen only when all checks of the format that the reference makes have passed
// Errors:      truncated, malformed and corrupt (a checksum) for bytes that are not what they should be;
//              too_large beyond max_output or for a window over the limit; unsupported for what the formats allow
//              and the reference does not read; out_of_budget when a library finds no memory.
// Format:      docs/format/compression.md, with what is done about bytes behind the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_layout.h"

namespace ottla::record {

class CodecPool;
class Decoder;

struct DecompressionLimits {
  std::uint64_t max_output = 0;  // of the whole block; exactly so much still passes
};

// Message sets of magic 0 have a checksum over the wrong bytes in their lz4 frames' headers.
enum class Lz4HeaderChecksum : std::uint8_t { checked, ignored };

class Decompressor {
 public:
  static Result<Decompressor> open(CodecPool& pool, Compression compression,
                                   std::span<const std::byte> compressed, DecompressionLimits limits,
                                   Lz4HeaderChecksum lz4_header_checksum = Lz4HeaderChecksum::checked);

  Decompressor(Decompressor&& other) noexcept;
  Decompressor& operator=(Decompressor&& other) noexcept;
  ~Decompressor();

  // Empty at the end and ever after; closed after an error.
  Result<std::span<const std::byte>> next();

  // Of all runs so far.
  std::uint64_t output() const { return output_; }

 private:
  enum class State : std::uint8_t { open, ended, failed };

  Decompressor(CodecPool& pool, Compression compression, DecompressionLimits limits);
  void give_back() noexcept;
  Error failed(Error error);

  CodecPool* pool_;
  Compression compression_;
  State state_ = State::open;
  std::uint64_t max_output_;
  std::uint64_t output_ = 0;
  std::span<const std::byte> plain_;  // what is left when nothing is compressed
  std::unique_ptr<Decoder> decoder_;  // set while open and compressed
};

// The whole block in one piece.
Result<Slice> decompress(CodecPool& pool, Compression compression, std::span<const std::byte> compressed,
                         std::uint64_t max_output, BufferSource& source = heap_buffers());

}  // namespace ottla::record
