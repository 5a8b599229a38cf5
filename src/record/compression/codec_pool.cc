#include "record/compression/codec_pool.h"

#include <utility>

#include "base/invariant.h"

namespace ottla::record {

CodecPool::~CodecPool() {
  OTTLA_INVARIANT(in_use_ == 0, "a codec pool ended before the blocks that it serves", in_use_);
}

template <typename Codec>
std::unique_ptr<Codec> CodecPool::take(Idle<Codec>& idle, Compression compression) {
  for (std::unique_ptr<Codec>& codec : idle[static_cast<std::size_t>(compression)]) {
    if (codec == nullptr) continue;
    idle_bytes_ -= codec->memory();
    return std::move(codec);
  }
  return nullptr;
}

template <typename Codec>
void CodecPool::keep(Idle<Codec>& idle, Compression compression, std::unique_ptr<Codec> codec) noexcept {
  OTTLA_INVARIANT(in_use_ != 0, "a codec was given back that was never taken");
  --in_use_;
  const std::size_t memory = codec->memory();
  if (memory > most_idle_bytes_ / 4 || memory > most_idle_bytes_ - idle_bytes_) return;
  for (std::unique_ptr<Codec>& place : idle[static_cast<std::size_t>(compression)]) {
    if (place != nullptr) continue;
    idle_bytes_ += memory;
    place = std::move(codec);
    return;
  }
}

std::unique_ptr<Decoder> CodecPool::take_decoder(Compression compression) {
  auto decoder = take(decoders_, compression);
  if (decoder == nullptr) decoder = make_decoder(compression);
  ++in_use_;
  return decoder;
}

std::unique_ptr<Encoder> CodecPool::take_encoder(Compression compression) {
  auto encoder = take(encoders_, compression);
  if (encoder == nullptr) encoder = make_encoder(compression);
  ++in_use_;
  return encoder;
}

void CodecPool::give_back(Compression compression, std::unique_ptr<Decoder> decoder) noexcept {
  keep(decoders_, compression, std::move(decoder));
}

void CodecPool::give_back(Compression compression, std::unique_ptr<Encoder> encoder) noexcept {
  keep(encoders_, compression, std::move(encoder));
}

}  // namespace ottla::record
