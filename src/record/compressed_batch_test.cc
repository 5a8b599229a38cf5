#include "record/compressed_batch.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>

#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/decompressor.h"

namespace ottla::record {
namespace {

TEST(CompressedBatch, SaysWhatThePlainOneSaid) {
  BatchBuilder builder({.base_offset = Offset(7),
                        .producer_id = 4,
                        .producer_epoch = 2,
                        .base_sequence = 9,
                        .transactional = true});
  const std::string value(1000, 'v');
  builder.append({.timestamp = 5, .value = std::as_bytes(std::span(value))});
  const Slice plain = std::move(builder).finish();
  CodecPool pool;
  for (const Compression codec :
       {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    const Slice packed = compressed_batch(pool, CompressionSpec(codec), plain).value();
    const BatchView batch = BatchView::first_of(packed.as_span()).value();
    EXPECT_EQ(batch.size(), packed.size());
    EXPECT_LT(batch.size(), plain.size());
    EXPECT_TRUE(batch.crc_holds());
    EXPECT_EQ(batch.attributes(), Attributes().set_compression(codec).set_transactional(true));
    EXPECT_EQ(batch.base_offset(), Offset(7));
    EXPECT_EQ(batch.base_sequence(), 9);
    EXPECT_EQ(decompress(pool, codec, batch.records(), 10'000).value(),
              plain.subslice(kRecordsAt, plain.size() - kRecordsAt));
  }
}

}  // namespace
}  // namespace ottla::record
