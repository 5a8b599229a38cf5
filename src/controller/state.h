// What the active controller decides upon: the image that its records make, and indexes over it that follow by replay.
//
// Use:         OTTLA_CHECK(state.replay(value));
// Lifetime:    made of a committed image when this node begins to lead, dropped when it ends; the image may be ahead of
//              what is committed.
// Concurrency: confined to one shard.
// Invariants:  1. nothing but replay() changes it
//              2. the indexes say what the image says (broken_invariant() compares them; for tests)
// Errors:      of replay(): as metadata/replay.h; a controller cannot go on after one.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "controller/controller_options.h"
#include "controller/partition_index.h"
#include "controller/topic_names.h"
#include "metadata/image.h"
#include "metadata/metadata_version.h"
#include "protocol/record_codec.h"

namespace ottla::controller {

class State {
 public:
  // `options` outlive it. Of brokers in the image it is thought that they registered where their epoch says.
  State(const ControllerOptions& options, metadata::MetadataImage image);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const metadata::MetadataImage& image() const { return image_; }
  const ControllerOptions& options() const { return options_; }
  const PartitionIndex& partitions() const { return partitions_; }
  const TopicNames& topic_names() const { return topic_names_; }

  // Before the first record it is the oldest one.
  metadata::MetadataVersion version() const {
    return image_.features.metadata_version.value_or(metadata::kOldestMetadataVersion);
  }
  bool elr_enabled() const { return image_.features.elr_enabled(); }

  // Where the broker's last registration stands in the log: who has replayed it knows of it. Nothing when it is not
  // registered.
  std::optional<Offset> registered_at(NodeId broker) const;

  // The record of the metadata log at that offset. Those that begin and end transactions change nothing.
  Result<> replay(std::span<const std::byte> value, Offset offset);
  // The same, decoded.
  Result<> replay(const protocol::MessageInfo& message, const void* record, Offset offset);

  // Empty, or what does not hold. For tests, fuzzers and simulations: looks at everything.
  std::string broken_invariant() const;

 private:
  void index_all();
  void index_topic(const Uuid& id, const metadata::TopicImage* before);
  Result<> replay_partition(const PartitionKey& key, const protocol::MessageInfo& message,
                            const void* record);

  const ControllerOptions& options_;
  metadata::MetadataImage image_;
  PartitionIndex partitions_;
  TopicNames topic_names_;
  std::map<NodeId, Offset> registered_;  // that this controller has seen
  Budget budget_;
  Arena arena_;
};

}  // namespace ottla::controller
