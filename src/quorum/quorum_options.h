// What a node's metadata quorum has to know, and how that follows from its configuration.
//
// Lifetime: values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "config/node_config.h"
#include "config/node_shape.h"
#include "quorum/metadata_topic.h"
#include "quorum/retention.h"
#include "quorum/snapshot_trigger.h"
#include "raft/core.h"
#include "runtime/task.h"
#include "storage/log/log_config.h"

namespace ottla {
class FileSystem;
}

namespace ottla::quorum {

struct QuorumOptions {
  std::string directory;   // metadata.log.dir
  raft::CoreOptions raft;  // who this replica is, the voters, the timing
  std::shared_ptr<const storage::LogConfig> log = std::make_shared<storage::LogConfig>();
  SnapshotRules snapshots;
  Retention retention;
  std::int32_t largest_batch = kLargestBatch;
  std::string client_id = "raft-client";  // what peers are told
  FileSystem* files = nullptr;            // the shard's own, unless somebody stands between
  bool was_clean = false;                 // the directory was closed in good order
  // Is waited for when nothing in the directory refuses the start, and before anything there is changed.
  std::function<Task<Result<void>>()> before_changes = {};
};

// Who this node is, as meta.properties of the metadata directory says.
struct QuorumIdentity {
  std::string cluster_id;
  Uuid directory_id;
};

// metadata.log.dir, or the first log directory.
std::string metadata_directory(const config::NodeConfig& config);

// `bound`: the controller's listeners with the ports that they really have, for who is one.
QuorumOptions quorum_options(const config::NodeConfig& config, const config::NodeShape& shape,
                             const QuorumIdentity& identity, const std::vector<config::Endpoint>& bound);

}  // namespace ottla::quorum
