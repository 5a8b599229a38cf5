// The Java client's framing, in chunks of 32 KiB.
#include <snappy.h>

#include <algorithm>
#include <cstdint>

#include "base/endian.h"
#include "record/compression/block_reader.h"
#include "record/compression/encoder.h"
#include "record/compression/snappy_framing.h"
#include "record/compression/workspace.h"

namespace ottla::record {
namespace {

using namespace snappy_framing;

class SnappyEncoder final : public Encoder {
 public:
  Result<std::span<const std::byte>> encode(const Chain& plain, int level) override;
  std::size_t memory() const override { return sizeof(*this) + block_.size() + out_.size(); }

 private:
  Workspace block_;
  Workspace out_;
};

Result<std::span<const std::byte>> SnappyEncoder::encode(const Chain& plain, int) {
  const std::size_t most = kSize + snappy::MaxCompressedLength(kChunk);
  const auto out = out_.room(kHeader + (static_cast<std::size_t>(plain.size()) / kChunk + 1) * most);
  std::ranges::copy(kFramingMagic, out.begin());
  store_big_endian(out.data() + kVersionAt, kVersion);
  store_big_endian(out.data() + kNeedsAt, kVersion);
  std::size_t at = kHeader;
  BlockReader blocks(plain, block_.room(kChunk).first(kChunk));
  for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
    std::size_t size = 0;
    snappy::RawCompress(reinterpret_cast<const char*>(block.data()), block.size(),
                        reinterpret_cast<char*>(out.data() + at + kSize), &size);
    store_big_endian(out.data() + at, static_cast<std::int32_t>(size));
    at += kSize + size;
  }
  return out.first(at);
}

}  // namespace

std::unique_ptr<Encoder> make_snappy_encoder() {
  return std::make_unique<SnappyEncoder>();
}

}  // namespace ottla::record
