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
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/result.h"
#include "base/slice.h"
#include "controller/controller_options.h"
#include "controller/partition_index.h"
#include "metadata/image.h"
#include "metadata/metadata_version.h"
#include "protocol/record_codec.h"

namespace ottla::controller {

class State {
 public:
  // `options` outlive it.
  State(const ControllerOptions& options, metadata::MetadataImage image);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const metadata::MetadataImage& image() const { return image_; }
  const ControllerOptions& options() const { return options_; }
  const PartitionIndex& partitions() const { return partitions_; }

  // Before the first record it is the oldest one.
  metadata::MetadataVersion version() const {
    return image_.features.metadata_version.value_or(metadata::kOldestMetadataVersion);
  }
  bool elr_enabled() const { return image_.features.elr_enabled(); }

  // A record of the metadata log. Those that begin and end transactions change nothing.
  Result<> replay(std::span<const std::byte> value);
  // The same, decoded.
  Result<> replay(const protocol::MessageInfo& message, const void* record);

  // Empty, or what does not hold. For tests, fuzzers and simulations: looks at everything.
  std::string broken_invariant() const;

 private:
  Result<> replay_partition(const PartitionKey& key, const protocol::MessageInfo& message,
                            const void* record);

  const ControllerOptions& options_;
  metadata::MetadataImage image_;
  PartitionIndex partitions_;
  Budget budget_;
  Arena arena_;
};

}  // namespace ottla::controller
