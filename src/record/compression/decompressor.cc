#include "record/compression/decompressor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/invariant.h"
#include "record/compression/codec_pool.h"
#include "record/compression/decoder.h"

namespace ottla::record {

std::unique_ptr<Decoder> make_decoder(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return make_gzip_decoder();
    case Compression::snappy:
      return make_snappy_decoder();
    case Compression::lz4:
      return make_lz4_decoder();
    case Compression::zstd:
      return make_zstd_decoder();
    case Compression::none:
      break;
  }
  OTTLA_INVARIANT(false, "no decoder for this compression", compression);
  return nullptr;
}

Decompressor::Decompressor(CodecPool& pool, Compression compression, DecompressionLimits limits)
    : pool_(&pool), compression_(compression), max_output_(limits.max_output) {}

Decompressor::Decompressor(Decompressor&& other) noexcept
    : pool_(other.pool_),
      compression_(other.compression_),
      state_(std::exchange(other.state_, State::ended)),
      max_output_(other.max_output_),
      output_(other.output_),
      plain_(other.plain_),
      decoder_(std::move(other.decoder_)) {}

Decompressor& Decompressor::operator=(Decompressor&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  std::destroy_at(this);
  return *std::construct_at(this, std::move(other));
}

Decompressor::~Decompressor() {
  give_back();
}

void Decompressor::give_back() noexcept {
  if (decoder_ != nullptr) pool_->give_back(compression_, std::move(decoder_));
}

Result<Decompressor> Decompressor::open(CodecPool& pool, Compression compression,
                                        std::span<const std::byte> compressed, DecompressionLimits limits,
                                        Lz4HeaderChecksum lz4_header_checksum) {
  Decompressor opened(pool, compression, limits);
  if (compression == Compression::none) {
    opened.plain_ = compressed;
  } else {
    opened.decoder_ = pool.take_decoder(compression);
    OTTLA_CHECK(opened.decoder_->begin(compressed, lz4_header_checksum));
  }
  return opened;
}

Result<std::span<const std::byte>> Decompressor::next() {
  if (state_ == State::failed) return Errc::closed;
  if (state_ == State::ended) return std::span<const std::byte>();
  std::span<const std::byte> run = std::exchange(plain_, {});
  if (decoder_ != nullptr) {
    auto decoded = decoder_->next(max_output_ - output_);
    if (!decoded.ok()) return failed(std::move(decoded).error());
    run = *decoded;
  }
  if (run.empty()) {
    state_ = State::ended;
    give_back();
    return run;
  }
  if (run.size() > max_output_ - output_) {
    return failed(Error(Errc::too_large, "decompressed bytes go over the limit"));
  }
  output_ += run.size();
  return run;
}

Error Decompressor::failed(Error error) {
  state_ = State::failed;
  give_back();
  return error;
}

Result<Slice> decompress(CodecPool& pool, Compression compression, std::span<const std::byte> compressed,
                         std::uint64_t max_output, BufferSource& source) {
  constexpr std::size_t kGuess = 4;  // times smaller than its plain bytes, a block of records often is
  OTTLA_TRY(Decompressor plain,
            Decompressor::open(pool, compression, compressed, {.max_output = max_output}));
  MutableBuffer whole;
  for (;;) {
    OTTLA_TRY(const std::span<const std::byte> run, plain.next());
    if (run.empty()) return std::move(whole).freeze();
    if (run.size() > whole.capacity() - whole.size()) {
      const std::size_t least = whole.size() + run.size();
      const std::size_t wish = std::max(kGuess * compressed.size(), 2 * whole.capacity());
      // A guess, so that it must not pass the limit; what has come has passed it already.
      MutableBuffer larger = source.allocate(
          std::max(least, static_cast<std::size_t>(std::min<std::uint64_t>(wish, max_output))));
      larger.append(whole.filled());
      whole = std::move(larger);
    }
    whole.append(run);
  }
}

}  // namespace ottla::record
