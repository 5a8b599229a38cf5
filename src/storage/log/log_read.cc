#include <algorithm>
#include <utility>

#include "storage/log/log.h"

namespace ottla::storage {

Offset Log::end_for(Isolation isolation) const {
  switch (isolation) {
    case Isolation::log_end:
      return marks_.log_end;
    case Isolation::high_watermark:
      return marks_.high_watermark;
    case Isolation::committed:
      return last_stable_offset();
  }
  return marks_.log_start;
}

// A place in a file that was found while something was cut off means nothing, nor does an error on the way to it.
Task<Result<Fetched>> Log::read(ReadRequest request) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  while (true) {
    const CutVersion version = cut_version();
    if (request.start < marks_.log_start || request.start > marks_.log_end) {
      co_return Error(Errc::not_found, "offset " + request.start.to_string() + " of " + partition_ +
                                           ", which holds " + marks_.log_start.to_string() + " to " +
                                           marks_.log_end.to_string());
    }
    const Offset end = end_for(request.isolation);
    if (request.start >= end) {
      co_return Fetched{.next = request.start, .segment_base = active().base_offset()};
    }
    Fetched fetched;
    Result<void> done;
    if (!read_recent(request, end, fetched)) {
      Result<Fetched> found = co_await read_files(request, end, version);
      if (found.ok()) {
        fetched = *std::move(found);
      } else {
        done = std::move(found).error();
      }
    }
    if (done.ok() && request.isolation == Isolation::committed && !fetched.records.empty()) {
      done = co_await collect_aborted(fetched.segment_base, fetched, request.start);
    }
    if (version != cut_version()) continue;
    if (done.ok()) co_return fetched;
    // What such a disk says next is worth nothing either, and its directory goes out of use.
    if (done.error() == Errc::io_error) (void)note_failure(done.error());
    co_return std::move(done).error();
  }
}

bool Log::read_recent(const ReadRequest& request, Offset end, Fetched& fetched) {
  std::optional<RecentAppends::Found> found = tail_.read(
      request.start, {.max_bytes = request.max_bytes, .at_least_one = request.at_least_one, .end = end});
  if (!found) return false;
  fetched = {.records = std::move(found->records),
             .next = found->next,
             .segment_base = found->segment_base,
             .position = found->position,
             .first_too_large = !request.at_least_one && found->first_size > request.max_bytes};
  return true;
}

// The last segment that begins at or before the offset, else the first one.
std::size_t Log::floor_segment(Offset offset) const {
  const auto after = std::ranges::upper_bound(segments_, offset, {}, &Segment::base_offset);
  return after == segments_.begin() ? 0 : static_cast<std::size_t>(after - segments_.begin()) - 1;
}

// Segments may come and go while it waits; the one that it stands in stays for the pass.
Task<Result<std::optional<Log::ReadPlace>>> Log::find_batch(Offset offset) {
  Offset from = offset;
  while (true) {
    const std::size_t index = floor_segment(from);
    Segment& segment = *segments_[index];
    OTTLA_CO_TRY(Gate::Pass pass, segment.enter());
    std::optional<StoredBatch> batch;
    const ReadCursor* const cursor = cursors_.find(offset);
    if (cursor != nullptr && cursor->segment_base == segment.base_offset() &&
        cursor->position < segment.size()) {
      batch = cursor->batch;
      if (!batch) {
        OTTLA_CO_TRY(batch, co_await segment.batch_at(cursor->position));
      }
    } else {
      OTTLA_CO_TRY(batch, co_await segment.find(offset));
    }
    if (batch) {
      co_return std::optional<ReadPlace>(
          ReadPlace{.segment = &segment, .pass = std::move(pass), .batch = *batch});
    }
    const auto next = std::ranges::upper_bound(segments_, segment.base_offset(), {}, &Segment::base_offset);
    if (next == segments_.end()) co_return std::optional<ReadPlace>();
    from = (*next)->base_offset();
  }
}

std::optional<Log::ReadPlace> Log::find_batch_now(Offset offset) {
  Segment& segment = *segments_[floor_segment(offset)];
  Result<Gate::Pass> pass = segment.enter();
  if (!pass.ok()) return std::nullopt;
  const ReadCursor* const cursor = cursors_.find(offset);
  if (cursor != nullptr && cursor->segment_base == segment.base_offset() && cursor->batch &&
      cursor->position < segment.size()) {
    return ReadPlace{.segment = &segment, .pass = *std::move(pass), .batch = *cursor->batch};
  }
  const auto found = segment.find_now(offset);
  if (!found || !*found) return std::nullopt;
  return ReadPlace{.segment = &segment, .pass = *std::move(pass), .batch = **found};
}

std::optional<SegmentEnd> Log::limit_now(Segment& segment, Offset end) {
  const auto next = std::ranges::upper_bound(segments_, segment.base_offset(), {}, &Segment::base_offset);
  if (next != segments_.end() && (*next)->base_offset() <= end) {
    return SegmentEnd{.position = segment.size(), .next = (*next)->base_offset()};
  }
  // While it is cut off, the file of the last segment ends further on.
  const bool is_whole = !unsynced_.cut || unsynced_.cut->in_files;
  if (next == segments_.end() && end >= marks_.log_end && is_whole) {
    return SegmentEnd{.position = segment.size(), .next = marks_.log_end};
  }
  const auto recent = tail_.place_of(end);
  if (recent && recent->segment_base == segment.base_offset()) {
    return SegmentEnd{.position = recent->position, .next = end};
  }
  const auto first = segment.find_now(end);
  if (!first) return std::nullopt;
  return SegmentEnd{.position = *first ? (*first)->position : segment.size(), .next = end};
}

Task<Result<SegmentEnd>> Log::limit_of(Segment& segment, Offset end) {
  if (const auto known = limit_now(segment, end)) co_return *known;
  OTTLA_CO_TRY(const std::optional<StoredBatch> first, co_await segment.find(end));
  co_return SegmentEnd{.position = first ? first->position : segment.size(), .next = end};
}

// Gives up where something was cut off in between, with whatever it has: the caller begins again.
Task<Result<Fetched>> Log::read_files(ReadRequest request, Offset end, CutVersion cuts) {
  const std::uint64_t version = cursors_.version();
  std::optional<ReadPlace> place = find_batch_now(request.start);
  if (!place) {
    OTTLA_CO_TRY(place, co_await find_batch(request.start));
  }
  Fetched fetched{.next = request.start, .segment_base = active().base_offset()};
  if (!place || cuts != cut_version()) co_return fetched;
  Segment& segment = *place->segment;
  const StoredBatch& batch = place->batch;
  fetched.segment_base = segment.base_offset();
  fetched.position = batch.position;
  if (batch.last_offset >= end) co_return fetched;
  fetched.first_too_large = !request.at_least_one && batch.size > request.max_bytes;
  if (fetched.first_too_large) co_return fetched;
  std::optional<SegmentEnd> stop = limit_now(segment, end);
  if (!stop) {
    OTTLA_CO_TRY(stop, co_await limit_of(segment, end));
    if (cuts != cut_version()) co_return fetched;
  }
  const std::uint64_t wanted = batch.position + std::max(request.max_bytes, batch.size);
  if (wanted == batch.end() && wanted < stop->position) {
    stop = SegmentEnd{.position = wanted, .next = batch.last_offset + 1};
  } else if (wanted < stop->position) {
    stop = segment.floor_position_now(batch.end(), wanted);
    if (!stop) {
      OTTLA_CO_TRY(stop, co_await segment.floor_position(batch.end(), wanted));
      if (cuts != cut_version()) co_return fetched;
    }
  }
  SegmentFiles::Use file = segment.log_now();
  if (!file) {
    OTTLA_CO_TRY(file, co_await segment.open_log());
    if (cuts != cut_version()) co_return fetched;
  }
  fetched.records.append(file->range(batch.position, stop->position - batch.position));
  fetched.next = stop->next;
  cursors_.remember(version, request.start,
                    {.next = stop->next,
                     .segment_base = segment.base_offset(),
                     .position = stop->position,
                     .batch = stop->batch});
  co_return fetched;
}

}  // namespace ottla::storage
