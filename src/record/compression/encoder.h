// One codec's way of making a block: a context and a workspace that serve one block after the other.
//
// Lifetime:    owned by the pool while idle, by compress() while in use.
// Concurrency: confined to the pool's shard.
// Invariants:  what encode() makes depends on its arguments alone, not on what was made before
// Errors:      out_of_budget, when a library finds no memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/chain.h"
#include "base/result.h"
#include "record/batch_layout.h"

namespace ottla::record {

class Encoder {
 public:
  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  virtual ~Encoder() = default;

  // Of a chain in memory and a level that has been checked. Valid until the next call.
  virtual Result<std::span<const std::byte>> encode(const Chain& plain, int level) = 0;

  // What it holds, the libraries' part included.
  virtual std::size_t memory() const = 0;
};

// For all but Compression::none.
std::unique_ptr<Encoder> make_encoder(Compression compression);

std::unique_ptr<Encoder> make_gzip_encoder();
std::unique_ptr<Encoder> make_snappy_encoder();
std::unique_ptr<Encoder> make_lz4_encoder();
std::unique_ptr<Encoder> make_zstd_encoder();

}  // namespace ottla::record
