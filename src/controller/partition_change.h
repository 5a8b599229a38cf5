// What becomes of one partition when its replicas or its brokers change: the leader, the ISR, who may lead although it
// is out of sync, whether a reassignment is done. The one place where these are decided.
//
// Use:         PartitionChange change(draft, key);   change.isr = …;   change.write(draft);
// Lifetime:    one change; made of the draft as it is then.
// Invariants:  after it the leader is in the ISR and alive, or nobody leads; the ISR and the eligible replicas are
//              disjoint parts of the replicas
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "controller/draft.h"
#include "controller/partition_index.h"
#include "metadata/partition.h"

namespace ottla::controller {

using BrokerList = std::vector<std::int32_t>;
using metadata::LeaderRecovery;

enum class Election : std::uint8_t {
  online,     // the leader stays while it may
  preferred,  // the first replica, when it may
  unclean,    // one that is out of sync, when no other may
};

// What happens to brokers and is not in the image yet; -1: to none.
struct BrokerChange {
  std::int32_t removed = -1;  // is fenced, shuts down or goes
  std::int32_t added = -1;    // is unfenced
  std::int32_t unclean = -1;  // comes back without having shut down in order
};

// Where a new replica lies: the broker's only directory, or where it will say.
Uuid default_directory(const metadata::MetadataImage& image, std::int32_t broker);
// Neither fenced nor shutting down.
bool is_active(const metadata::MetadataImage& image, std::int32_t broker);

class PartitionChange {
 public:
  // The partition exists.
  PartitionChange(const Draft& draft, const PartitionKey& key, const BrokerChange& brokers = {});

  void put_into(std::int32_t broker, const Uuid& directory) { directories_[broker] = directory; }
  // Whether there was anything to change.
  bool write(Draft& draft);

  // Targets, to be set before write(); at first what is.
  BrokerList isr;
  BrokerList replicas;
  BrokerList removing;
  BrokerList adding;
  LeaderRecovery recovery;
  Election election = Election::online;

 private:
  struct Elected {
    std::int32_t leader = -1;
    bool unclean = false;
  };

  void complete_reassignment();
  void choose_eligible();
  Elected elect() const;
  bool accepts(std::int32_t broker) const;
  bool may_lead(std::int32_t broker) const;
  bool last_known_may_lead() const;
  void set_leader(const Elected& elected);
  void raise_leader_epoch();
  void set_isr();
  void set_eligible();
  void set_last_known();
  void set_assignment();

  const PartitionKey key_;
  const metadata::PartitionRef before_;
  const BrokerChange brokers_;
  const metadata::MetadataImage& image_;
  const metadata::MetadataVersion version_;
  const bool elr_enabled_;
  const std::int32_t min_isr_;
  BrokerList eligible_;
  BrokerList last_known_;
  std::map<std::int32_t, Uuid> directories_;
  std::vector<Uuid> directory_list_;
  bool elected_uncleanly_ = false;
  protocol::PartitionChangeRecord record_;
};

}  // namespace ottla::controller
