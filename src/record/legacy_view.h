// A message of magic 0 or 1 where it lies, as segments written before Kafka 0.11 have them.
//
//    0  8  offset                       of a compressed message of magic 1: that of the last message in it
//    8  4  length                       of all that follows
//   12  4  crc                          CRC-32 of all that follows
//   16  1  magic                        0 or 1
//   17  1  attributes                   bits 0-2: codec; bit 3 of magic 1: log append time
//   18  8  timestamp                    magic 1 only
//       4  size of the key, key         -1: null
//       4  size of the value, value     -1: null; messages, if a codec is set
//
// Use:         OTTLA_TRY(LegacyView message, LegacyView::first_of(bytes));  bytes = bytes.subspan(message.size());
// Lifetime:    points into the bytes.
// Concurrency: pure.
// Invariants:  the bytes that its length promises are there, the magic is 0 or 1, and key and value fit into it
//              and into nothing else. The checksum has not been looked at.
// Errors:      truncated, when the bytes end before the message does; corrupt, for a length that none has;
//              unsupported, for another magic; malformed, when key and value do not fill the message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/endian.h"
#include "base/offset.h"
#include "base/result.h"
#include "record/batch_layout.h"

namespace ottla::record {

class LegacyView {
 public:
  // The message at the front of `bytes`; others may follow.
  static Result<LegacyView> first_of(std::span<const std::byte> bytes);

  std::size_t size() const { return bytes_.size(); }
  std::span<const std::byte> bytes() const { return bytes_; }

  Offset offset() const { return Offset(load<std::int64_t>(kBaseOffsetAt)); }
  std::int8_t magic() const { return static_cast<std::int8_t>(bytes_[kMagicAt]); }
  std::uint32_t crc() const { return load<std::uint32_t>(kLegacyCrcAt); }
  bool crc_holds() const;

  std::uint8_t compression_id() const { return attributes() & 0x07; }
  bool compression_is_known() const { return Attributes(attributes()).compression_is_known(); }
  Compression compression() const { return static_cast<Compression>(compression_id()); }
  TimestampType timestamp_type() const {
    return magic() == 1 && (attributes() & 0x08) != 0 ? TimestampType::log_append_time
                                                      : TimestampType::create_time;
  }
  // Messages of magic 0 have none.
  std::int64_t timestamp() const {
    return magic() == 1 ? load<std::int64_t>(kLegacyTimestampAt) : kNoTimestamp;
  }

  std::optional<std::span<const std::byte>> key() const { return sized(key_at()); }
  std::optional<std::span<const std::byte>> value() const { return sized(value_at()); }

 private:
  static constexpr std::size_t kLegacyCrcAt = 12;
  static constexpr std::size_t kLegacyAttributesAt = 17;
  static constexpr std::size_t kLegacyTimestampAt = 18;

  explicit LegacyView(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <typename T>
  T load(std::size_t at) const {
    return load_big_endian<T>(bytes_.data() + at);
  }
  std::uint8_t attributes() const { return static_cast<std::uint8_t>(bytes_[kLegacyAttributesAt]); }
  std::size_t key_at() const { return magic() == 1 ? kLegacyTimestampAt + 8 : kLegacyTimestampAt; }
  std::size_t value_at() const;
  std::optional<std::span<const std::byte>> sized(std::size_t at) const;
  bool is_filled() const;

  std::span<const std::byte> bytes_;
};

}  // namespace ottla::record
