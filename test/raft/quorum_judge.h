// What must hold among the replicas, whatever each of them believes. Knows all of them at once, as none does.
//
//   K1  an epoch has one leader
//   K2  a message that rests on an epoch or vote leaves when that is durable
//   K3  a leader shows what is committed when a record of its own epoch is
//   K4  what it shows is durable on a majority of the voters in force
//   K5  what is committed is the same everywhere, and is never cut off
//   K6  a new leader has all that was acknowledged
//   K8  voters change by one at a time, and the next change waits for the last one's commit
//   K10 only voters stand for election; roles follow each other as they may
//
// (K9, that one who comes back does not disturb, is a phase of the run.)
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "raft/core.h"
#include "test/raft/quorum_disk.h"

namespace ottla::raft {

class QuorumJudge {
 public:
  using Violation = std::function<void(std::string)>;
  using DiskOf = std::function<const QuorumDisk*(const ReplicaKey&)>;
  QuorumJudge(Violation violation, DiskOf disk_of)
      : violation_(std::move(violation)), disk_of_(std::move(disk_of)) {}

  // A life begins.
  void started(const Core& core);
  // After each input; `decided` is what came of it.
  void watch(const Core& core, const Decisions& decided);
  // A message is leaving.
  void sends(const Core& core, const QuorumDisk& disk, const Request& request);
  void answers(const Core& core, const QuorumDisk& disk, const Request& asked, const Reply& reply);
  // A client heard that everything below is committed.
  void acknowledged(Offset end) { acknowledged_ = std::max(acknowledged_, end); }

  Offset agreed() const { return Offset(static_cast<std::int64_t>(agreed_.size())); }
  std::uint64_t elections() const { return leaders_.size(); }
  std::uint64_t voter_changes() const { return voter_changes_; }

 private:
  struct Record {
    LeaderEpoch epoch;
    std::string bytes;
    Offset base;
    friend bool operator==(const Record&, const Record&) = default;
  };
  struct Seen {
    std::size_t role = 0;
    LeaderEpoch epoch;
    Offset committed;
    std::map<Offset, Batch> decided;  // the log as the core decided it, since this life began
  };
  void check_role(const Core& core, Seen& seen);
  void check_leader(const Core& core);
  void check_steps(const Core& core, const Decisions& decided, Seen& seen);
  void check_voters(const Core& core, const Batch& batch);
  void check_committed(const Core& core, Seen& seen);
  bool on_majority(const Core& core, Offset last) const;
  void promise(const Core& core, const ReplicaKey& candidate);
  void fail(const Core& core, const std::string& what);

  Violation violation_;
  DiskOf disk_of_;
  std::map<LeaderEpoch, ReplicaKey> leaders_;
  std::map<ReplicaKey, Seen> seen_;
  std::map<ReplicaKey, std::pair<LeaderEpoch, ReplicaKey>>
      promises_;                // the last vote that others may rely on
  std::vector<Record> agreed_;  // by offset
  Offset acknowledged_ = Offset(0);
  std::uint64_t voter_changes_ = 0;
};

}  // namespace ottla::raft
