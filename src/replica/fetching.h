// One fetch of many partitions, which may live on several shards: reads them all, and waits until they hold enough.
//
// Lifetime:    for one call of ReplicaDoor::fetch().
// Concurrency: on the shard of the door; what happens on other shards is messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "replica/answers.h"
#include "replica/replica_door.h"
#include "replica/waiting.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace ottla::replica {

class Fetching {
 public:
  Fetching(ReplicaDoor& door, FetchCall call, Cancel cancel);

  Task<std::vector<ReadAnswer>> run();

 private:
  using Places = std::vector<std::size_t>;
  // What the fetch may still take.
  struct Room {
    std::uint64_t bytes = 0;
    bool at_least_one = true;
  };
  // One partition to wait for, and where.
  struct WaitItem {
    PartitionKey key;
    FetchWait::Place place;
  };

  Task<void> read_all();
  // From all shards at once, each a share of the answer. False when some partition would have got more, or another one
  // less, had they been read one after the other.
  Task<bool> read_at_once();
  bool was_limited(const Places& places, std::uint64_t room) const;
  Task<void> read_in_order();
  Task<void> read_on(ShardId shard, const Places& places, Room& room);
  static Task<std::vector<ReadAnswer>> read_here(ReplicaSet& set, std::vector<FetchItem> items, Room room);

  // What there is for the reader, whether or not it fits into this answer.
  std::uint64_t readable(std::size_t place) const;
  bool enough() const;
  // Until something has happened that makes another look worth it; false when nothing did.
  Task<bool> wait();
  Task<bool> wait_here(std::vector<WaitItem> items, std::uint64_t wanted);
  Task<bool> wait_everywhere(std::uint64_t wanted);
  static bool watch_all(ReplicaSet& set, FetchWait& wait, const std::vector<WaitItem>& items);
  static Task<bool> wait_on(ReplicaSet& set, std::uint64_t name, std::vector<WaitItem> items,
                            std::uint64_t wanted, Instant deadline);
  std::vector<WaitItem> wait_items(const Places& places) const;

  ReplicaDoor& door_;
  const FetchCall call_;
  const Cancel cancel_;
  const Instant deadline_;
  const std::map<ShardId, Places> shards_;
  std::vector<ReadAnswer> answers_;
};

}  // namespace ottla::replica
