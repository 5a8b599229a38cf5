// One codec's way of reading a block: a context and a window that serve one block after the other.
//
// Lifetime:    owned by the pool while idle, by a Decompressor while in use. From begin() on it points into the
//              compressed bytes, until trim().
// Concurrency: confined to the pool's shard.
// Invariants:  1. begin() forgets all that was read before, also after an error
//              2. memory() is bounded by the format's window plus a constant, whatever the bytes claim
// Errors:      as decompressor.h has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "record/batch_layout.h"
#include "record/compression/decompressor.h"

namespace ottla::record {

class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  virtual Result<void> begin(std::span<const std::byte> compressed,
                             Lz4HeaderChecksum lz4_header_checksum) = 0;
  // The next run; empty at the end. `left` is what may still come: Decompressor refuses longer runs, so that a
  // decoder need only heed it before it takes memory.
  virtual Result<std::span<const std::byte>> next(std::uint64_t left) = 0;

  // What it holds, the libraries' part included.
  virtual std::size_t memory() const = 0;
};

// For all but Compression::none.
std::unique_ptr<Decoder> make_decoder(Compression compression);

std::unique_ptr<Decoder> make_gzip_decoder();
std::unique_ptr<Decoder> make_snappy_decoder();
std::unique_ptr<Decoder> make_lz4_decoder();
std::unique_ptr<Decoder> make_zstd_decoder();

}  // namespace ottla::record
