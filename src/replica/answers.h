// What a partition answers to appends, reads and questions about offsets: the wire's codes and fields, as values that
// may travel to another shard.
//
// Lifetime:    values; records are claims on bytes of the shard that answered.
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/chain.h"
#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "protocol/error_code.h"
#include "record/append_rules.h"
#include "storage/log/append_outcome.h"
#include "storage/producer/producer_states.h"

namespace ottla::replica {

// Who leads, as far as this replica knows (KIP-951): with NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH.
struct LeaderHint {
  NodeId leader = kNoNode;
  LeaderEpoch epoch = kUnknownLeaderEpoch;

  friend bool operator==(const LeaderHint&, const LeaderHint&) = default;
};

struct AppendAnswer {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  // What the client is told in words; nothing unless records are named.
  std::optional<std::string> message = {};
  std::vector<record::RecordError> records = {};
  Offset first_offset = kUnknownOffset;
  Offset last_offset = kUnknownOffset;
  std::int64_t log_append_time = -1;
  Offset log_start = kUnknownOffset;
  LeaderHint leader = {};
  // For meters: which one rises, by how much; and why, for the log.
  record::RejectMeter meter = record::RejectMeter::none;
  std::int64_t metered = 0;
  std::string reason = {};
  bool duplicate = false;

  bool ok() const { return error == protocol::ErrorCode::none; }
};

struct EpochEnd {
  LeaderEpoch epoch = kUnknownLeaderEpoch;
  Offset end = kUnknownOffset;

  friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

struct AbortedRange {
  std::int64_t producer_id = -1;
  Offset first_offset;

  friend bool operator==(const AbortedRange&, const AbortedRange&) = default;
};

struct ReadAnswer {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  Offset high_watermark = kUnknownOffset;
  Offset last_stable = kUnknownOffset;
  Offset log_start = kUnknownOffset;
  std::optional<EpochEnd> diverging = {};
  std::optional<std::vector<AbortedRange>> aborted = {};  // null unless committed records were asked for
  Chain records = {};
  LeaderHint leader = {};
  Offset next = kUnknownOffset;         // behind the records; where the read began when there are none
  Offset visible_end = kUnknownOffset;  // nothing at or behind it could be read
  bool first_too_large = false;         // there is a batch, and it is larger than was allowed

  bool ok() const { return error == protocol::ErrorCode::none; }
};

struct OffsetAnswer {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::int64_t timestamp = -1;
  Offset offset = kUnknownOffset;
  std::int32_t leader_epoch = -1;
};

struct EpochEndAnswer {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  EpochEnd end = {};
};

struct DeleteAnswer {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  Offset low_watermark = kUnknownOffset;
};

struct ProducersAnswer {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::vector<storage::ActiveProducer> producers = {};
};

// What became of an append, in the wire's words. `log_start`: of the partition.
AppendAnswer answer_of(const storage::AppendOutcome& outcome, Offset log_start);
// What a log's failure is called on the wire.
protocol::ErrorCode code_of(const Error& error);

}  // namespace ottla::replica
