// Lists of a partition's brokers as responses carry them.
//
// Lifetime:    of the partition or the arena.
// Errors:      out_of_budget.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/result.h"
#include "metadata/describe/brokers.h"
#include "metadata/partition.h"
#include "protocol/array.h"

namespace ottla::metadata {

using BrokerList = protocol::Array<std::int32_t>;

// Not copied: they lie in the partition.
inline BrokerList shared(BrokerIds brokers) {
  return BrokerList(brokers.data(), brokers.size());
}
// Replicas that cannot be reached: their brokers are gone, fenced or not on the listener, or their directories failed.
Result<BrokerList> offline_replicas(const Partition& partition, const BrokerViews& brokers, Arena& arena);
// Those of the brokers that are alive and on the listener.
Result<BrokerList> alive_among(BrokerIds ids, const BrokerViews& brokers, Arena& arena);

}  // namespace ottla::metadata
