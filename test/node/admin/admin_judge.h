// Looks at what a node's metadata say, life after life, and says what must not be.
//
// Invariants (of what it judges):
//   K1  what is committed in an epoch is committed in one life: no vote was forgotten (K2)
//   K3  a life tells what is committed when something of its own epoch is
//   K5  what was committed stays: the same at each offset, for ever
//   M3  topic ids are never used again                   M4, M5, D10, D12 as controller/testing/cluster_invariants.h
//   M6  what was said to be done is in force, at once and after any death; the rest has happened whole or not at all
//   T6  no producer id is given to two producers
// Concurrency: outside of the world; called between two steps, and when a client was told something.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "controller/testing/cluster_invariants.h"
#include "metadata/image.h"
#include "test/node/admin/ledger.h"

namespace ottla::server {

class AdminJudge {
 public:
  explicit AdminJudge(std::function<void(std::string)> accuse)
      : accuse_(accuse), ledger_(std::move(accuse)) {}

  Ledger& ledger() { return ledger_; }
  // Null while the node serves nobody.
  void look(std::uint64_t life, const metadata::SharedImage& image);
  void life_ended();
  void producer_id(std::int64_t id);

  // NAME-PARTITION of all partitions that the node has.
  std::multiset<std::string> partitions() const;
  const metadata::SharedImage& last() const { return last_; }
  std::uint64_t images() const { return images_; }

 private:
  const std::function<void(std::string)> accuse_;
  Ledger ledger_;
  controller::testing::ClusterJudge cluster_;
  metadata::SharedImage last_;  // in any life
  std::map<Offset, std::uint64_t> hashes_;
  std::map<LeaderEpoch, std::uint64_t> epochs_;  // in which life each led to something
  std::set<std::int64_t> producer_ids_;
  std::uint64_t images_ = 0;
};

}  // namespace ottla::server
