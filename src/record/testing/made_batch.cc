#include "record/testing/made_batch.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/invariant.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"

namespace ottla::record::testing {
namespace {

std::optional<std::span<const std::byte>> bytes_or_null(std::string_view text) {
  if (text == "-") return std::nullopt;
  return std::as_bytes(std::span(text));
}

NewRecord record_of(std::string_view text) {
  NewRecord record{.timestamp = 0};
  if (const auto time = text.rfind('@'); time != std::string_view::npos) {
    const auto read = std::from_chars(text.data() + time + 1, text.data() + text.size(), record.timestamp);
    OTTLA_INVARIANT(read.ec == std::errc(), "a time that is no number", text);
    text = text.substr(0, time);
  }
  const auto middle = text.find('=');
  OTTLA_INVARIANT(middle != std::string_view::npos, "a record is KEY=VALUE", text);
  record.key = bytes_or_null(text.substr(0, middle));
  record.value = bytes_or_null(text.substr(middle + 1));
  return record;
}

}  // namespace

MadeBatch::MadeBatch(std::span<const std::string_view> records, BatchOptions options) {
  BatchBuilder builder(options);
  for (const std::string_view text : records) builder.append(record_of(text));
  const Slice built = std::move(builder).finish();
  bytes_.assign(built.as_span().begin(), built.as_span().end());
}

MadeBatch& MadeBatch::seal() {
  store_big_endian(bytes_.data() + kLengthAt, static_cast<std::int32_t>(bytes_.size() - kLogOverhead));
  store_big_endian(bytes_.data() + kCrcAt, crc32c(std::span<const std::byte>(bytes_).subspan(kAttributesAt)));
  return *this;
}

MadeBatch& MadeBatch::records(std::string_view hex) {
  bytes_.resize(kRecordsAt);
  return append(hex);
}

MadeBatch& MadeBatch::append(std::string_view hex) {
  const auto decoded = hex_decode(hex);
  OTTLA_INVARIANT(decoded.ok(), "no hex", hex);
  const auto more = std::as_bytes(std::span(*decoded));
  bytes_.insert(bytes_.end(), more.begin(), more.end());
  return seal();
}

MadeBatch& MadeBatch::poke(std::size_t at, std::uint8_t value) {
  bytes_.at(kRecordsAt + at) = std::byte{value};
  return seal();
}

MadeBatch& MadeBatch::shorten(std::size_t bytes) {
  bytes_.resize(bytes_.size() - bytes);
  return seal();
}

MadeBatch& MadeBatch::compress(Compression codec) {
  CodecPool pool;
  const auto packed =
      record::compress(pool, CompressionSpec(codec), std::span<const std::byte>(bytes_).subspan(kRecordsAt));
  OTTLA_INVARIANT(packed.ok(), "bytes that cannot be compressed");
  bytes_.resize(kRecordsAt);
  bytes_.insert(bytes_.end(), packed->as_span().begin(), packed->as_span().end());
  Attributes attributes(load_big_endian<std::int16_t>(bytes_.data() + kAttributesAt));
  return set(kAttributesAt, attributes.set_compression(codec).bits());
}

MadeBatch& MadeBatch::flip(std::size_t at) {
  bytes_.at(at) ^= std::byte{1};
  return *this;
}

}  // namespace ottla::record::testing
