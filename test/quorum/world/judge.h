// Sees what all members of a quorum are told, in all their lives, and says what must not be.
//
// Invariants (of what it judges):
//   K1  one node leads in an epoch, and nobody else
//   K3  what was told as committed is told the same to everybody, for ever
//   K9  nobody is told of a batch that does not follow the one before it
//   M1  what a leader has promised is in every image in the end
// Concurrency: outside of the world; called from within any of its processes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "metadata/image.h"
#include "metadata/loader.h"

namespace ottla::quorum {

class Judge {
 public:
  void leads(NodeId node, LeaderEpoch epoch);
  void told(NodeId node, const metadata::CommittedBatch& batch);
  void promised(std::string topic) { promised_.insert(std::move(topic)); }
  // At the end, when all is well again.
  void check_image(NodeId node, const metadata::MetadataImage& image);
  void accuse(std::string what);

  std::size_t promises() const { return promised_.size(); }
  const std::vector<std::string>& findings() const { return findings_; }

 private:
  struct Told {
    LeaderEpoch epoch;
    Offset last;
    std::uint64_t hash = 0;
  };
  std::map<LeaderEpoch, NodeId> leaders_;
  std::map<Offset, Told> batches_;
  std::set<std::string> promised_;
  std::vector<std::string> findings_;
};

}  // namespace ottla::quorum
