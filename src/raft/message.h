// What replicas of the metadata log say to each other, and what is said to them: the quorum's APIs without the parts
// that only say which topic is meant.
//
// Lifetime:    values.
// Concurrency: confined to one shard (endpoints and bytes are shared within it).
// Trust:       whatever a request or reply holds was sent by somebody else: numbers may be anything that fits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/error_code.h"
#include "raft/log_batch.h"
#include "raft/log_shape.h"
#include "runtime/clock.h"

namespace ottla::raft {

using protocol::ErrorCode;

// --- Requests ------------------------------------------------------------------------------------------------------

struct VoteRequest {
  ReplicaKey candidate;
  LeaderEpoch epoch = LeaderEpoch(0);  // for which it stands; of a pre-vote, its present one
  ReplicaKey voter;                    // who is asked; kNoNode: not said
  LogPosition end;                     // of the candidate's log
  bool pre_vote = false;               // would you? Nothing is promised
};

struct BeginEpochRequest {
  NodeId leader = kNoNode;
  LeaderEpoch epoch = LeaderEpoch(0);
  ReplicaKey voter;  // who is told; kNoNode: not said
  Endpoints endpoints;
};

struct EndEpochRequest {
  NodeId leader = kNoNode;
  LeaderEpoch epoch = LeaderEpoch(0);
  std::vector<ReplicaKey> preferred;  // who should stand, best first
  Endpoints endpoints;
};

struct FetchRequest {
  ReplicaKey replica;
  LeaderEpoch epoch = LeaderEpoch(0);
  LogPosition end;                        // of the fetcher's log, all of it durable
  Offset high_watermark = Offset::max();  // the last that it heard; the greatest: it does not say
  Duration max_wait = Duration::zero();
  std::int32_t max_bytes = 0;
};

struct FetchSnapshotRequest {
  ReplicaKey replica;
  LeaderEpoch epoch = LeaderEpoch(0);
  LogPosition snapshot;
  std::int64_t position = 0;
  std::int32_t max_bytes = 0;
};

struct DescribeRequest {};

struct AddVoterRequest {
  ReplicaKey voter;
  Endpoints endpoints;
  bool ack_when_committed = true;
};

struct RemoveVoterRequest {
  ReplicaKey voter;
};

struct UpdateVoterRequest {
  LeaderEpoch epoch = LeaderEpoch(0);
  VoterNode voter;
};

// To a voter that is to be added: which levels of kraft.version does it know?
struct VersionsRequest {};

struct Request {
  // Empty: not said, and so not checked. What the core sends leaves it to the transport.
  std::string cluster;
  std::variant<VoteRequest, BeginEpochRequest, EndEpochRequest, FetchRequest, FetchSnapshotRequest,
               DescribeRequest, AddVoterRequest, RemoveVoterRequest, UpdateVoterRequest, VersionsRequest>
      body;
};

// --- Replies -------------------------------------------------------------------------------------------------------

struct VoteReply {
  bool granted = false;
};
struct BeginEpochReply {};
struct EndEpochReply {};

struct FetchReply {
  Offset high_watermark = Offset(-1);  // -1: not known
  Offset log_start = Offset(-1);
  std::optional<LogPosition> diverging;  // how far the two logs may agree
  std::optional<LogPosition> snapshot;   // to load instead
  // Leaving: the transport adds batches from here on, up to so many bytes, and at least one.
  std::optional<Offset> read_from;
  std::int32_t max_bytes = 0;
  // Arriving.
  std::vector<Batch> batches;
};

struct FetchSnapshotReply {
  LogPosition snapshot{kUnknownLeaderEpoch, Offset(-1)};
  std::int64_t size = 0;       // of the whole
  std::int64_t position = 0;   // of the first byte here
  std::int32_t max_bytes = 0;  // leaving: the transport adds so many at most
  Slice bytes;                 // arriving
};

struct ReplicaStatus {
  ReplicaKey key;
  Endpoints endpoints;
  Offset end = Offset(-1);              // -1: not known
  std::optional<Duration> since_fetch;  // nothing: it never fetched
  std::optional<Duration> since_caught_up;
};
struct DescribeReply {
  Offset high_watermark = Offset(-1);
  std::vector<ReplicaStatus> voters;
  std::vector<ReplicaStatus> observers;
};

// To an addition, a removal or an update.
struct VoterChangeReply {};

struct VersionsReply {
  std::optional<VersionRange> kraft_versions;
};

struct Reply {
  ErrorCode top = ErrorCode::none;    // of the request as a whole; the rest then means nothing
  ErrorCode error = ErrorCode::none;  // of the log that it is about
  std::string message;                // for people; may be empty
  NodeId leader = kNoNode;            // as the answering replica knows it
  LeaderEpoch epoch = kUnknownLeaderEpoch;
  Endpoints leader_endpoints;
  std::variant<VoteReply, BeginEpochReply, EndEpochReply, FetchReply, FetchSnapshotReply, DescribeReply,
               VoterChangeReply, VersionsReply>
      body;
};

}  // namespace ottla::raft
