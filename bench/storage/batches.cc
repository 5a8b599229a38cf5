#include "bench/storage/batches.h"

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/mutable_buffer.h"
#include "record/batch_builder.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"

namespace ottla::bench {
namespace {

using namespace record;

constexpr std::int64_t kFirstTime = 1'700'000'000'000;

std::string log_text(std::size_t size, std::mt19937& random) {
  constexpr std::string_view kWords[] = {
      "warehouse", "order", "\"customer\":", "amount=", "GET /cart", "EUR", "shipped"};
  std::string text;
  while (text.size() < size) {
    text += kWords[random() % std::size(kWords)];
    text += std::to_string(random() % 100'000);
    text += ' ';
  }
  text.resize(size);
  return text;
}

Slice packed(const Slice& plain, Compression codec) {
  CodecPool pool;
  MutableBuffer batch = compress_behind(pool, CompressionSpec(codec), plain.as_span().first(kRecordsAt),
                                        Chain(plain.subslice(kRecordsAt, plain.size() - kRecordsAt)))
                            .value();
  const std::span<std::byte> bytes = batch.filled();
  store_big_endian(bytes.data() + kLengthAt, static_cast<std::int32_t>(bytes.size() - kLogOverhead));
  store_big_endian(bytes.data() + kAttributesAt, Attributes().set_compression(codec).bits());
  store_big_endian(bytes.data() + kCrcAt, crc32c(std::span<const std::byte>(bytes).subspan(kAttributesAt)));
  return std::move(batch).freeze();
}

}  // namespace

Slice make_batch(std::size_t size, std::size_t record, Compression codec) {
  std::mt19937 random(7);
  BatchBuilder builder({});
  for (std::int64_t time = kFirstTime; builder.size() + record / 2 < size; ++time) {
    const std::string value = log_text(record, random);
    builder.append({.timestamp = time, .value = std::as_bytes(std::span(value))});
  }
  const Slice plain = std::move(builder).finish();
  return codec == Compression::none ? plain : packed(plain, codec);
}

}  // namespace ottla::bench
