// fuzz: base record
// The first byte chooses: a codec, and whether the rest is a block to read or bytes to make one of. What is read
// stays under its limit and is the same from contexts that were used before as from new ones; what is made comes
// back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "record/batch_layout.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/compression/decompressor.h"

namespace {

using ottla::Chain;
using ottla::Slice;
using ottla::record::CodecPool;
using ottla::record::Compression;
using ottla::record::CompressionSpec;
using ottla::record::Decompressor;
using ottla::record::Lz4HeaderChecksum;

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t kMost = 3 << 20;

struct Plain {
  bool ok = false;
  std::string text;
};

Plain read(CodecPool& pool, Compression compression, Bytes block, Lz4HeaderChecksum checksum) {
  auto plain = Decompressor::open(pool, compression, block, {.max_output = kMost}, checksum);
  if (!plain.ok()) return {};
  Plain all;
  for (;;) {
    const auto run = plain->next();
    if (!run.ok()) return {};
    if (run->empty()) break;
    all.text.append(reinterpret_cast<const char*>(run->data()), run->size());
    OTTLA_INVARIANT(all.text.size() <= kMost, "more came than the limit allows", all.text.size());
  }
  all.ok = true;
  return all;
}

void read_twice(CodecPool& pool, Compression compression, Bytes block, Lz4HeaderChecksum checksum) {
  const Plain used = read(pool, compression, block, checksum);
  CodecPool fresh;
  const Plain unused = read(fresh, compression, block, checksum);
  // Which error comes first may depend on the room that zstd still has from before; whether one comes may not.
  OTTLA_INVARIANT(used.ok == unused.ok && used.text == unused.text, "what was read before shows");
  if (checksum == Lz4HeaderChecksum::ignored) return;
  const auto whole = ottla::record::decompress(pool, compression, block, kMost);
  OTTLA_INVARIANT(whole.ok() == used.ok, "run by run it reads otherwise than in one piece");
  if (whole.ok())
    OTTLA_INVARIANT(whole->as_string_view() == used.text, "in one piece it means something else");
}

void make(CodecPool& pool, Compression compression, std::uint8_t level, Bytes plain) {
  CompressionSpec spec(compression);
  // Levels near the ends cost seconds for a large window, not for what is small.
  if (const auto levels = ottla::record::levels_of(compression); levels && level % 4 != 0)
    spec.level = std::max(levels->least, levels->most - level % 32);
  Chain chain;
  for (std::size_t cut = level; !plain.empty(); cut = cut * 3 + 1) {
    const Bytes piece = plain.first(std::min(plain.size(), cut % 70000 + 1));
    chain.append(Slice::copy_of(piece));
    plain = plain.subspan(piece.size());
  }
  const auto block = ottla::record::compress(pool, spec, chain);
  OTTLA_INVARIANT(block.ok(), "the block could not be made", level);
  const Plain back = read(pool, compression, block->as_span(), Lz4HeaderChecksum::checked);
  OTTLA_INVARIANT(back.ok && chain.holds(back.text), "what comes back is something else", level);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static CodecPool pool;
  if (size < 2) return 0;
  const auto compression = static_cast<Compression>(1 + data[0] % 4);
  const auto rest = std::as_bytes(std::span(data, size)).subspan(1);
  switch (data[0] / 4 % 4) {
    case 0:
    case 1:
      read_twice(pool, compression, rest, Lz4HeaderChecksum::checked);
      break;
    case 2:
      read_twice(pool, compression, rest, Lz4HeaderChecksum::ignored);
      break;
    default:
      make(pool, compression, data[1], rest.subspan(1));
      break;
  }
  OTTLA_INVARIANT(pool.in_use() == 0, "a context was not given back", pool.in_use());
  OTTLA_INVARIANT(pool.idle_bytes() <= CodecPool::kIdleBytes, "the pool keeps too much", pool.idle_bytes());
  return 0;
}
