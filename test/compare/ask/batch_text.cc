#include "test/compare/ask/batch_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crc32.h"
#include "base/endian.h"
#include "base/hex.h"
#include "record/batch_layout.h"
#include "record/testing/made_batch.h"

namespace ottla::node_compare {
namespace {

using record::Compression;
using record::testing::MadeBatch;

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "a=v*3@5" is "a=vvv@5".
std::string repeated(std::string_view record) {
  const std::size_t star = record.find('*');
  if (star == std::string_view::npos || star == 0) return std::string(record);
  const std::size_t end = std::min(record.find('@', star), record.size());
  std::string whole(record.substr(0, star - 1));
  whole.append(static_cast<std::size_t>(number(record.substr(star + 1, end - star - 1))), record[star - 1]);
  return whole.append(record.substr(end));
}

std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <typename T>
void add(std::string& out, T value) {
  std::byte bytes[sizeof(T)];
  store_big_endian(bytes, value);
  out += as_text(bytes);
}

void add_sized(std::string& out, std::string_view text) {
  if (text == "-") return add(out, std::int32_t{-1});
  add(out, static_cast<std::int32_t>(text.size()));
  out += text;
}

// Messages as clients wrote them before there were batches.
std::string legacy(const std::vector<std::string>& records, int magic) {
  std::string out;
  for (std::size_t place = 0; place < records.size(); ++place) {
    const std::string_view text = records[place];
    const std::size_t time = std::min(text.find('@'), text.size());
    const std::size_t middle = text.find('=');
    std::string body;
    add(body, static_cast<std::int8_t>(magic));
    add(body, std::int8_t{0});
    if (magic == 1) add(body, time == text.size() ? std::int64_t{0} : number(text.substr(time + 1)));
    add_sized(body, text.substr(0, middle));
    add_sized(body, text.substr(middle + 1, time - middle - 1));
    add(out, static_cast<std::int64_t>(place));
    add(out, static_cast<std::int32_t>(body.size() + sizeof(std::uint32_t)));
    add(out, crc32(std::as_bytes(std::span(body))));
    out += body;
  }
  return out;
}

std::optional<Compression> codec_of(std::string_view word) {
  constexpr std::string_view kNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  for (std::size_t each = 1; each < std::size(kNames); ++each) {
    if (word == kNames[each]) return static_cast<Compression>(each);
  }
  return std::nullopt;
}

std::optional<std::int16_t> bit_of(std::string_view word) {
  if (word == "append-time") return std::int16_t{0x08};
  if (word == "transactional") return std::int16_t{0x10};
  if (word == "control") return std::int16_t{0x20};
  if (word == "horizon") return std::int16_t{0x40};
  return std::nullopt;
}

class OneBatch {
 public:
  Result<std::string> made_of(std::string_view text) {
    std::vector<std::string_view> done;
    for (const std::string_view word : split(text, ' ')) {
      if (word.empty()) continue;
      const bool is_record = word.find('=') < word.find(':');
      is_record ? records_.push_back(repeated(word)) : done.push_back(word);
    }
    if (done.empty() && records_.empty()) return std::string();
    if (done.size() == 1 && done[0].starts_with("hex:")) return hex_decode(done[0].substr(4));
    const std::vector<std::string_view> records(records_.begin(), records_.end());
    MadeBatch batch{std::span<const std::string_view>(records)};
    for (const std::string_view word : done) OTTLA_CHECK(take(batch, word));
    if (legacy_magic_) return legacy(records_, *legacy_magic_);
    std::string bytes = as_text(batch.slice().as_span());
    if (length_) store_big_endian(at(bytes, record::kLengthAt), *length_);
    for (const std::size_t place : flipped_) *at(bytes, place) ^= std::byte{1};
    if (cut_) bytes.resize(std::min(*cut_, bytes.size()));
    return bytes;
  }

 private:
  static std::byte* at(std::string& bytes, std::size_t place) {
    return reinterpret_cast<std::byte*>(&bytes.at(place));
  }

  Result<> take(MadeBatch& batch, std::string_view word) {
    if (const auto codec = codec_of(word)) {
      batch.compress(*codec);
    } else if (const auto bit = bit_of(word)) {
      batch.set(record::kAttributesAt, static_cast<std::int16_t>(attributes_of(batch) | *bit));
    } else if (word == "magic-0" || word == "magic-1") {
      legacy_magic_ = word.back() - '0';
    } else {
      const std::size_t colon = std::min(word.find(':'), word.size() - 1);
      return take_value(batch, word.substr(0, colon), word.substr(colon + 1));
    }
    return {};
  }

  static std::int16_t attributes_of(const MadeBatch& batch) {
    return load_big_endian<std::int16_t>(batch.slice().as_span().data() + record::kAttributesAt);
  }

  Result<> take_value(MadeBatch& batch, std::string_view name, std::string_view value) {
    const std::int64_t first = number(value);
    if (name == "producer") {
      const auto parts = split(value, '/');
      if (parts.size() != 3) return Error(Errc::invalid_argument, "producer:ID/EPOCH/SEQUENCE");
      batch.set(record::kProducerIdAt, first)
          .set(record::kProducerEpochAt, static_cast<std::int16_t>(number(parts[1])))
          .set(record::kBaseSequenceAt, static_cast<std::int32_t>(number(parts[2])));
    } else if (name == "records") {
      batch.records(value);
    } else if (name == "append") {
      batch.append(value);
    } else if (name == "shorten") {
      batch.shorten(static_cast<std::size_t>(first));
    } else if (name == "poke") {
      batch.poke(static_cast<std::size_t>(first),
                 static_cast<std::uint8_t>(number(split(value, '/').back())));
    } else if (name == "length") {
      length_ = static_cast<std::int32_t>(first);
    } else if (name == "flip") {
      flipped_.push_back(static_cast<std::size_t>(first));
    } else if (name == "cut") {
      cut_ = static_cast<std::size_t>(first);
    } else {
      return set_field(batch, name, first);
    }
    return {};
  }

  static Result<> set_field(MadeBatch& batch, std::string_view name, std::int64_t value) {
    using namespace record;
    if (name == "base") {
      batch.set(kBaseOffsetAt, value);
    } else if (name == "epoch") {
      batch.set(kLeaderEpochAt, static_cast<std::int32_t>(value));
    } else if (name == "magic") {
      batch.set(kMagicAt, static_cast<std::int8_t>(value));
    } else if (name == "attributes") {
      batch.set(kAttributesAt, static_cast<std::int16_t>(value));
    } else if (name == "delta") {
      batch.set(kLastOffsetDeltaAt, static_cast<std::int32_t>(value));
    } else if (name == "count") {
      batch.set(kCountAt, static_cast<std::int32_t>(value));
    } else if (name == "base-time") {
      batch.set(kBaseTimestampAt, value);
    } else if (name == "max-time") {
      batch.set(kMaxTimestampAt, value);
    } else {
      return Error(Errc::invalid_argument, fmt::format("nothing that is done to a batch: {}", name));
    }
    return {};
  }

  std::vector<std::string> records_;
  std::vector<std::size_t> flipped_;
  std::optional<std::int32_t> length_;
  std::optional<std::size_t> cut_;
  std::optional<int> legacy_magic_;
};

}  // namespace

Result<std::string> batches_of(std::string_view text) {
  std::string all;
  for (const std::string_view each : split(text, '|')) {
    OTTLA_TRY(const std::string bytes, OneBatch().made_of(each));
    all += bytes;
  }
  return all;
}

}  // namespace ottla::node_compare
