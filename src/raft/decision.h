// What the core decides, for the driver to carry out.
//
// Order:       1. the disk's steps, one after the other  2. what is sent, and answered
//              Messages that rest on a vote or epoch are handed out only when that was saved, so nothing is to be
//              held back by the driver. A fetch's reply may be read from the log while the log is not synced yet.
// Lifetime:    values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "raft/connections.h"
#include "raft/election_state.h"
#include "raft/message.h"
#include "raft/roles.h"

namespace ottla::raft {

// Durable when it has ended; then Core::election_saved(version).
struct SaveElection {
  std::uint64_t version = 0;
  ElectionState state;
  std::int16_t kraft_version = kStaticVoters;
  std::vector<NodeId> voters;
};
// Readable when it has ended; durable after the next sync, told by Core::log_synced(end, generation).
struct AppendToLog {
  std::vector<Batch> batches;
};
// From here on syncs belong to `generation`.
struct TruncateLog {
  Offset end = Offset(0);
  std::uint64_t generation = 0;
};
// All records go; the log continues where the snapshot ends.
struct RestartLog {
  LogPosition snapshot;
  std::uint64_t generation = 0;
};
// A piece of a snapshot that the leader sends; the first one begins at 0. After the last the snapshot is durable and
// under its name, then Core::snapshot_installed.
struct WriteSnapshot {
  LogPosition id;
  std::int64_t position = 0;
  Slice bytes;
  bool last = false;
};
using DiskStep = std::variant<SaveElection, AppendToLog, TruncateLog, RestartLog, WriteSnapshot>;

struct Destination {
  NodeId id = kNoNode;  // below -1: a bootstrap server, whose number is not known
  std::string host;
  std::uint16_t port = 0;
};
struct Outgoing {
  Correlation correlation = 0;
  Destination to;
  Request request;
};
struct Answer {
  RequestToken token = 0;
  Reply reply;
};

// All below is committed: on a majority, and never to change.
struct Committed {
  Offset high_watermark = Offset(0);
};
// kNoNode: nobody is known to lead.
struct LeaderChanged {
  NodeId leader = kNoNode;
  LeaderEpoch epoch = LeaderEpoch(0);
};
struct ShutDown {
  bool in_time = true;
};
// A peer did what no correct peer does; it was ignored.
struct Oddity {
  std::string text;
};
using Notice = std::variant<Committed, LeaderChanged, ShutDown, Oddity>;

struct Decisions {
  std::vector<DiskStep> steps;
  std::vector<Outgoing> requests;
  std::vector<Answer> answers;
  std::vector<Notice> notices;

  bool empty() const { return steps.empty() && requests.empty() && answers.empty() && notices.empty(); }
};

}  // namespace ottla::raft
