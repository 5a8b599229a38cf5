// The log that the quorum agrees on, as the active controller needs it.
//
// Lifetime:    outlives the controller that writes to it.
// Concurrency: confined to the quorum's shard.
#pragma once

#include <cstdint>
#include <span>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"

namespace ottla::controller {

class MetadataLog {
 public:
  MetadataLog() = default;
  MetadataLog(const MetadataLog&) = delete;
  MetadataLog& operator=(const MetadataLog&) = delete;
  virtual ~MetadataLog() = default;

  // The records as one batch, from end() on, or nothing of them: gives the last one's offset. closed when this node does
  // not lead in that epoch any more, too_large when they fit into no batch.
  virtual Result<Offset> append(LeaderEpoch epoch, std::span<const Slice> records) = 0;
  // The same for records that may be seen one without the other: in as many batches as they need.
  virtual Result<Offset> append_in_parts(LeaderEpoch epoch, std::span<const Slice> records) = 0;
  // Where the next record goes.
  virtual Offset end() const = 0;
  // Leads no more, if it does in that epoch.
  virtual void resign(LeaderEpoch epoch) = 0;

  virtual std::int16_t kraft_version() const = 0;
  // invalid_argument says why it cannot be.
  virtual Result<> raise_kraft_version(LeaderEpoch epoch, std::int16_t version, bool only_check) = 0;
};

}  // namespace ottla::controller
