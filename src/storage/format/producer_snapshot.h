// The file `*.snapshot` of a partition's directory: what is known of its producers at the offset that names the file.
//
// Use:         SnapshotWriter writer(count);  writer.add(entry);  Slice bytes = std::move(writer).finish();
//              OTTLA_TRY(auto reader, SnapshotReader::open(bytes));  while (auto entry = reader.next()) …
// Lifetime:    a reader points into the bytes.
// Concurrency: pure.
// Errors:      truncated, unsupported and corrupt. Nothing is lost with a snapshot that cannot be read: an earlier
//              one, or none, and the log give the same.
// Format:      docs/format/producer_snapshot.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"

namespace ottla::storage {

struct ProducerSnapshotEntry {
  static constexpr std::size_t kSize = 46;

  std::int64_t producer_id = -1;
  std::int16_t epoch = -1;
  std::int32_t last_sequence = -1;  // of the producer's last batch; -1: none
  std::int64_t last_offset = -1;    // of its last batch; -1: none
  std::int32_t offset_delta = 0;    // last minus first offset of that batch
  std::int64_t timestamp = -1;
  std::int32_t coordinator_epoch = -1;         // of its last marker; -1: none
  std::int64_t transaction_first_offset = -1;  // -1: none is open

  friend bool operator==(const ProducerSnapshotEntry&, const ProducerSnapshotEntry&) = default;
};

class SnapshotWriter {
 public:
  // For so many entries, neither more nor fewer.
  explicit SnapshotWriter(std::size_t entries, BufferSource& source = heap_buffers());

  void add(const ProducerSnapshotEntry& entry);
  Slice finish() &&;

 private:
  MutableBuffer buffer_;
};

class SnapshotReader {
 public:
  // The whole file.
  static Result<SnapshotReader> open(std::span<const std::byte> file);

  std::size_t size() const { return entries_.size() / ProducerSnapshotEntry::kSize; }
  std::optional<ProducerSnapshotEntry> next();

 private:
  explicit SnapshotReader(std::span<const std::byte> entries) : entries_(entries) {}

  std::span<const std::byte> entries_;  // those left
};

}  // namespace ottla::storage
