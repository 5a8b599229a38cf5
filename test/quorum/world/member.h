// One member of the quorum, life after life: it formats its directory if need be, takes part, and appends topics while
// it leads.
//
// Lifetime:    outlives the world's processes.
// Concurrency: each life is confined to its process; the run looks at it between two steps.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "quorum/metadata_quorum.h"
#include "quorum/quorum_listener.h"
#include "runtime/process.h"
#include "runtime/task.h"
#include "sim/host.h"
#include "test/quorum/world/broken_doors.h"
#include "test/quorum/world/judge.h"

namespace ottla::quorum {

class Member {
 public:
  struct Plan {
    NodeId node;
    int voters = 1;
    Plant plant = Plant::none;
  };
  Member(Plan plan, Judge& judge, sim::Host& host) : plan_(plan), judge_(judge), host_(host) {}

  Task<int> live(Cancel cancel);
  // Null while it is not up.
  const MetadataQuorum* quorum() const { return quorum_; }
  NodeId node() const { return plan_.node; }
  sim::Host& host() const { return host_; }
  // Of the last record that its image tells.
  Offset told() const { return quorum_->loader().image()->provenance.offset; }
  // Why the last life ended by itself.
  const std::string& last_failure() const { return last_failure_; }
  // From now on it appends nothing but that.
  void finish_with(std::string topic) { last_wish_ = std::move(topic); }

 private:
  class Witness;
  class Up;

  QuorumOptions options(FileSystem& files) const;
  Task<Result<void>> format_if_needed(FileSystem& files);
  Task<Result<void>> take_part(FileSystem& files, Cancel cancel);
  Task<void> append_topics(MetadataQuorum& quorum, Witness& witness, Cancel cancel);

  const Plan plan_;
  Judge& judge_;
  sim::Host& host_;
  MetadataQuorum* quorum_ = nullptr;
  std::string last_failure_;
  std::string last_wish_;
  std::uint64_t lives_ = 0;
};

}  // namespace ottla::quorum
