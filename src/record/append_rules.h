// What an append has to keep to, and how it is refused.
//
// Lifetime:    values.
// Concurrency: pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "record/batch_layout.h"
#include "record/compression/compressor.h"

namespace ottla::record {

// Who wrote the batches.
enum class AppendOrigin : std::uint8_t {
  client,
  coordinator,  // of groups, transactions or share groups, on the leader; also the ends of transactions
  raft_leader,  // the metadata quorum's: batches come with their offsets and epoch
  replication,  // from the partition's leader: batches come with their offsets and epochs
};

constexpr bool assigns_offsets(AppendOrigin origin) {
  return origin == AppendOrigin::client || origin == AppendOrigin::coordinator;
}

// What the topic and the broker are configured to. Names and defaults are those of the reference's keys.
struct AppendRules {
  bool compacted = false;                                                 // cleanup.policy has `compact`
  TimestampType timestamp_type = TimestampType::create_time;              // message.timestamp.type
  std::int64_t before_max_ms = std::numeric_limits<std::int64_t>::max();  // message.timestamp.before.max.ms
  std::int64_t after_max_ms = 3'600'000;                                  // message.timestamp.after.max.ms
  std::int32_t max_message_bytes = 1'048'588;                             // max.message.bytes
  // max.decompressed.message.bytes: of one record in a compressed batch, not of the batch.
  std::int32_t max_record_bytes = std::numeric_limits<std::int32_t>::max() - 8;
  // compression.type and its level; nothing: as the producer chose.
  std::optional<CompressionSpec> compression = {};

  // Two limits of ours, where the reference has none.
  // How many times its largest size (1 MiB at least) a batch may unpack to while it is walked. Only zstd can do
  // worse than this: it would keep a shard busy for seconds with a request of a megabyte.
  std::int32_t max_unpacked_ratio = 1024;
  std::int64_t max_unpacked_bytes() const {
    return std::int64_t{max_unpacked_ratio} * std::max(max_message_bytes, std::int32_t{1} << 20);
  }
  // How much a batch may take in memory that has to be built again.
  std::int64_t max_rebuild_bytes = std::int64_t{128} << 20;
};

// Where and when this append happens.
struct AppendPlace {
  AppendOrigin origin = AppendOrigin::client;
  Offset next_offset = Offset(0);
  LeaderEpoch leader_epoch = LeaderEpoch(0);
  std::int64_t now_ms = 0;
  std::string_view partition = {};  // its name, for what a client is told
};

// One for each error that the reference's leader answers; the wire's codes are mapped to above.
enum class RejectReason : std::uint8_t {
  invalid_record,           // INVALID_RECORD
  invalid_timestamp,        // INVALID_TIMESTAMP
  corrupt,                  // CORRUPT_MESSAGE
  too_large,                // MESSAGE_TOO_LARGE
  unsupported_compression,  // UNSUPPORTED_COMPRESSION_TYPE
  // UNKNOWN_SERVER_ERROR: compressed bytes that cannot be decompressed, and a codec that nobody knows. (The
  // reference has no better answer: its decompressors throw what it has no error for.)
  undecodable,
  // Batches that bring their offsets only. The reference has no error for these on the wire either.
  out_of_order,       // an offset does not rise within the append
  unexpected_offset,  // the first offset lies below the end of the log
};
std::string_view name_of(RejectReason reason);

// One meter each: InvalidMagicNumberRecordsPerSec, InvalidMessageCrcRecordsPerSec,
// InvalidOffsetOrSequenceRecordsPerSec, NoKeyCompactedTopicRecordsPerSec, BytesRejectedPerSec (of the topic).
enum class RejectMeter : std::uint8_t { none, magic, crc, offset_or_sequence, no_key, bytes };

// KIP-467: which record of the batch, and what is wrong with it.
struct RecordError {
  std::int32_t batch_index = 0;
  std::string message;

  friend bool operator==(const RecordError&, const RecordError&) = default;
};

struct Rejection {
  // A batch of millions of bad records must not take hundreds of megabytes to refuse. Clients say of a record that
  // is not listed that others of its batch were bad.
  static constexpr std::size_t kMaxListed = 10'000;

  RejectReason reason = RejectReason::invalid_record;
  // The reference sends it to the client only together with `records`.
  std::string message;
  std::vector<RecordError> records;  // the first kMaxListed
  RejectMeter meter = RejectMeter::none;
  std::int64_t metered = 1;  // by how much the meter rises
};

}  // namespace ottla::record
