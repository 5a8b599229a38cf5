#include "bench/batches.h"

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "record/batch_builder.h"
#include "record/compressed_batch.h"
#include "record/compression/codec_pool.h"

namespace ottla::bench {
namespace {

using namespace record;

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

}  // namespace

Slice make_batch(std::size_t size, std::size_t record, Compression codec, std::int64_t first_time) {
  std::mt19937 random(7);
  BatchBuilder builder({});
  std::int64_t time = first_time;
  do {
    const std::string value = log_text(record, random);
    builder.append({.timestamp = time++, .value = std::as_bytes(std::span(value))});
  } while (builder.size() + record / 2 < size);
  Slice plain = std::move(builder).finish();
  if (codec == Compression::none) return plain;
  CodecPool pool;
  return compressed_batch(pool, CompressionSpec(codec), plain).value();
}

}  // namespace ottla::bench
