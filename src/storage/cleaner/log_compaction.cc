#include "storage/cleaner/log_compaction.h"

#include <cstddef>
#include <optional>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/task.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/cleaning.h"
#include "storage/log/log.h"
#include "storage/log/log_config.h"
#include "storage/producer/producer_states.h"

namespace ottla::storage {

CompactionConfig LogCompaction::compaction() const {
  const LogConfig& config = log_.config();
  return {.min_cleanable_ratio = config.min_cleanable_dirty_ratio,
          .min_lag = config.min_compaction_lag_ms,
          .max_lag = config.max_compaction_lag_ms,
          .delete_retention = config.delete_retention_ms,
          .segment_bytes = config.segment_bytes,
          .segment_index_bytes = config.segment_index_bytes,
          .max_record_bytes = config.append.max_record_bytes,
          .compacts = config.compacts,
          .deletes = config.deletes};
}

ActiveProducers LogCompaction::active_producers() const {
  ActiveProducers producers;
  for (const ActiveProducer& one : log_.producers().active()) {
    const bool has_data = one.last_data_offset != kUnknownOffset;
    producers[one.facts.id] = {
        .last_data_offset = has_data ? std::optional(one.last_data_offset) : std::nullopt,
        .epoch = one.facts.epoch};
  }
  return producers;
}

Task<Result<void>> LogCompaction::delete_old_segments() {
  OTTLA_CO_TRY([[maybe_unused]] const std::size_t count, co_await log_.delete_old_segments());
  co_return Result<void>();
}

}  // namespace ottla::storage
