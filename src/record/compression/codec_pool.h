// A shard's contexts for compressing and decompressing: taken for one block, given back, used again.
//
// Lifetime:    outlives every Decompressor that it serves.
// Concurrency: confined to one shard.
// Invariants:  1. idle contexts hold at most idle_bytes together, no single one more than a quarter of that, and
//                 there are at most kIdleOfAKind of each kind
//              2. a context is either idle here or in use by one block
// Errors:      none.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "record/batch_layout.h"
#include "record/compression/decoder.h"
#include "record/compression/encoder.h"

namespace ottla::record {

class CodecPool {
 public:
  // Two, since a block may be read while another is made or read.
  static constexpr std::size_t kIdleOfAKind = 2;
  // A quarter lets a context pass that has read zstd's default level (2.4 MiB, most of it never touched).
  static constexpr std::size_t kIdleBytes = std::size_t{16} << 20;

  explicit CodecPool(std::size_t idle_bytes = kIdleBytes) : most_idle_bytes_(idle_bytes) {}
  CodecPool(const CodecPool&) = delete;
  CodecPool& operator=(const CodecPool&) = delete;
  ~CodecPool();

  // For metrics.
  std::size_t in_use() const { return in_use_; }
  std::size_t idle_bytes() const { return idle_bytes_; }

  // For Decompressor and compress().
  std::unique_ptr<Decoder> take_decoder(Compression compression);
  std::unique_ptr<Encoder> take_encoder(Compression compression);
  void give_back(Compression compression, std::unique_ptr<Decoder> decoder) noexcept;
  void give_back(Compression compression, std::unique_ptr<Encoder> encoder) noexcept;

 private:
  static constexpr std::size_t kKinds = 5;
  template <typename Codec>
  using Idle = std::array<std::array<std::unique_ptr<Codec>, kIdleOfAKind>, kKinds>;

  template <typename Codec>
  std::unique_ptr<Codec> take(Idle<Codec>& idle, Compression compression);
  template <typename Codec>
  void keep(Idle<Codec>& idle, Compression compression, std::unique_ptr<Codec> codec) noexcept;

  const std::size_t most_idle_bytes_;
  std::size_t idle_bytes_ = 0;
  std::size_t in_use_ = 0;
  Idle<Decoder> decoders_;
  Idle<Encoder> encoders_;
};

}  // namespace ottla::record
