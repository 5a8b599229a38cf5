// Block by block: a compressed one is decoded into the window, one that is not is shown where it lies.
#include <lz4.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "record/compression/decoder.h"
#include "record/compression/little_endian.h"
#include "record/compression/lz4_frame.h"
#include "record/compression/workspace.h"
#include "record/compression/xxhash32.h"

namespace ottla::record {
namespace {

using namespace lz4_frame;

Error ends_early() {
  return Error(Errc::truncated, "the lz4 frame ends before its end mark");
}

class Lz4Decoder final : public Decoder {
 public:
  Result<void> begin(std::span<const std::byte> compressed, Lz4HeaderChecksum header_checksum) override;
  Result<std::span<const std::byte>> next(std::uint64_t left) override;
  std::size_t memory() const override { return sizeof(*this) + window_.size(); }

 private:
  Result<std::span<const std::byte>> take(std::size_t size);
  Result<std::uint32_t> take_word();
  Result<std::span<const std::byte>> decode(std::span<const std::byte> block);

  std::span<const std::byte> rest_;  // of the frame and what follows it
  unsigned flags_ = 0;
  std::size_t block_size_ = 0;  // at most, plain or compressed
  bool ended_ = false;
  Workspace window_;
};

Result<void> check_flags(unsigned flags, unsigned block_size) {
  if (flags >> kVersionShift != kVersion) return Error(Errc::unsupported, "unknown version of lz4 frames");
  if ((flags & kDictionary) != 0) return Error(Errc::unsupported, "lz4 frame with a dictionary");
  if ((flags & kIndependentBlocks) == 0) {
    return Error(Errc::unsupported, "lz4 frame with linked blocks, which Kafka's clients cannot read");
  }
  const unsigned size = block_size >> kBlockSizeShift;
  if ((flags & kReserved) != 0 || size < k64KiB || size > k4MiB || block_size != size << kBlockSizeShift) {
    return Error(Errc::malformed, "lz4 frame header with flags that have no meaning");
  }
  return {};
}

Result<std::span<const std::byte>> Lz4Decoder::take(std::size_t size) {
  if (rest_.size() < size) return ends_early();
  const auto taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

Result<std::uint32_t> Lz4Decoder::take_word() {
  OTTLA_TRY(const auto word, take(kWord));
  return load_little_endian<std::uint32_t>(word.data());
}

Result<void> Lz4Decoder::begin(std::span<const std::byte> compressed, Lz4HeaderChecksum header_checksum) {
  if (compressed.size() < kShortest) return ends_early();
  if (load_little_endian<std::uint32_t>(compressed.data()) != kFrameMagic) {
    return Error(Errc::malformed, "not an lz4 frame: wrong magic");
  }
  flags_ = std::to_integer<unsigned>(compressed[kFlagsAt]);
  const auto size = std::to_integer<unsigned>(compressed[kBlockSizeAt]);
  OTTLA_CHECK(check_flags(flags_, size));
  block_size_ = std::size_t{1} << (8 + 2 * (size >> kBlockSizeShift));
  rest_ = compressed.subspan(kFlagsAt);
  OTTLA_TRY(const auto covered, take(2 + ((flags_ & kContentSize) != 0 ? 8u : 0u)));
  OTTLA_TRY(const auto checksum, take(1));
  if (header_checksum == Lz4HeaderChecksum::checked &&
      std::to_integer<unsigned>(checksum[0]) != ((xxhash32(covered) >> 8) & 0xFF)) {
    return Error(Errc::corrupt, "lz4 frame header fails its checksum");
  }
  ended_ = false;
  return {};
}

Result<std::span<const std::byte>> Lz4Decoder::next(std::uint64_t) {
  if (ended_) return std::span<const std::byte>();
  OTTLA_TRY(const std::uint32_t word, take_word());
  const std::size_t size = word & ~kNotCompressed;
  if (size == 0) {
    // The content's checksum must be there and is not compared: the reference does not either, and the batch has
    // its own. What follows is nobody's.
    if ((flags_ & kContentChecksum) != 0) OTTLA_CHECK(take_word());
    ended_ = true;
    return std::span<const std::byte>();
  }
  if (size > block_size_) return Error(Errc::malformed, "lz4 block larger than the frame allows");
  OTTLA_TRY(const auto block, take(size));
  if ((flags_ & kBlockChecksums) != 0) {
    OTTLA_TRY(const std::uint32_t checksum, take_word());
    if (checksum != xxhash32(block)) return Error(Errc::corrupt, "lz4 block fails its checksum");
  }
  if ((word & kNotCompressed) != 0) return block;
  return decode(block);
}

Result<std::span<const std::byte>> Lz4Decoder::decode(std::span<const std::byte> block) {
  const auto window = window_.room(block_size_).first(block_size_);
  const int size =
      LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(window.data()),
                          static_cast<int>(block.size()), static_cast<int>(window.size()));
  // The reference takes an empty block for the end of the data; nobody writes one.
  if (size <= 0) return Error(Errc::malformed, "lz4 block cannot be decoded");
  return window.first(static_cast<std::size_t>(size));
}

}  // namespace

std::unique_ptr<Decoder> make_lz4_decoder() {
  return std::make_unique<Lz4Decoder>();
}

}  // namespace ottla::record
