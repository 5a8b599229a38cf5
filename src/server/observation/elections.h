// Counts how leaders of partitions were elected, from what the metadata say of them before and after.
//
// Lifetime:    of a node that is a controller; the registry outlives it.
// Concurrency: confined to the first shard.
#pragma once

#include "base/metric_registry.h"
#include "metadata/delta.h"

namespace ottla::server {

class Elections {
 public:
  explicit Elections(MetricRegistry& registry);

  // What is published for the first time counts as nothing: it is all that there is.
  void note(const metadata::MetadataDelta& delta);

 private:
  void note(const metadata::Partition& before, const metadata::Partition& after);

  Metric<Counter> unclean_;
  Metric<Counter> from_eligible_;
};

}  // namespace ottla::server
