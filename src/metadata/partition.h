// What the cluster knows of one partition.
//
// Lifetime:    a Partition never changes; a change makes another one. PartitionFields point into what they were
//              taken from.
// Concurrency: constant, so that any shard may read it.
// Invariants:  each replica has a directory.
// Memory:      one block of 48 bytes, 16 more a replica's directory and 4 a broker in any list: a cluster has many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/counted.h"
#include "base/result.h"
#include "base/uuid.h"
#include "protocol/messages/cluster_metadata.h"

namespace ottla::metadata {

// Directories that stand for something else than a directory.
inline constexpr Uuid kMigratingDirectory{0, 0};   // nobody has said yet where the replica lies
inline constexpr Uuid kUnassignedDirectory{0, 1};  // the broker chooses
inline constexpr Uuid kLostDirectory{0, 2};        // was in a directory that failed

enum class LeaderRecovery : std::int8_t {
  recovered = 0,
  recovering = 1,  // the leader was elected uncleanly and is not done with what follows from it
};

// Brokers by their ids, as records have them.
using BrokerIds = std::span<const std::int32_t>;

struct PartitionFields {
  BrokerIds replicas;  // the first one is preferred
  std::span<const Uuid> directories;
  BrokerIds isr;
  BrokerIds removing_replicas;
  BrokerIds adding_replicas;
  BrokerIds elr;             // eligible leader replicas: out of sync but hold all that is committed
  BrokerIds last_known_elr;  // may hold all that is committed, after all others fell out
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  LeaderRecovery leader_recovery = LeaderRecovery::recovered;
};

class Partition;
using PartitionRef = Ref<const Partition>;

class alignas(Uuid) Partition : public Counted {
 public:
  // Copies what the fields point to.
  static PartitionRef make(const PartitionFields& fields);
  static void destroy(const Partition* partition);

  // What the records make of it; `change` adds one to the partition's epoch. Directories that nobody has told are
  // kMigratingDirectory.
  static Result<PartitionRef> from(const protocol::PartitionRecord& record);
  Result<PartitionRef> changed_by(const protocol::PartitionChangeRecord& record) const;
  // The same without eligible replicas, which is a change too.
  PartitionRef without_elr() const;

  BrokerIds replicas() const { return list(0, replicas_); }
  std::span<const Uuid> directories() const { return {uuids(), replicas_}; }
  BrokerIds isr() const { return list(replicas_, isr_); }
  BrokerIds removing_replicas() const { return list(replicas_ + isr_, removing_); }
  BrokerIds adding_replicas() const { return list(replicas_ + isr_ + removing_, adding_); }
  BrokerIds elr() const { return list(replicas_ + isr_ + removing_ + adding_, elr_); }
  BrokerIds last_known_elr() const {
    return list(replicas_ + isr_ + removing_ + adding_ + elr_, last_known_elr_);
  }
  std::int32_t leader() const { return leader_; }
  std::int32_t leader_epoch() const { return leader_epoch_; }
  std::int32_t partition_epoch() const { return partition_epoch_; }
  LeaderRecovery leader_recovery() const { return leader_recovery_; }

  bool has_leader() const { return leader_ != -1; }
  std::int32_t preferred_leader() const { return replicas_ == 0 ? -1 : replicas()[0]; }
  bool reassigning() const { return removing_ + adding_ > 0; }
  // Null when the broker has no replica.
  const Uuid* directory_of(std::int32_t broker) const;
  PartitionFields fields() const;

  friend bool operator==(const Partition& a, const Partition& b);

 private:
  explicit Partition(const PartitionFields& fields);
  ~Partition() = default;

  // The directories lie behind the object, and then the brokers of all lists.
  static std::size_t bytes_of(const PartitionFields& fields);
  const Uuid* uuids() const { return reinterpret_cast<const Uuid*>(this + 1); }
  BrokerIds list(std::uint32_t skipped, std::uint32_t size) const {
    return {reinterpret_cast<const std::int32_t*>(uuids() + replicas_) + skipped, size};
  }

  std::int32_t leader_;
  std::int32_t leader_epoch_;
  std::int32_t partition_epoch_;
  LeaderRecovery leader_recovery_;
  std::uint32_t replicas_;
  std::uint32_t isr_;
  std::uint32_t removing_;
  std::uint32_t adding_;
  std::uint32_t elr_;
  std::uint32_t last_known_elr_;
};

bool contains(BrokerIds brokers, std::int32_t broker);

}  // namespace ottla::metadata
