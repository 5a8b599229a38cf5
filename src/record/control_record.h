// Records that no client sends: they stand alone in a control batch and say what became of a transaction, or what
// the metadata quorum has to know of itself.
//
// Lifetime:    what is read is a value.
// Concurrency: pure.
// Errors:      truncated and malformed. A type that we do not know is not an error: readers pass over it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_layout.h"
#include "record/record_view.h"

namespace ottla::record {

enum class ControlType : std::int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  voters = 6,
};

// Out of a control record's key; nothing when a later version invented the type.
Result<std::optional<ControlType>> read_control_type(const RecordView& record);

// The end of a transaction in one partition.
struct EndMarker {
  bool committed = false;
  std::int32_t coordinator_epoch = 0;

  friend bool operator==(const EndMarker&, const EndMarker&) = default;
};

// Of a record whose type is abort or commit.
Result<EndMarker> read_end_marker(ControlType type, const RecordView& record);

struct EndMarkerOptions {
  Offset offset = Offset(0);
  std::int32_t leader_epoch = -1;
  std::int64_t timestamp = 0;
  std::int64_t producer_id = kNoProducerId;
  std::int16_t producer_epoch = kNoProducerEpoch;
};

// The whole batch.
Slice end_marker_batch(const EndMarkerOptions& options, const EndMarker& marker,
                       BufferSource& source = heap_buffers());

// The key of a control record of that type.
std::array<std::byte, 4> control_key(ControlType type);

}  // namespace ottla::record
