// One frame of independent blocks of 64 KiB, without checksums but the header's: what the Java client writes.
#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/invariant.h"
#include "record/compression/block_reader.h"
#include "record/compression/compressor.h"
#include "record/compression/encoder.h"
#include "record/compression/little_endian.h"
#include "record/compression/lz4_frame.h"
#include "record/compression/workspace.h"
#include "record/compression/xxhash32.h"

namespace ottla::record {
namespace {

using namespace lz4_frame;

constexpr std::size_t kBlock = std::size_t{64} << 10;

class Lz4Encoder final : public Encoder {
 public:
  Result<std::span<const std::byte>> encode(const Chain& plain, int level) override;
  std::size_t memory() const override { return sizeof(*this) + block_.size() + out_.size() + state_.size(); }

 private:
  std::size_t encode_block(std::span<const std::byte> block, std::span<std::byte> out, int level);

  Workspace block_;
  Workspace out_;
  Workspace state_;  // of the fast or the high compressor
};

void write_header(std::span<std::byte> out) {
  store_little_endian(out.data(), kFrameMagic);
  out[kFlagsAt] = static_cast<std::byte>((kVersion << kVersionShift) | kIndependentBlocks);
  out[kBlockSizeAt] = static_cast<std::byte>(k64KiB << kBlockSizeShift);
  out[kBlockSizeAt + 1] = static_cast<std::byte>((xxhash32(out.subspan(kFlagsAt, 2)) >> 8) & 0xFF);
}

Result<std::span<const std::byte>> Lz4Encoder::encode(const Chain& plain, int level) {
  constexpr std::size_t kMostOfABlock = kWord + LZ4_COMPRESSBOUND(kBlock);
  const auto size = static_cast<std::size_t>(plain.size());
  const auto out = out_.room(kShortest + (size / kBlock + 1) * kMostOfABlock + kWord);
  write_header(out);
  std::size_t at = kShortest;
  BlockReader blocks(plain, block_.room(kBlock).first(kBlock));
  for (auto block = blocks.next(); !block.empty(); block = blocks.next())
    at += encode_block(block, out.subspan(at), level);
  store_little_endian(out.data() + at, std::uint32_t{0});
  return out.first(at + kWord);
}

// The size of what was written.
std::size_t Lz4Encoder::encode_block(std::span<const std::byte> block, std::span<std::byte> out, int level) {
  const auto* from = reinterpret_cast<const char*>(block.data());
  auto* to = reinterpret_cast<char*>(out.data() + kWord);
  const auto plain = static_cast<int>(block.size());
  const int room = LZ4_compressBound(plain);
  // As in the reference, the default level is not the high compressor's level 9, but the fast one.
  const bool fast = level == default_level(Compression::lz4);
  const auto state = state_.room(static_cast<std::size_t>(fast ? LZ4_sizeofState() : LZ4_sizeofStateHC()));
  const int size = fast ? LZ4_compress_fast_extState(state.data(), from, to, plain, room, 1)
                        : LZ4_compress_HC_extStateHC(state.data(), from, to, plain, room, level);
  OTTLA_INVARIANT(size > 0, "lz4 does not keep to its own bound", plain, level);
  if (size < plain) {
    store_little_endian(out.data(), static_cast<std::uint32_t>(size));
    return kWord + static_cast<std::size_t>(size);
  }
  store_little_endian(out.data(), static_cast<std::uint32_t>(plain) | kNotCompressed);
  std::ranges::copy(block, out.begin() + kWord);
  return kWord + block.size();
}

}  // namespace

std::unique_ptr<Encoder> make_lz4_encoder() {
  return std::make_unique<Lz4Encoder>();
}

}  // namespace ottla::record
