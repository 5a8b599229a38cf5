#include "record/compression/compressor.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/invariant.h"
#include "record/compression/codec_pool.h"
#include "record/compression/encoder.h"

namespace ottla::record {
namespace {

// Appends all that the chain holds.
void append(MutableBuffer& buffer, const Chain& chain) {
  for (std::size_t i = 0; i < chain.piece_count(); ++i) buffer.append(chain.piece(i).slice()->as_span());
}

// An encoder for the time of one block.
class Borrowed {
 public:
  Borrowed(CodecPool& pool, Compression compression)
      : pool_(pool), compression_(compression), encoder_(pool.take_encoder(compression)) {}
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() { pool_.give_back(compression_, std::move(encoder_)); }

  Encoder* operator->() { return encoder_.get(); }

 private:
  CodecPool& pool_;
  const Compression compression_;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return make_gzip_encoder();
    case Compression::snappy:
      return make_snappy_encoder();
    case Compression::lz4:
      return make_lz4_encoder();
    case Compression::zstd:
      return make_zstd_encoder();
    case Compression::none:
      break;
  }
  OTTLA_INVARIANT(false, "no encoder for this compression", compression);
  return nullptr;
}

std::optional<LevelRange> levels_of(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return LevelRange{.least = 1, .most = 9, .usual = -1};
    case Compression::lz4:
      return LevelRange{.least = 1, .most = 17, .usual = 9};
    case Compression::zstd:
      return LevelRange{.least = -131072, .most = 22, .usual = 3};
    case Compression::none:
    case Compression::snappy:
      break;
  }
  return std::nullopt;
}

int default_level(Compression compression) {
  const auto levels = levels_of(compression);
  return levels ? levels->usual : 0;
}

Result<MutableBuffer> compress_behind(CodecPool& pool, CompressionSpec spec, std::span<const std::byte> front,
                                      const Chain& plain, BufferSource& source) {
  OTTLA_INVARIANT(plain.in_memory(), "only what is in memory can be compressed");
  if (plain.size() > std::numeric_limits<std::int32_t>::max()) {
    return Error(Errc::too_large, "a block of more than 2^31 - 1 plain bytes cannot be compressed");
  }
  if (const auto levels = levels_of(spec.compression); levels && !levels->contains(spec.level)) {
    return Error(Errc::invalid_argument, "there is no compression level " + std::to_string(spec.level) +
                                             ": choose from " + std::to_string(levels->least) + " to " +
                                             std::to_string(levels->most) + ", or " +
                                             std::to_string(levels->usual) + ", the default");
  }
  if (spec.compression == Compression::none) {
    MutableBuffer buffer = source.allocate(front.size() + static_cast<std::size_t>(plain.size()));
    buffer.append(front);
    append(buffer, plain);
    return buffer;
  }
  Borrowed encoder(pool, spec.compression);
  OTTLA_TRY(const std::span<const std::byte> block, encoder->encode(plain, spec.level));
  MutableBuffer buffer = source.allocate(front.size() + block.size());
  buffer.append(front);
  buffer.append(block);
  return buffer;
}

Result<Slice> compress(CodecPool& pool, CompressionSpec spec, const Chain& plain, BufferSource& source) {
  OTTLA_TRY(MutableBuffer buffer, compress_behind(pool, spec, {}, plain, source));
  return std::move(buffer).freeze();
}

Result<Slice> compress(CodecPool& pool, CompressionSpec spec, std::span<const std::byte> plain,
                       BufferSource& source) {
  // Static for as long as the encoder looks.
  return compress(pool, spec, Chain(Slice::from_static(plain)), source);
}

}  // namespace ottla::record
