// Moving a partition from some replicas to others: what it takes, when it is done, what it was before. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "metadata/partition.h"

namespace ottla::controller {

// A reassignment under way: `replicas` are all of them, those that are to go at the end.
struct Reassignment {
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> removing;
  std::vector<std::int32_t> adding;

  static Reassignment between(metadata::BrokerIds current, metadata::BrokerIds target);
};

struct CompletedReassignment {
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> isr;
};

// Nothing while it has to go on, or when there is none.
std::optional<CompletedReassignment> completed(const Reassignment& reassignment, metadata::BrokerIds isr);

struct RevertedReassignment {
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> isr;
  bool unclean = false;  // nobody of those that were there before is in sync
};

// Nothing when no replica is left from before.
std::optional<RevertedReassignment> reverted(const metadata::Partition& partition);

}  // namespace ottla::controller
