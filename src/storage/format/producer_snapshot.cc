#include "storage/format/producer_snapshot.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"

namespace ottla::storage {
namespace {

constexpr std::int16_t kVersion = 1;
constexpr std::size_t kCrcAt = 2;
constexpr std::size_t kCountAt = 6;  // the checksum covers from here to the end
constexpr std::size_t kEntriesAt = 10;

}  // namespace

SnapshotWriter::SnapshotWriter(std::size_t entries, BufferSource& source)
    : buffer_(source.allocate(kEntriesAt + entries * ProducerSnapshotEntry::kSize)) {
  OTTLA_INVARIANT(entries <= INT32_MAX / ProducerSnapshotEntry::kSize, "a snapshot of more than 2 GiB",
                  entries);
  std::byte* const at = buffer_.spare().data();
  store_big_endian(at, kVersion);
  store_big_endian(at + kCountAt, static_cast<std::int32_t>(entries));
  buffer_.commit(kEntriesAt);
}

void SnapshotWriter::add(const ProducerSnapshotEntry& entry) {
  OTTLA_INVARIANT(buffer_.spare().size() >= ProducerSnapshotEntry::kSize, "more entries than said");
  std::byte* const at = buffer_.spare().data();
  store_big_endian(at, entry.producer_id);
  store_big_endian(at + 8, entry.epoch);
  store_big_endian(at + 10, entry.last_sequence);
  store_big_endian(at + 14, entry.last_offset);
  store_big_endian(at + 22, entry.offset_delta);
  store_big_endian(at + 26, entry.timestamp);
  store_big_endian(at + 34, entry.coordinator_epoch);
  store_big_endian(at + 38, entry.transaction_first_offset);
  buffer_.commit(ProducerSnapshotEntry::kSize);
}

Slice SnapshotWriter::finish() && {
  const auto bytes = buffer_.filled();
  const std::size_t wanted =
      static_cast<std::size_t>(load_big_endian<std::int32_t>(bytes.data() + kCountAt)) *
      ProducerSnapshotEntry::kSize;
  OTTLA_INVARIANT(bytes.size() == kEntriesAt + wanted, "fewer entries than said", bytes.size());
  store_big_endian(bytes.data() + kCrcAt, crc32c(bytes.subspan(kCountAt)));
  return std::move(buffer_).freeze();
}

Result<SnapshotReader> SnapshotReader::open(std::span<const std::byte> file) {
  if (file.size() < kEntriesAt) {
    return Error(Errc::truncated, fmt::format("a producer snapshot of {} bytes", file.size()));
  }
  const auto version = load_big_endian<std::int16_t>(file.data());
  if (version != kVersion) {
    return Error(Errc::unsupported, fmt::format("a producer snapshot of version {}", version));
  }
  const auto count = load_big_endian<std::int32_t>(file.data() + kCountAt);
  const std::size_t room = (file.size() - kEntriesAt) / ProducerSnapshotEntry::kSize;
  if (count < 0 || static_cast<std::size_t>(count) > room) {
    return Error(Errc::truncated,
                 fmt::format("a producer snapshot of {} bytes that claims {} entries", file.size(), count));
  }
  const auto said = load_big_endian<std::uint32_t>(file.data() + kCrcAt);
  const std::uint32_t found = crc32c(file.subspan(kCountAt));
  if (said != found) {
    return Error(Errc::corrupt,
                 fmt::format("a producer snapshot whose checksum is {:08x}, not {:08x}", found, said));
  }
  return SnapshotReader(
      file.subspan(kEntriesAt, static_cast<std::size_t>(count) * ProducerSnapshotEntry::kSize));
}

std::optional<ProducerSnapshotEntry> SnapshotReader::next() {
  if (entries_.empty()) return std::nullopt;
  const std::byte* const at = entries_.data();
  entries_ = entries_.subspan(ProducerSnapshotEntry::kSize);
  return ProducerSnapshotEntry{.producer_id = load_big_endian<std::int64_t>(at),
                               .epoch = load_big_endian<std::int16_t>(at + 8),
                               .last_sequence = load_big_endian<std::int32_t>(at + 10),
                               .last_offset = load_big_endian<std::int64_t>(at + 14),
                               .offset_delta = load_big_endian<std::int32_t>(at + 22),
                               .timestamp = load_big_endian<std::int64_t>(at + 26),
                               .coordinator_epoch = load_big_endian<std::int32_t>(at + 34),
                               .transaction_first_offset = load_big_endian<std::int64_t>(at + 38)};
}

}  // namespace ottla::storage
