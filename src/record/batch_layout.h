// Where the fields of a record batch lie (magic 2). All numbers are big-endian.
//
//    0  8  base offset                  the first 12 bytes stand before every batch of every magic
//    8  4  length                       of all that follows
//   12  4  partition leader epoch       not covered by the checksum, nor is anything before it
//   16  1  magic
//   17  4  crc                          CRC-32C of all that follows
//   21  2  attributes
//   23  4  last offset delta
//   27  8  base timestamp
//   35  8  max timestamp
//   43  8  producer id
//   51  2  producer epoch
//   53  4  base sequence
//   57  4  count of records
//   61     records
#pragma once

#include <cstddef>
#include <cstdint>

namespace ottla::record {

inline constexpr std::size_t kBaseOffsetAt = 0;
inline constexpr std::size_t kLengthAt = 8;
inline constexpr std::size_t kLogOverhead = 12;  // what the length does not count
inline constexpr std::size_t kLeaderEpochAt = 12;
inline constexpr std::size_t kMagicAt = 16;
inline constexpr std::size_t kCrcAt = 17;
inline constexpr std::size_t kAttributesAt = 21;  // the checksum covers from here to the end
inline constexpr std::size_t kLastOffsetDeltaAt = 23;
inline constexpr std::size_t kBaseTimestampAt = 27;
inline constexpr std::size_t kMaxTimestampAt = 35;
inline constexpr std::size_t kProducerIdAt = 43;
inline constexpr std::size_t kProducerEpochAt = 51;
inline constexpr std::size_t kBaseSequenceAt = 53;
inline constexpr std::size_t kCountAt = 57;
inline constexpr std::size_t kRecordsAt = 61;

// A batch has at least so much before its magic can be read, whatever its magic.
inline constexpr std::size_t kUpToMagic = kMagicAt + 1;

inline constexpr std::int8_t kMagic = 2;

inline constexpr std::int64_t kNoProducerId = -1;
inline constexpr std::int16_t kNoProducerEpoch = -1;
inline constexpr std::int32_t kNoSequence = -1;
inline constexpr std::int64_t kNoTimestamp = -1;

enum class Compression : std::uint8_t { none, gzip, snappy, lz4, zstd };
enum class TimestampType : std::uint8_t { create_time, log_append_time };

// The attributes of a batch, bit by bit.
class Attributes {
 public:
  constexpr Attributes() = default;
  explicit constexpr Attributes(std::int16_t bits) : bits_(static_cast<std::uint16_t>(bits)) {}

  // 5 to 7 stand for nothing that we know.
  constexpr std::uint8_t compression_id() const { return bits_ & kCompressionMask; }
  constexpr bool compression_is_known() const {
    return compression_id() <= static_cast<std::uint8_t>(Compression::zstd);
  }
  constexpr Compression compression() const { return static_cast<Compression>(compression_id()); }
  constexpr TimestampType timestamp_type() const {
    return (bits_ & kLogAppendTime) != 0 ? TimestampType::log_append_time : TimestampType::create_time;
  }
  constexpr bool is_transactional() const { return (bits_ & kTransactional) != 0; }
  constexpr bool is_control() const { return (bits_ & kControl) != 0; }
  // The base timestamp is the time from which on tombstones and markers of the batch may go.
  constexpr bool has_delete_horizon() const { return (bits_ & kDeleteHorizon) != 0; }

  constexpr Attributes& set_compression(Compression compression) {
    bits_ = static_cast<std::uint16_t>((bits_ & ~kCompressionMask) | static_cast<unsigned>(compression));
    return *this;
  }
  constexpr Attributes& set_timestamp_type(TimestampType type) {
    return set(kLogAppendTime, type == TimestampType::log_append_time);
  }
  constexpr Attributes& set_transactional(bool on) { return set(kTransactional, on); }
  constexpr Attributes& set_control(bool on) { return set(kControl, on); }
  constexpr Attributes& set_delete_horizon(bool on) { return set(kDeleteHorizon, on); }

  constexpr std::int16_t bits() const { return static_cast<std::int16_t>(bits_); }

  friend constexpr bool operator==(Attributes, Attributes) = default;

 private:
  static constexpr std::uint16_t kCompressionMask = 0x07;
  static constexpr std::uint16_t kLogAppendTime = 0x08;
  static constexpr std::uint16_t kTransactional = 0x10;
  static constexpr std::uint16_t kControl = 0x20;
  static constexpr std::uint16_t kDeleteHorizon = 0x40;

  constexpr Attributes& set(std::uint16_t bit, bool on) {
    bits_ = static_cast<std::uint16_t>(on ? bits_ | bit : bits_ & ~bit);
    return *this;
  }

  std::uint16_t bits_ = 0;
};

}  // namespace ottla::record
