#include "storage/scrub/scrub.h"

#include <algorithm>

#include "base/metric_family.h"
#include "runtime/file.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/when.h"
#include "storage/directory/log_directory.h"
#include "storage/log/log.h"
#include "storage/log/segment.h"

namespace ottla::storage {
namespace {

constexpr CounterFamily kBytes("ottla_storage_scrub_bytes", "bytes",
                               "Bytes of cold segments that were checked");
constexpr CounterFamily kSegments("ottla_storage_scrub_segments", "segments",
                                  "Cold segments that were checked");
constexpr GaugeFamily kBad("ottla_storage_scrub_bad_batches", "batches",
                           "Batches of cold segments that were bad when they were last checked");

constexpr std::uint64_t kPortion = std::uint64_t{256} << 10;

// And not of a log that is being closed or of a process that lacks something.
bool is_of_the_segment(Errc code) {
  return is_disk_failure(code) || code == Errc::not_found || code == Errc::truncated || code == Errc::corrupt;
}

}  // namespace

Scrub::Scrub(LogSet& logs, ScrubOptions options, Logger logger)
    : logs_(logs),
      options_(options),
      logger_(logger),
      pace_(options.bytes_per_second),
      bytes_(this_shard().metrics().counter(kBytes)),
      segments_(this_shard().metrics().counter(kSegments)),
      bad_(this_shard().metrics().gauge(kBad)) {}

void Scrub::configure(const ScrubOptions& options) {
  options_ = options;
  pace_.set_rate(options.bytes_per_second);
  reconfigured_.wake_all();
}

std::uint64_t Scrub::bad_batches() const {
  std::uint64_t sum = 0;
  for (const auto& [key, known] : known_) sum += known.bad;
  return sum;
}

Task<void> Scrub::run(Cancel cancel) {
  this_shard().set_priority(Priority::background);
  while (!cancel.requested()) {
    const Instant begun = this_shard().exact_now();
    if (!co_await round(cancel)) co_return;
    while (!cancel.requested() && this_shard().exact_now() < begun + options_.period) {
      (void)co_await with_deadline(
          begun + options_.period, cancel,
          [this](Cancel until) -> Task<Result<void>> { co_return co_await reconfigured_.wait(until); });
    }
  }
}

Task<bool> Scrub::round(Cancel cancel) {
  if (!next_) ++rounds_;
  while (std::optional<Current> current = find_next()) {
    next_ = current->key;
    if (!co_await check(*current, cancel)) co_return false;
    next_ = Key(current->key.first, current->key.second + 1);
  }
  next_.reset();
  resting_.reset();
  forget_gone();
  co_return true;
}

// --- Which one ----------------------------------------------------------------------------------------------

std::optional<Scrub::Current> Scrub::find_next() {
  std::optional<TopicPartition> partition = next_ ? std::optional(next_->first) : logs_.partition_after({});
  Offset from = next_ ? next_->second : Offset(0);
  for (; partition; partition = logs_.partition_after(partition), from = Offset(0)) {
    const Log* const log = logs_.find(*partition);
    if (log == nullptr) continue;
    const auto& segments = log->segments();
    const auto found = std::ranges::lower_bound(segments, from, {}, &Segment::base_offset);
    if (segments.end() - found < 2) continue;  // the last one is written to
    return Current{.key = {*partition, (*found)->base_offset()},
                   .log = log,
                   .cuts = log->cuts(),
                   .segment = found->get(),
                   .size = (*found)->size(),
                   .end = (*(found + 1))->base_offset(),
                   .path = (*found)->log_path()};
  }
  return std::nullopt;
}

bool Scrub::still_there(const Current& current) const {
  const Log* const log = logs_.find(current.key.first);
  if (log == nullptr || log != current.log || log->cuts() != current.cuts) return false;
  const auto& segments = log->segments();
  const auto found = std::ranges::lower_bound(segments, current.key.second, {}, &Segment::base_offset);
  return segments.end() - found >= 2 && found->get() == current.segment && (*found)->size() == current.size;
}

// --- Reading it ---------------------------------------------------------------------------------------------

// With a range of its own nobody has to wait for a check: a segment can be deleted beneath it.
Task<Result<Range>> Scrub::range_of(const Current& current) {
  Log* const log = logs_.find(current.key.first);
  const auto& segments = log->segments();
  const auto found = std::ranges::lower_bound(segments, current.key.second, {}, &Segment::base_offset);
  Segment& segment = **found;
  OTTLA_CO_TRY(const Gate::Pass pass, segment.enter());
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await segment.open_log());
  co_return file->range(0, current.size);
}

Task<bool> Scrub::check(Current current, Cancel cancel) {
  SegmentCheck::Place from{.position = 0, .next = current.key.second};
  if (resting_ && resting_->key == current.key && resting_->size == current.size) from = resting_->place;
  resting_.reset();
  if (cancel.requested()) co_return false;
  if (current.size == 0) co_return true;
  Known& known = known_[current.key];
  known.round = rounds_;
  if (from.position == 0) known.bad = 0;
  Result<Range> range = co_await range_of(current);
  if (!range.ok()) {
    if (!is_of_the_segment(range.error().code())) co_return true;
    std::vector<BadBatch> bad{{.size = current.size,
                               .first_offset = current.key.second,
                               .last_offset = current.end - 1,
                               .why = range.error().to_string()}};
    std::uint64_t told = 0;
    if (still_there(current)) tell(current, bad, told);
    co_return true;
  }
  SegmentCheck check(std::move(*range), current.end, from);
  const bool ended = co_await read(current, check, cancel);
  if (!ended) resting_ = Resting{.key = current.key, .size = current.size, .place = check.place()};
  co_return ended;
}

Task<bool> Scrub::read(const Current& current, SegmentCheck& check, Cancel cancel) {
  std::vector<BadBatch> bad;
  std::uint64_t told = 0;
  while (!check.done()) {
    const SegmentCheck::Place place = check.place();
    const Result<std::uint64_t> got = co_await check.advance(pace_.portion(kPortion), bad);
    if (!still_there(current)) co_return true;  // what was found in it is nobody's any more
    if (!got.ok() && is_of_the_segment(got.error().code())) {
      bad.push_back({.position = place.position,
                     .size = current.size - place.position,
                     .first_offset = place.next,
                     .last_offset = current.end - 1,
                     .why = got.error().to_string()});
    }
    tell(current, bad, told);
    if (!got.ok()) co_return true;
    checked_bytes_ += *got;
    bytes_->add(*got);
    if (!(co_await pace_.spend(*got, cancel)).ok() && !check.done()) co_return false;
    if (this_shard().slice_spent()) co_await yield();
  }
  ++checked_segments_;
  segments_->increment();
  co_return true;
}

// --- Telling ------------------------------------------------------------------------------------------------

void Scrub::tell(const Current& current, std::vector<BadBatch>& bad, std::uint64_t& told) {
  if (bad.empty()) return;
  known_[current.key].bad += bad.size();
  bad_->set(static_cast<std::int64_t>(bad_batches()));
  for (BadBatch& batch : bad) {
    if (told++ >= kMostTold) break;
    logger_.error("a batch is bad: fetch it from another replica", field("segment", current.path),
                  field("position", batch.position), field("bytes", batch.size),
                  field("first_offset", batch.first_offset.raw()),
                  field("last_offset", batch.last_offset.raw()), field("why", batch.why));
    if (on_finding) {
      on_finding({.partition = current.key.first,
                  .path = current.path,
                  .segment = current.key.second,
                  .batch = std::move(batch)});
    }
  }
  bad.clear();
}

// Segments that were not looked at in the round that ends now are there no more.
void Scrub::forget_gone() {
  std::erase_if(known_, [this](const auto& each) { return each.second.round != rounds_; });
  bad_->set(static_cast<std::int64_t>(bad_batches()));
}

}  // namespace ottla::storage
