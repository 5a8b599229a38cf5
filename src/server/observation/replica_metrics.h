// A node's replicas, logs and log directories under the names that dashboards for the reference know.
//
// Concurrency: on the first shard; of many partitions it tells some, then lets others work.
#pragma once

#include <string>
#include <vector>

#include "replica/replica_gauges.h"
#include "runtime/task.h"
#include "server/observation/prometheus_text.h"

namespace ottla::server {

struct DirectoryState {
  std::string path;
  bool online = false;
  bool cordoned = false;  // takes no new replicas
};

// Both and `text` outlive the call.
Task<void> tell_replicas(const replica::ReplicaGauges& gauges, const std::vector<DirectoryState>& directories,
                         PrometheusText& text);

}  // namespace ottla::server
