#include "record/compressed_batch.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/chain.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "record/batch_layout.h"
#include "record/compression/codec_pool.h"

namespace ottla::record {

Result<Slice> compressed_batch(CodecPool& pool, CompressionSpec spec, const Slice& batch,
                               BufferSource& source) {
  OTTLA_TRY(MutableBuffer packed,
            compress_behind(pool, spec, batch.as_span().first(kRecordsAt),
                            Chain(batch.subslice(kRecordsAt, batch.size() - kRecordsAt)), source));
  const std::span<std::byte> bytes = packed.filled();
  Attributes attributes(load_big_endian<std::int16_t>(bytes.data() + kAttributesAt));
  attributes.set_compression(spec.compression);
  store_big_endian(bytes.data() + kLengthAt, static_cast<std::int32_t>(bytes.size() - kLogOverhead));
  store_big_endian(bytes.data() + kAttributesAt, attributes.bits());
  store_big_endian(bytes.data() + kCrcAt, crc32c(std::span<const std::byte>(bytes).subspan(kAttributesAt)));
  return std::move(packed).freeze();
}

}  // namespace ottla::record
