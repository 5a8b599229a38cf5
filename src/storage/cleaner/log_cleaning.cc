#include "storage/cleaner/log_cleaning.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_view.h"
#include "runtime/file_system.h"
#include "runtime/offload.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/when.h"
#include "storage/cleaner/batch_chunks.h"
#include "storage/cleaner/stored_batches.h"
#include "storage/format/index_entry.h"
#include "storage/index/offset_index.h"
#include "storage/log/segment_files.h"

namespace ottla::storage {
namespace {

// The front batch of whole ones.
std::span<const std::byte> first_batch(std::span<const std::byte> batches) {
  return batches.first(static_cast<std::size_t>(record::read_front(batches)->size));
}

Error about(Error error, const Segment& segment) {
  return std::move(error).with_context("clean " + segment.log_path());
}

}  // namespace

LogCleaning::LogCleaning(CleanableLog& log, const CleaningPlan& plan, const CleaningTools& tools)
    : log_(log),
      plan_(plan),
      tools_(tools),
      config_(log.compaction()),
      hash_{this_shard().random().next(), this_shard().random().next()} {}

Task<Result<CleaningOutcome>> LogCleaning::run(std::int64_t now_millis, Cancel cancel) {
  cancel_ = cancel;
  OTTLA_CO_CHECK(enter_segments());
  OTTLA_CO_CHECK(co_await log_.flush());
  const std::int64_t dirty = std::max<std::int64_t>(0, plan_.first_uncleanable - plan_.first_dirty);
  OTTLA_CO_TRY(OffsetMap map,
               OffsetMap::make(tools_.map, plan_.first_dirty, static_cast<std::uint64_t>(dirty)));
  OTTLA_CO_TRY(const Offset latest, co_await build_map(map));
  stats_.map_utilization = map.utilization();

  OTTLA_CO_TRY(const std::vector<SegmentFacts> facts, co_await segment_facts());
  legacy_horizon_ = legacy_delete_horizon(facts, plan_.first_dirty, config_);
  const CleaningRules rules{.now_millis = now_millis,
                            .delete_retention_millis = config_.delete_retention.count(),
                            .high_watermark = log_.high_watermark(),
                            .latest_mapped = latest,
                            .limits = {.max_record_bytes = config_.max_record_bytes}};
  const ActiveProducers producers = log_.active_producers();
  CleanedTransactions transactions;
  BatchCleaner cleaner(map, hash_, rules, producers, transactions, codecs_);
  for (const SegmentGroup& group : group_segments(facts, latest + 1, plan_.first_uncleanable, config_)) {
    OTTLA_CO_CHECK(co_await clean_group(cleaner, transactions, group));
  }
  co_return CleaningOutcome{.end = latest + 1, .stats = stats_};
}

// Nobody destroys them until they are left, whatever becomes of the log.
Result<void> LogCleaning::enter_segments() {
  const auto& all = log_.segments();
  for (std::size_t i = 0; i + 1 < all.size() && all[i]->base_offset() < plan_.first_uncleanable; ++i) {
    OTTLA_TRY(Gate::Pass pass, all[i]->enter());
    segments_.push_back(all[i].get());
    passes_.push_back(std::move(pass));
  }
  return {};
}

Offset LogCleaning::end_of(std::size_t segment) const {
  return segment + 1 < segments_.size() ? segments_[segment + 1]->base_offset() : plan_.first_uncleanable;
}

Task<Result<std::vector<SegmentFacts>>> LogCleaning::segment_facts() {
  std::vector<SegmentFacts> facts;
  for (Segment* const segment : segments_) {
    OTTLA_CO_CHECK(co_await segment->load_indexes());
    facts.push_back({.base = segment->base_offset(),
                     .size = segment->size(),
                     .offset_index_size = std::uint64_t{segment->offsets().count()} * OffsetIndex::kEntrySize,
                     .time_index_size = std::uint64_t{segment->times().count()} * TimeIndex::kEntrySize,
                     .modified_millis = segment->modified_millis()});
  }
  co_return facts;
}

Result<void> LogCleaning::check_wanted() const {
  if (log_.compaction().compacts) return {};
  return Error(Errc::cancelled, log_.directory() + " is not to be compacted any more");
}

Task<Result<void>> LogCleaning::keep_pace(std::uint64_t bytes) {
  OTTLA_CO_CHECK(co_await tools_.throttle->spend(bytes, cancel_));
  co_return check_wanted();
}

// --- The map ------------------------------------------------------------------------------------------------

Task<Result<Offset>> LogCleaning::build_map(OffsetMap& map) {
  CleanedTransactions transactions;
  OTTLA_CO_TRY(const std::vector<AbortedTransaction> aborted,
               co_await aborted_between(plan_.first_dirty, plan_.first_uncleanable));
  transactions.add_aborted(aborted);
  MapBuilder builder(map, hash_, plan_.first_dirty, transactions, codecs_);
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Offset next = end_of(i);
    if (next <= plan_.first_dirty) continue;
    OTTLA_CO_TRY(const bool has_room, co_await map_segment(builder, *segments_[i], next));
    if (!has_room) break;
    builder.skip_to(next);
  }
  co_return builder.latest();
}

// False when the map is full.
Task<Result<bool>> LogCleaning::map_segment(MapBuilder& builder, Segment& segment, Offset end) {
  builder.begin({segment.base_offset(), end});
  std::uint64_t begin = 0;
  if (segment.base_offset() < plan_.first_dirty) {
    OTTLA_CO_TRY(const std::optional<StoredBatch> first, co_await segment.find(plan_.first_dirty));
    begin = first ? first->position : segment.size();
  }
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await segment.open_log());
  BatchChunks chunks(*file, begin, segment.size(), tools_.io_buffer_size / 2);
  Result<void> fetched = co_await chunks.fetch();
  while (true) {
    if (!fetched.ok()) co_return about(std::move(fetched).error(), segment);
    const std::span<const std::byte> chunk = chunks.take();
    if (chunk.empty()) co_return true;
    const auto map_chunk = [&]() -> Task<Result<bool>> {
      co_return co_await offload(HelperKind::compute, [&]() -> Result<bool> {
        for (std::size_t at = 0; at < chunk.size();) {
          const auto batch = first_batch(chunk.subspan(at));
          OTTLA_TRY(const bool has_room,
                    builder.add(batch, {.max_record_bytes = config_.max_record_bytes}, stats_));
          if (!has_room) return false;
          stretches_.note(batch, chunks.position() + at);
          at += batch.size();
        }
        stretches_.end_chunk();
        return true;
      });
    };
    auto [has_room, next] = co_await when_all(map_chunk(), chunks.fetch());
    if (!has_room.ok()) co_return about(std::move(has_room).error(), segment);
    if (!*has_room) co_return false;
    fetched = std::move(next);
    OTTLA_CO_CHECK(co_await keep_pace(chunk.size()));
  }
}

// --- Groups -------------------------------------------------------------------------------------------------

Task<Result<void>> LogCleaning::clean_group(BatchCleaner& cleaner, CleanedTransactions& transactions,
                                            SegmentGroup range) {
  std::vector<Segment*> group(segments_.begin() + static_cast<std::ptrdiff_t>(range.begin),
                              segments_.begin() + static_cast<std::ptrdiff_t>(range.end));
  OTTLA_CO_TRY(std::unique_ptr<Segment> cleaned, co_await log_.create_cleaned(group.front()->base_offset()));
  Result<void> done = co_await clean_into(*cleaned, cleaner, transactions, range);
  if (done.ok()) done = check_wanted();
  if (!done.ok()) {
    co_await discard(std::move(cleaned));
    co_return done;
  }
  OTTLA_CO_CHECK(co_await log_.replace_segments(std::move(cleaned), std::move(group)));
  // The old ones may go now.
  for (std::size_t i = range.begin; i < range.end; ++i) passes_[i].leave();
  co_return Result<void>();
}

Task<Result<void>> LogCleaning::clean_into(Segment& cleaned, BatchCleaner& cleaner,
                                           CleanedTransactions& transactions, SegmentGroup group) {
  OTTLA_CO_CHECK(co_await cleaned.load_indexes());
  for (std::size_t i = group.begin; i < group.end; ++i) {
    OTTLA_CO_CHECK(co_await clean_segment(*segments_[i], end_of(i), cleaned, cleaner, transactions));
  }
  cleaned.touch(segments_[group.end - 1]->modified_millis());
  cleaned.finish();
  OTTLA_CO_CHECK(co_await cleaned.write_indexes());
  OTTLA_CO_CHECK(co_await cleaned.sync_log());
  OTTLA_CO_CHECK(co_await cleaned.sync_indexes());
  co_return co_await tools_.files->sync_directory(log_.directory());
}

Task<Result<void>> LogCleaning::clean_segment(Segment& segment, Offset end, Segment& cleaned,
                                              BatchCleaner& cleaner, CleanedTransactions& transactions) {
  OTTLA_CO_TRY(const std::vector<AbortedTransaction> aborted,
               co_await aborted_between(segment.base_offset(), end));
  transactions.add_aborted(aborted);
  cleaner.begin({segment.base_offset(), end}, segment.modified_millis() > legacy_horizon_);
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await segment.open_log());
  std::uint64_t at = 0;
  for (const PlainStretch& stretch : stretches_.of(segment.base_offset(), end)) {
    if (!cleaner.may_drop(stretch)) continue;
    OTTLA_CO_CHECK(co_await clean_run(segment, *file, {at, stretch.begin}, cleaned, cleaner, transactions));
    Result<void> dropped = cleaner.drop(stretch, stats_);
    if (!dropped.ok()) co_return about(std::move(dropped).error(), segment);
    at = stretch.end;
  }
  co_return co_await clean_run(segment, *file, {at, segment.size()}, cleaned, cleaner, transactions);
}

Task<Result<void>> LogCleaning::clean_run(Segment& segment, File& file, Run run, Segment& cleaned,
                                          BatchCleaner& cleaner, CleanedTransactions& transactions) {
  BatchChunks chunks(file, run.begin, run.end, tools_.io_buffer_size / 2);
  Result<void> fetched = co_await chunks.fetch();
  while (true) {
    if (!fetched.ok()) co_return about(std::move(fetched).error(), segment);
    const std::span<const std::byte> chunk = chunks.take();
    if (chunk.empty()) co_return Result<void>();
    const auto clean_chunk = [&]() -> Task<Result<Written>> {
      co_return co_await offload(HelperKind::compute, [&]() -> Result<Written> {
        std::vector<std::byte> out;
        for (std::span<const std::byte> left = chunk; !left.empty();) {
          const auto batch = first_batch(left);
          left = left.subspan(batch.size());
          OTTLA_CHECK(cleaner.clean(batch, out, stats_));
        }
        Written written;
        for (std::size_t at = 0; at < out.size();) {
          OTTLA_TRY(const StoredBatch batch, read_stored_batch(std::span(out).subspan(at), at));
          written.batches.push_back(batch);
          at += static_cast<std::size_t>(batch.size);
        }
        written.bytes = Slice::copy_of(std::span<const std::byte>(out));
        return written;
      });
    };
    auto [written, ahead] = co_await when_all(clean_chunk(), chunks.fetch());
    if (!written.ok()) co_return about(std::move(written).error(), segment);
    const std::uint64_t moved = chunk.size() + written->bytes.size();
    OTTLA_CO_CHECK(co_await append(cleaned, std::move(*written), transactions));
    fetched = std::move(ahead);
    OTTLA_CO_CHECK(co_await keep_pace(moved));
  }
}

Task<Result<void>> LogCleaning::append(Segment& cleaned, Written written, CleanedTransactions& transactions) {
  for (const AbortedTransaction& one : transactions.take_retained()) cleaned.transactions().append(one);
  if (written.batches.empty()) co_return Result<void>();
  const std::uint64_t start = cleaned.size();
  if (start + written.bytes.size() > INT32_MAX || !cleaned.can_hold(written.batches.back().last_offset)) {
    co_return Error(Errc::too_large,
                    cleaned.log_path() + " cannot hold what is left of the segments that it is to replace");
  }
  OTTLA_CO_CHECK(co_await cleaned.write(Chain(std::move(written.bytes))));
  for (StoredBatch batch : written.batches) {
    batch.position += start;
    cleaned.note(batch);
  }
  if (cleaned.indexes_want_write()) co_return co_await cleaned.write_indexes();
  co_return Result<void>();
}

Task<void> LogCleaning::discard(std::unique_ptr<Segment> cleaned) {
  co_await cleaned->close_files();
  // What cannot be removed now is removed when the log is opened next.
  [[maybe_unused]] const Result<void> removed = co_await cleaned->remove_files();
}

Task<Result<std::vector<AbortedTransaction>>> LogCleaning::aborted_between(Offset from, Offset to) {
  std::vector<AbortedTransaction> aborted;
  Offset at = from;
  while (true) {
    // Segments may come and go between two looks. Markers in those before lie before `from`.
    const auto& all = log_.segments();
    std::size_t index = 0;
    while (index + 1 < all.size() && all[index + 1]->base_offset() <= at) ++index;
    const bool last = index + 1 == all.size();
    Segment& segment = *all[index];
    const Offset next = last ? at : all[index + 1]->base_offset();
    OTTLA_CO_TRY(const Gate::Pass pass, segment.enter());
    OTTLA_CO_CHECK(co_await segment.load_indexes());
    OTTLA_CO_TRY(const bool complete, co_await segment.transactions().collect(from, to, aborted));
    if (complete || last) co_return aborted;
    at = next;
  }
}

Task<Result<LogFacts>> gather_facts(CleanableLog& log, std::optional<Offset> checkpoint) {
  LogFacts facts{.config = log.compaction(),
                 .log_start = log.log_start(),
                 .log_end = log.log_end(),
                 .last_stable = log.last_stable_offset(),
                 .checkpoint = checkpoint};
  std::vector<Segment*> segments;
  std::vector<Gate::Pass> passes;
  for (const auto& segment : log.segments()) {
    OTTLA_CO_TRY(Gate::Pass pass, segment->enter());
    segments.push_back(segment.get());
    passes.push_back(std::move(pass));
  }
  for (Segment* const segment : segments) {
    SegmentFacts fact{.base = segment->base_offset(),
                      .size = segment->size(),
                      .modified_millis = segment->modified_millis()};
    const bool is_active = segment == segments.back();
    if (!is_active && facts.config.heeds_largest_timestamps()) {
      OTTLA_CO_TRY(fact.largest_timestamp, co_await segment->largest_timestamp());
    }
    if (!is_active && facts.config.heeds_first_timestamps()) {
      OTTLA_CO_TRY(const std::optional<std::int64_t> first, co_await segment->first_timestamp());
      fact.first_timestamp = first.value_or(-1);
    }
    facts.segments.push_back(fact);
  }
  co_return facts;
}

}  // namespace ottla::storage
