#include <algorithm>
#include <utility>

#include "storage/log/batch_cursor.h"
#include "storage/log/batch_search.h"
#include "storage/log/log.h"
#include "storage/log/segment_scan.h"

namespace ottla::storage {
namespace {

bool may_hold(const StoredBatch& batch, std::int64_t timestamp, Offset from) {
  return batch.max_timestamp >= timestamp && batch.last_offset >= from;
}

Log::TimedOffset timed_offset(const RecordPlace& record, const StoredBatch& batch) {
  return {.timestamp = record.timestamp, .offset = record.offset, .leader_epoch = batch.leader_epoch};
}

}  // namespace

// From the batch at `position` on, the first record at or after `from` that is not earlier than `timestamp`.
Task<Result<std::optional<Log::TimedOffset>>> Log::search_segment(Segment& segment, std::uint64_t position,
                                                                  std::int64_t timestamp, Offset from) {
  using Found = std::optional<TimedOffset>;
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await segment.open_log());
  BatchCursor cursor(*log, position, segment.size(), segment.heads());
  while (true) {
    OTTLA_CO_TRY(const std::optional<StoredBatch> batch, co_await cursor.next());
    if (!batch) co_return Found();
    if (!may_hold(*batch, timestamp, from)) continue;
    std::optional<RecordPlace> record = find_by_header(*batch, from);
    if (!record) {
      SegmentScan scan(*log, batch->position, batch->end());
      OTTLA_CO_TRY(const std::optional<SegmentScan::Batch> whole, co_await scan.next());
      if (whole->is_damaged()) {
        co_return Error(Errc::corrupt, "the checksum of the batch at byte " +
                                           std::to_string(batch->position) + " of " + segment.log_path() +
                                           " does not hold");
      }
      OTTLA_CO_TRY(record, find_record(*tools_.codecs, whole->header, whole->bytes, timestamp, from));
    }
    if (record) co_return Found(timed_offset(*record, *batch));
  }
}

std::optional<std::optional<Log::TimedOffset>> Log::search_time_now(Segment& segment,
                                                                    std::int64_t timestamp) {
  using Found = std::optional<TimedOffset>;
  const std::optional<TimestampOffset> at = segment.times().lookup_now(timestamp);
  if (!at) return std::nullopt;
  const auto from = segment.offsets().lookup_now(std::max(at->offset, marks_.log_start));
  if (!from) return std::nullopt;
  const SegmentHeads known = segment.heads();
  for (std::uint64_t position = from->at.position; position < segment.size();) {
    const StoredBatch* const batch = known.find(position);
    if (batch == nullptr) return std::nullopt;
    position = batch->end();
    if (!may_hold(*batch, timestamp, marks_.log_start)) continue;
    const std::optional<RecordPlace> record = find_by_header(*batch, marks_.log_start);
    if (!record) return std::nullopt;
    return Found(timed_offset(*record, *batch));
  }
  return Found();
}

Task<Result<std::optional<Log::TimedOffset>>> Log::search_time(Segment& segment, std::int64_t timestamp) {
  OTTLA_CO_TRY(const TimestampOffset at, co_await segment.times().lookup(timestamp));
  OTTLA_CO_TRY(const OffsetPosition from,
               co_await segment.offsets().lookup(std::max(at.offset, marks_.log_start)));
  co_return co_await search_segment(segment, from.position, timestamp, marks_.log_start);
}

template <typename Find>
Task<Result<std::optional<Log::TimedOffset>>> Log::look_up(Find find) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  while (true) {
    const CutVersion version = cut_version();
    Result<std::optional<TimedOffset>> found = co_await find();
    if (version != cut_version()) continue;
    if (!found.ok() && found.error() == Errc::io_error) (void)note_failure(found.error());
    co_return found;
  }
}

Task<Result<std::optional<Log::TimedOffset>>> Log::offset_for_timestamp(std::int64_t timestamp) {
  return look_up([this, timestamp] { return find_timestamp(timestamp); });
}

Task<Result<std::optional<Log::TimedOffset>>> Log::offset_of_max_timestamp() {
  return look_up([this] { return find_max_timestamp(); });
}

Task<Result<std::optional<Log::TimedOffset>>> Log::find_timestamp(std::int64_t timestamp) {
  using Found = std::optional<TimedOffset>;
  Offset at = segments_.front()->base_offset();
  while (true) {
    Segment& segment = *segments_[floor_segment(at)];
    OTTLA_CO_TRY(const Gate::Pass inside, segment.enter());
    std::optional<std::int64_t> largest = segment.largest_timestamp_now();
    if (!largest) {
      OTTLA_CO_TRY(largest, co_await segment.largest_timestamp());
    }
    if (*largest >= timestamp && segment.size() > 0) {
      std::optional<Found> found = search_time_now(segment, timestamp);
      if (!found) {
        OTTLA_CO_TRY(found, co_await search_time(segment, timestamp));
      }
      // All of them may lie below the log's start.
      if (*found) co_return *found;
    }
    const auto next = std::ranges::upper_bound(segments_, segment.base_offset(), {}, &Segment::base_offset);
    if (next == segments_.end()) co_return Found();
    at = (*next)->base_offset();
  }
}

Task<Result<std::optional<Log::TimedOffset>>> Log::find_max_timestamp() {
  using Found = std::optional<TimedOffset>;
  Offset at = segments_.front()->base_offset();
  TimestampOffset latest;
  Offset base = at;
  while (true) {
    Segment& segment = *segments_[floor_segment(at)];
    OTTLA_CO_TRY(const Gate::Pass inside, segment.enter());
    OTTLA_CO_TRY(const TimestampOffset here, co_await segment.max_timestamp());
    if (here.timestamp > latest.timestamp) {
      latest = here;
      base = segment.base_offset();
    }
    const auto next = std::ranges::upper_bound(segments_, segment.base_offset(), {}, &Segment::base_offset);
    if (next == segments_.end()) break;
    at = (*next)->base_offset();
  }
  if (latest.timestamp < 0) co_return Found();
  Segment& segment = *segments_[floor_segment(base)];
  OTTLA_CO_TRY(const Gate::Pass inside, segment.enter());
  OTTLA_CO_TRY(const OffsetPosition from, co_await segment.offsets().lookup(latest.offset));
  co_return co_await search_segment(segment, from.position, latest.timestamp, Offset(0));
}

// What a reader of committed records has to leave out of what was fetched.
Task<Result<void>> Log::collect_aborted(Offset segment_base, Fetched& fetched, Offset start) {
  Offset at = segment_base;
  while (true) {
    Segment& segment = *segments_[floor_segment(at)];
    OTTLA_CO_TRY(const Gate::Pass inside, segment.enter());
    if (!segment.transactions().loaded()) OTTLA_CO_CHECK(co_await segment.load_indexes());
    OTTLA_CO_TRY(const bool complete,
                 co_await segment.transactions().collect(start, fetched.next, fetched.aborted));
    const auto next = std::ranges::upper_bound(segments_, segment.base_offset(), {}, &Segment::base_offset);
    if (complete || next == segments_.end()) co_return Result<void>();
    at = (*next)->base_offset();
  }
}

}  // namespace ottla::storage
