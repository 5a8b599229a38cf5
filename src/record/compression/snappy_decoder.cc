// Chunk by chunk, each of which is decoded whole: snappy has no window.
#include <snappy.h>

#include <algorithm>
#include <utility>

#include "base/endian.h"
#include "base/error.h"
#include "record/compression/decoder.h"
#include "record/compression/snappy_framing.h"
#include "record/compression/workspace.h"

namespace ottla::record {
namespace {

using namespace snappy_framing;

// No three bytes of a block stand for more than 64: a block that promises more lies, and gets no memory.
constexpr std::size_t kMostPlainBytesPerByte = 22;

class SnappyDecoder final : public Decoder {
 public:
  Result<void> begin(std::span<const std::byte> compressed, Lz4HeaderChecksum) override;
  Result<std::span<const std::byte>> next(std::uint64_t left) override;
  std::size_t memory() const override { return sizeof(*this) + window_.size(); }

 private:
  Result<void> pass_headers();
  Result<std::span<const std::byte>> decode(std::span<const std::byte> block, std::uint64_t left);

  std::span<const std::byte> rest_;
  bool framed_ = false;
  Workspace window_;
};

bool begins_with_magic(std::span<const std::byte> bytes) {
  return bytes.size() >= kHeader && std::ranges::equal(bytes.first(kFramingMagic.size()), kFramingMagic);
}

Result<void> SnappyDecoder::begin(std::span<const std::byte> compressed, Lz4HeaderChecksum) {
  if (compressed.empty()) return Error(Errc::truncated, "a snappy block without bytes");
  // The versions of the first header say nothing to the reference.
  framed_ = begins_with_magic(compressed);
  rest_ = framed_ ? compressed.subspan(kHeader) : compressed;
  return {};
}

// Headers between chunks. Fewer bytes than a chunk's size takes are nobody's, as in the reference, and so is what
// begins like a header and is none.
Result<void> SnappyDecoder::pass_headers() {
  for (;;) {
    if (rest_.size() < kSize) {
      rest_ = {};
      return {};
    }
    if (!std::ranges::equal(rest_.first(kSize), std::span(kFramingMagic).first(kSize))) return {};
    if (rest_.size() < kHeader) return Error(Errc::truncated, "snappy header ends early");
    if (!begins_with_magic(rest_)) {
      rest_ = {};
      return {};
    }
    if (load_big_endian<std::int32_t>(rest_.data() + kVersionAt) < kVersion) {
      return Error(Errc::unsupported, "unknown version of snappy's framing");
    }
    rest_ = rest_.subspan(kHeader);
  }
}

Result<std::span<const std::byte>> SnappyDecoder::next(std::uint64_t left) {
  if (!framed_) {
    if (rest_.empty()) return rest_;
    return decode(std::exchange(rest_, {}), left);
  }
  for (;;) {
    OTTLA_CHECK(pass_headers());
    if (rest_.empty()) return rest_;
    const auto size = load_big_endian<std::int32_t>(rest_.data());
    if (size < 0) return Error(Errc::malformed, "snappy chunk of a negative size");
    rest_ = rest_.subspan(kSize);
    const auto chunk = static_cast<std::size_t>(size);
    if (chunk > rest_.size()) return Error(Errc::truncated, "snappy chunk ends early");
    OTTLA_TRY(const auto run, decode(rest_.first(chunk), left));
    rest_ = rest_.subspan(chunk);
    if (!run.empty()) return run;
  }
}

Result<std::span<const std::byte>> SnappyDecoder::decode(std::span<const std::byte> block,
                                                         std::uint64_t left) {
  const char* bytes = reinterpret_cast<const char*>(block.data());
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(bytes, block.size(), &size)) {
    return Error(Errc::malformed, "snappy block without its size");
  }
  if (size / kMostPlainBytesPerByte > block.size()) {
    return Error(Errc::malformed, "snappy block promises more than it can hold");
  }
  if (size > left) return Error(Errc::too_large, "decompressed bytes go over the limit");
  const auto window = window_.room(std::max(size, kChunk)).first(size);
  if (!snappy::RawUncompress(bytes, block.size(), reinterpret_cast<char*>(window.data()))) {
    return Error(Errc::malformed, "snappy block cannot be decoded");
  }
  return window;
}

}  // namespace

std::unique_ptr<Decoder> make_snappy_decoder() {
  return std::make_unique<SnappyDecoder>();
}

}  // namespace ottla::record
