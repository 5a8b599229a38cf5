// Replicas of partitions that are to be: those that people asked for, and the records of new partitions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "controller/api_error.h"
#include "controller/draft.h"
#include "controller/partition_change.h"
#include "metadata/image.h"
#include "metadata/partition.h"

namespace ottla::controller {

// Whether these may be a partition's replicas; `expected` is how many the partitions before it had.
ApiError check_assignment(const metadata::MetadataImage& image, metadata::BrokerIds replicas,
                          std::optional<std::size_t> expected);

// Those that are neither fenced nor shut down.
BrokerList active_of(const metadata::MetadataImage& image, metadata::BrokerIds brokers);

struct NewPartition {
  std::int32_t index;
  BrokerList replicas;
  BrokerList isr;  // not empty; the first one leads
};

void add_partition(Draft& draft, const Uuid& topic, const NewPartition& partition);

}  // namespace ottla::controller
