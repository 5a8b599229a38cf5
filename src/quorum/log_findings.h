// What lies in the folder of a metadata log, as it was found before anything is changed there, and whether a node may
// begin with it.
//
// A log that was closed in good order has to be whole: nothing is cut off it, and nothing may be missing. After any
// other stop its end may be torn, as a loss of power leaves it; what a snapshot of this replica proves may not.
//
// Lifetime:    values.
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "raft/log_batch.h"
#include "raft/replica_key.h"
#include "raft/voter_set.h"

namespace ottla::quorum {

struct LogFindings {
  struct Damage {
    std::string path;
    std::string what;
  };

  bool has_folder = false;
  Offset start;  // of the first segment
  Offset end;    // behind the last batch up to which all is well
  // Why not further.
  std::optional<Damage> bad;
  // Behind the last offset of what is seen beyond the first damage; at least `end`.
  Offset reaches;
  // What does not fit to the log, though that reads well: indexes and epochs of another one.
  std::optional<Damage> stranger;
  // Of the newest snapshot of producers, which a stop in good order leaves at the log's end.
  std::optional<Offset> closed_at;
  std::string closed_by;  // its path
  // Who votes, as the log says last.
  std::optional<raft::VoterSet> voters;
};

struct LogTerms {
  std::string folder;
  bool was_clean = false;
  // The newest good snapshot.
  std::optional<raft::LogPosition> snapshot = {};
  // Who votes by that snapshot, and who this replica is.
  std::optional<raft::VoterSet> voters = {};
  raft::ReplicaKey self = {};
};

// The errors say what is wrong, where, and what can be done.
Result<void> check_log(const LogFindings& found, const LogTerms& terms);

}  // namespace ottla::quorum
