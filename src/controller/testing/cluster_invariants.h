// What must hold of a cluster's partitions and brokers, whatever is asked of the controller.
//
// Invariants:  M3 topic ids are never used again
//              M4 finalised features are within what every registered broker supports
//              M5 a reassignment completes or reverts, and can be broken off at any time
//              D10 epochs of leaders and partitions never go back, and grow with what they count
//              D12 ISR and ELR are disjoint parts of the replicas; a leader is in sync and alive; whoever joins is alive
#pragma once

#include <set>
#include <string>

#include "base/uuid.h"
#include "metadata/image.h"

namespace ottla::controller::testing {

class ClusterJudge {
 public:
  // Empty, or what does not hold after the step from one image to the other.
  std::string judge(const metadata::MetadataImage& before, const metadata::MetadataImage& after);

 private:
  std::string judge_ids(const metadata::MetadataImage& before, const metadata::MetadataImage& after);

  std::set<Uuid> used_;  // ids of topics that are gone
};

}  // namespace ottla::controller::testing
