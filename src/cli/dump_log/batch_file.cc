#include "cli/dump_log/batch_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/crc32.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/report.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "runtime/task.h"

namespace ottla::cli {
namespace {

using record::Attributes;

constexpr std::size_t kChecksumStep = std::size_t{1} << 20;
constexpr std::int32_t kSmallestLength = 14;  // of a message of format 0 without key and value

// Messages from before Kafka 0.11 (record/legacy_view.h has the whole of them).
constexpr std::size_t kLegacyCrcAt = 12;
constexpr std::size_t kLegacyAttributesAt = 17;
constexpr std::size_t kLegacyTimestampAt = 18;

Error at(std::uint64_t position, Errc code, std::string_view what) {
  return {code, fmt::format("at position {}: {}", position, what)};
}

Error at(std::uint64_t position, const Error& error) {
  return at(position, error.code(), message_of(error));
}

// Wraps around, as in the reference: the bytes may say anything.
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int32_t last_sequence(std::int32_t base, std::int32_t delta) {
  if (base == record::kNoSequence) return record::kNoSequence;
  const auto difference = static_cast<std::int32_t>(INT32_MAX - static_cast<std::uint32_t>(delta));
  const std::uint32_t wrapped = static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(delta);
  return base > difference ? static_cast<std::int32_t>(wrapped - 0x80000000U)
                           : static_cast<std::int32_t>(wrapped);
}

BatchFacts facts_of(std::span<const std::byte> header) {
  const auto load = [&]<typename T>(T, std::size_t offset) {
    return load_big_endian<T>(header.data() + offset);
  };
  BatchFacts facts;
  facts.base_offset = load(std::int64_t{}, record::kBaseOffsetAt);
  facts.leader_epoch = load(std::int32_t{}, record::kLeaderEpochAt);
  facts.crc = load(std::uint32_t{}, record::kCrcAt);
  const Attributes attributes(load(std::int16_t{}, record::kAttributesAt));
  const std::int32_t last_delta = load(std::int32_t{}, record::kLastOffsetDeltaAt);
  facts.last_offset = sum(facts.base_offset, last_delta);
  facts.base_timestamp = load(std::int64_t{}, record::kBaseTimestampAt);
  facts.max_timestamp = load(std::int64_t{}, record::kMaxTimestampAt);
  facts.producer_id = load(std::int64_t{}, record::kProducerIdAt);
  facts.producer_epoch = load(std::int16_t{}, record::kProducerEpochAt);
  facts.base_sequence = load(std::int32_t{}, record::kBaseSequenceAt);
  facts.last_sequence = last_sequence(facts.base_sequence, last_delta);
  facts.count = load(std::int32_t{}, record::kCountAt);
  facts.codec = attributes.compression_id();
  facts.transactional = attributes.is_transactional();
  facts.control = attributes.is_control();
  if (attributes.has_delete_horizon()) facts.delete_horizon = facts.base_timestamp;
  facts.time_kind = attributes.timestamp_type() == record::TimestampType::log_append_time ? TimeKind::append
                                                                                          : TimeKind::create;
  return facts;
}

BatchFacts legacy_facts_of(std::span<const std::byte> header, std::int8_t magic) {
  BatchFacts facts;
  facts.base_offset = load_big_endian<std::int64_t>(header.data());
  facts.last_offset = facts.base_offset;
  facts.crc = load_big_endian<std::uint32_t>(header.data() + kLegacyCrcAt);
  const auto attributes = static_cast<std::uint8_t>(header[kLegacyAttributesAt]);
  facts.codec = attributes & 0x07U;
  facts.time_kind = magic == 0                  ? TimeKind::none
                    : (attributes & 0x08U) != 0 ? TimeKind::append
                                                : TimeKind::create;
  if (magic == 1) facts.max_timestamp = load_big_endian<std::int64_t>(header.data() + kLegacyTimestampAt);
  return facts;
}

}  // namespace

Task<Result<std::optional<BatchFacts>>> BatchFile::next(Checksums checksums) {
  // The last byte of a file that ends with a magic is not looked at: so does the reference.
  if (end_ < record::kUpToMagic || position_ >= end_ - record::kUpToMagic)
    co_return std::optional<BatchFacts>();
  const auto front = co_await window_.read(position_, record::kUpToMagic);
  if (!front.ok()) co_return at(position_, front.error());
  const auto length = load_big_endian<std::int32_t>(front->data() + record::kLengthAt);
  const auto magic = static_cast<std::int8_t>((*front)[record::kMagicAt]);
  if (length < kSmallestLength) {
    co_return at(
        position_, Errc::corrupt,
        fmt::format("a batch of the length {}, which none has: the file is corrupt from here on, or was "
                    "preallocated and holds no more",
                    length));
  }
  const std::uint64_t size = record::kLogOverhead + static_cast<std::uint64_t>(length);
  if (size > end_ - position_) co_return std::optional<BatchFacts>();
  OTTLA_CO_TRY(BatchFacts facts, co_await read_header(size, magic));
  if (checksums == Checksums::compared) {
    OTTLA_CO_TRY(facts.valid, co_await checksum_holds(position_, size, magic, facts.crc));
  }
  position_ += size;
  co_return std::optional(facts);
}

Task<Result<BatchFacts>> BatchFile::read_header(std::uint64_t size, std::int8_t magic) {
  if (magic < 0) co_return at(position_, Errc::corrupt, fmt::format("a batch of magic {}", magic));
  // A batch may be shorter than its header; what is shown then is not its own, and it is not valid.
  const std::size_t wanted = magic >= record::kMagic ? record::kRecordsAt
                             : magic == 1            ? kLegacyTimestampAt + 8
                                                     : kLegacyAttributesAt + 1;
  const auto header = co_await window_.read(position_, wanted);
  if (!header.ok()) co_return at(position_, header.error());
  BatchFacts facts = magic >= record::kMagic ? facts_of(*header) : legacy_facts_of(*header, magic);
  facts.magic = magic;
  facts.position = position_;
  facts.size = size;
  co_return facts;
}

Task<Result<bool>> BatchFile::checksum_holds(std::uint64_t position, std::uint64_t size, std::int8_t magic,
                                             std::uint32_t said) {
  const bool modern = magic >= record::kMagic;
  if (modern && size < record::kRecordsAt) co_return false;
  std::uint64_t from = position + (modern ? record::kAttributesAt : record::kMagicAt);
  const std::uint64_t end = position + size;
  std::uint32_t crc = 0;
  while (from < end) {
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(end - from, kChecksumStep));
    const auto bytes = co_await window_.read(from, step);
    if (!bytes.ok()) co_return at(from, bytes.error());
    crc = modern ? crc32c_extend(crc, *bytes) : crc32_extend(crc, *bytes);
    from += step;
  }
  co_return crc == said;
}

Task<Result<std::span<const std::byte>>> BatchFile::load(std::uint64_t position, std::uint64_t size) {
  if (size > kMostLoaded) {
    co_return at(position, Errc::too_large,
                 fmt::format("a batch of {} bytes: the records of those beyond {} are not shown; without "
                             "--deep-iteration and --print-data-log the rest is",
                             size, kMostLoaded));
  }
  const auto bytes = co_await window_.read(position, static_cast<std::size_t>(size));
  if (!bytes.ok()) co_return at(position, bytes.error());
  co_return *bytes;
}

}  // namespace ottla::cli
