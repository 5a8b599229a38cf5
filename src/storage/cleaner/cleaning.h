// What one cleaning of one log goes by, and what it found: for all who take part in it.
//
// Lifetime: values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/offset.h"
#include "record/batch_records.h"

namespace ottla::storage {

// The last thing that a producer wrote: what of it has to stay, so that its sequence or epoch can be learned from the
// log again.
struct LastRecord {
  std::optional<Offset> last_data_offset;  // none: all that is left of it is a marker
  std::int16_t epoch = -1;
};
// Of producers that have not expired. In no order: whoever walks it sorts what it finds.
using ActiveProducers = std::unordered_map<std::int64_t, LastRecord>;

struct CleaningRules {
  std::int64_t now_millis = 0;
  std::int64_t delete_retention_millis = 0;
  // The batch right before it stays, if only as a header, so that the log's offsets do not end earlier.
  Offset high_watermark;
  // Records beyond have not been looked at: they stay.
  Offset latest_mapped = kUnknownOffset;
  record::RecordLimits limits;
  // What of one batch may have to be held at once to make it anew. Of a batch that needs more, everything stays.
  std::uint64_t max_rebuild_bytes = std::uint64_t{256} << 20;
};

struct CleaningStats {
  std::uint64_t mapped_bytes = 0;
  std::uint64_t mapped_records = 0;
  std::uint64_t read_bytes = 0;  // also of stretches of which it was known that nothing is left
  std::uint64_t read_records = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t written_records = 0;
  std::uint64_t records_without_key = 0;
  std::uint64_t oversized_batches = 0;  // stayed because of max_rebuild_bytes
  double map_utilization = 0;

  friend bool operator==(const CleaningStats&, const CleaningStats&) = default;
};

}  // namespace ottla::storage
