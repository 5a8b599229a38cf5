#include "storage/log/segment.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/when.h"
#include "storage/log/batch_cursor.h"
#include "storage/log/segment_opening.h"
#include "storage/log/segment_scan.h"

namespace ottla::storage {
namespace {

constexpr FileKind kSegmentKinds[] = {FileKind::log, FileKind::offset_index, FileKind::time_index,
                                      FileKind::transaction_index};

// A step is a copy that a shard makes itself, where the disk is well: what piled up behind a stall must not go to helper
// threads for as long as more of it comes.
constexpr std::uint64_t kWriteStep = 256 * 1024;

std::int64_t wall_millis() {
  return to_epoch_millis(this_shard().wall_now());
}

Duration drawn_jitter(const LogConfig& config) {
  const auto limit = std::min(config.segment_jitter_ms, config.segment_ms).count();
  if (limit <= 0) return Duration(0);
  return std::chrono::milliseconds(this_shard().random().below(static_cast<std::uint64_t>(limit)));
}

}  // namespace

Segment::Segment(const LogTools& tools, const std::string& directory, Offset base, const LogConfig& config,
                 FileStage stage)
    : tools_(tools),
      name_(directory, base, stage),
      offsets_(tools, name_),
      times_(tools, name_),
      transactions_(tools, name_),
      number_(tools.heads->new_segment()),
      created_millis_(wall_millis()),
      modified_millis_(created_millis_),
      roll_jitter_(drawn_jitter(config)),
      index_interval_(static_cast<std::uint32_t>(config.index_interval_bytes)) {}

Task<Result<void>> Segment::create(LogConfig config) {
  if (is_made_) OTTLA_CO_CHECK(co_await remove_files());
  start_empty();
  OTTLA_CO_TRY(const SegmentFiles::Use log,
               co_await tools_.files->use(log_slot_, log_path(), SegmentFiles::Opening::or_create));
  // The reference takes a segment without them for a damaged one.
  OTTLA_CO_CHECK(co_await offsets_.file().write_out());
  OTTLA_CO_CHECK(co_await times_.file().write_out());
  if (config.preallocate) {
    OTTLA_CO_CHECK(co_await log->preallocate(static_cast<std::uint64_t>(config.segment_bytes)));
  }
  is_made_ = true;
  co_return Result<void>();
}

void Segment::start_unmade() {
  start_empty();
  is_made_ = false;
}

void Segment::start_empty() {
  offsets_.start_empty();
  times_.start_empty();
  transactions_.start_empty();
  max_timestamp_ = {.timestamp = -1, .offset = base_offset()};
}

void Segment::adopt(std::uint64_t size, std::int64_t modified_millis, bool has_transactions) {
  size_ = size;
  modified_millis_ = modified_millis;
  if (!has_transactions) transactions_.start_empty();
}

Task<Result<SegmentFiles::Use>> Segment::open_log() {
  return open_segment_file(*tools_.files, log_slot_, name_, FileKind::log, SegmentFiles::Opening::existing);
}

// --- Appending ----------------------------------------------------------------------------------------------

Task<Result<void>> Segment::write(Chain bytes) {
  SegmentFiles::Use log = tools_.files->try_use(log_slot_);
  if (!log) {
    OTTLA_CO_TRY(log, co_await open_log());
  }
  // What is behind the end is left of a write that failed, or was put there ahead of time.
  if (log->size() != size_) OTTLA_CO_CHECK(co_await log->truncate(size_));
  for (std::uint64_t end = size_; !bytes.empty();) {
    Chain step = bytes.split_front(std::min(bytes.size(), kWriteStep));
    const std::uint64_t length = step.size();
    OTTLA_CO_TRY(const std::uint64_t at, co_await log->append(std::move(step)));
    if (at != end) {
      co_return Error(Errc::io_error, log_path() + " has " + std::to_string(at) + " bytes where " +
                                          std::to_string(end) + " were expected: somebody else writes to it");
    }
    end += length;
    if (!bytes.empty() && this_shard().slice_spent()) co_await yield();
  }
  co_return Result<void>();
}

void Segment::note(const StoredBatch& batch) {
  OTTLA_INVARIANT(batch.position == size_, "a batch that does not lie at the end", batch.position, size_);
  if (size_ == 0) first_timestamp_ = batch.max_timestamp;
  if (batch.max_timestamp > max_timestamp_.timestamp) {
    max_timestamp_ = {.timestamp = batch.max_timestamp, .offset = batch.last_offset};
  }
  if (batch.position - offsets_.last().position > index_interval_) {
    offsets_.append(batch.last_offset, static_cast<std::uint32_t>(batch.position));
    times_.maybe_append(max_timestamp_.timestamp, max_timestamp_.offset);
  }
  size_ += batch.size;
}

IndexState Segment::index_state() const {
  return {.offset_entries = offsets_.count(),
          .time_entries = times_.count(),
          .last_position = offsets_.last().position,
          .last_timestamp = times_.last().timestamp,
          .max_timestamp = max_timestamp_.timestamp};
}

std::int64_t Segment::waited_millis(std::int64_t timestamp, std::int64_t now_millis) const {
  if (first_timestamp_ && *first_timestamp_ >= 0) return timestamp - *first_timestamp_;
  return now_millis - created_millis_;
}

Task<Result<void>> Segment::write_indexes() {
  writes_indexes_ = true;
  const Result<void> written = co_await write_waiting_entries();
  writes_indexes_ = false;
  co_return written;
}

Task<Result<void>> Segment::write_waiting_entries() {
  if (offsets_.file().has_waiting()) OTTLA_CO_CHECK(co_await offsets_.file().write_out());
  if (times_.file().has_waiting()) OTTLA_CO_CHECK(co_await times_.file().write_out());
  if (transactions_.file().has_waiting()) OTTLA_CO_CHECK(co_await transactions_.file().write_out());
  co_return Result<void>();
}

void Segment::finish() {
  if (indexes_loaded()) times_.maybe_append(max_timestamp_.timestamp, max_timestamp_.offset);
}

// --- Durability ---------------------------------------------------------------------------------------------

Task<Result<void>> Segment::sync_log() {
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  co_return co_await log->sync();
}

Task<Result<void>> Segment::sync_indexes() {
  OTTLA_CO_CHECK(co_await load_indexes());
  OTTLA_CO_CHECK(co_await offsets_.file().sync());
  OTTLA_CO_CHECK(co_await times_.file().sync());
  if (transactions_.count() == 0) co_return Result<void>();
  OTTLA_CO_CHECK(co_await transactions_.file().sync());
  // This file came later than the others: nobody else sees to it that its name is durable.
  if (!transactions_named_) OTTLA_CO_CHECK(co_await tools_.file_system->sync_directory(name_.directory()));
  transactions_named_ = true;
  co_return Result<void>();
}

bool Segment::indexes_durable() {
  if (!offsets_.file().durable() || !times_.file().durable()) return false;
  return transactions_.count() == 0 || (transactions_named_ && transactions_.file().durable());
}

// --- Looking up ---------------------------------------------------------------------------------------------

Task<Result<void>> Segment::load_indexes() {
  if (indexes_loaded() && transactions_.loaded()) co_return Result<void>();
  OTTLA_CO_TRY(const auto permit, co_await loading_.acquire(1));
  co_return co_await load_or_rebuild();
}

// An entry that promises what is not there yet passes the check of its file, and would stand in the way of the next one.
Task<Result<void>> Segment::load_indexes_to_append(Offset next) {
  OTTLA_CO_CHECK(co_await load_indexes());
  if (offsets_.count() == 0 || offsets_.last().offset < next) co_return Result<void>();
  tools_.logger.warn("an index names an offset that the log does not have, and is made anew",
                     field("segment", log_path()), field("offset", offsets_.last().offset.raw()));
  OTTLA_CO_TRY(const auto permit, co_await loading_.acquire(1));
  offsets_.file().unload();
  times_.file().unload();
  OTTLA_CO_CHECK(co_await rebuild_indexes());
  if (offsets_.count() == 0 || offsets_.last().offset < next) co_return Result<void>();
  co_return Error(Errc::corrupt, "a batch of " + log_path() + " says that it ends at offset " +
                                     offsets_.last().offset.to_string() + ", and the log ends at " +
                                     next.to_string());
}

// Only what failed its check is made anew; what stands in the way of making it anew is an error.
Task<Result<void>> Segment::load_or_rebuild() {
  if (!indexes_loaded()) {
    Result<void> loaded = co_await offsets_.load(size_);
    if (loaded.ok()) loaded = co_await times_.load();
    if (loaded.ok()) loaded = co_await learn_max_timestamp();
    const bool wrong = !loaded.ok() && (loaded.error() == Errc::corrupt || loaded.error() == Errc::not_found);
    if (!loaded.ok() && !wrong) co_return loaded;
    if (wrong) OTTLA_CO_CHECK(co_await rebuild_indexes());
  }
  if (!transactions_.loaded()) OTTLA_CO_CHECK(co_await transactions_.load());
  co_return Result<void>();
}

// Nobody else will write them: all but the last segment are only read, and are taken to be durable. So they appear whole,
// and the index of offsets last, since whether it is good decides whether all of this is done again.
Task<Result<void>> Segment::rebuild_indexes() {
  forget_index_entries();
  Result<void> rebuilt = co_await note_all();
  if (rebuilt.ok()) {
    finish();
    rebuilt = co_await times_.file().replace();
  }
  if (rebuilt.ok()) rebuilt = co_await offsets_.file().replace();
  if (rebuilt.ok()) co_return rebuilt;
  offsets_.file().unload();
  times_.file().unload();
  co_return Error(rebuilt.error()).with_context("make the index of " + log_path() + " anew");
}

// An index can be made of batches whose offsets rise, and lie as near as its entries can tell.
Result<void> Segment::check_place(const StoredBatch& batch, Offset last) const {
  if (batch.last_offset <= last) {
    return Error(Errc::corrupt, "offset " + batch.last_offset.to_string() + " of " + log_path() +
                                    " stands behind offset " + last.to_string());
  }
  if (can_hold(batch.last_offset)) return {};
  return Error(Errc::too_large, "offset " + batch.last_offset.to_string() +
                                    " lies too far from the first of " + log_path() +
                                    ": the segment is split by a start that finds no .index of it");
}

Task<Result<void>> Segment::note_all() {
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  const std::uint64_t size = std::exchange(size_, 0);
  BatchCursor cursor(*log, 0, size);
  Result<std::optional<StoredBatch>> batch = co_await cursor.next();
  Offset last = base_offset() - 1;
  for (; batch.ok() && *batch; batch = co_await cursor.next()) {
    const Result<void> placed = check_place(**batch, last);
    if (!placed.ok()) {
      size_ = size;
      co_return placed;
    }
    last = (*batch)->last_offset;
    note(**batch);
  }
  size_ = size;
  co_return batch.ok() ? Result<void>() : Result<void>(batch.error());
}

void Segment::forget_index_entries() {
  offsets_.start_empty();
  times_.start_empty();
  max_timestamp_ = {.timestamp = -1, .offset = base_offset()};
  first_timestamp_.reset();
}

Task<Result<void>> Segment::reset_indexes() {
  forget_index_entries();
  OTTLA_CO_CHECK(co_await offsets_.file().clear());
  co_return co_await times_.file().clear();
}

Task<Result<void>> Segment::reset_transactions() {
  if (transactions_.loaded() && transactions_.count() == 0) co_return Result<void>();
  transactions_.start_empty();
  OTTLA_CO_CHECK(co_await transactions_.file().clear());
  // An empty index is not synced with the others: what is cut off here must not come back torn.
  co_return co_await transactions_.file().sync();
}

// The time index has an entry for it when the segment was left in good order; else what follows its last entry may
// be later. On the way it shows whether the last entries are of this segment at all: what is noted next has to lie behind
// them.
Task<Result<void>> Segment::learn_max_timestamp() {
  max_timestamp_ = times_.last();
  OTTLA_CO_TRY(const OffsetPosition from, co_await offsets_.lookup(max_timestamp_.offset));
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  // Entries of both indexes are made together, so that little lies behind the last one.
  BatchCursor cursor(*log, std::max(from.position, offsets_.last().position), size_);
  Offset last = base_offset();
  while (true) {
    const Result<std::optional<StoredBatch>> batch = co_await cursor.next();
    if (!batch.ok()) co_return Result<void>();  // whoever reads there will tell
    if (!*batch) break;
    last = (*batch)->last_offset;
    if ((*batch)->max_timestamp > max_timestamp_.timestamp) {
      max_timestamp_ = {.timestamp = (*batch)->max_timestamp, .offset = (*batch)->last_offset};
    }
  }
  if (offsets_.last().offset > last || (times_.count() > 0 && times_.last().offset > last)) {
    co_return Error(Errc::corrupt,
                    "the indexes of " + log_path() + " end behind its last offset, " + last.to_string());
  }
  co_return Result<void>();
}

Task<Result<std::optional<StoredBatch>>> Segment::find_from(OffsetPosition from, Offset offset) {
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  BatchCursor cursor(*log, from.position, size_, heads());
  if (from.position != 0) {
    OTTLA_CO_TRY(const std::optional<StoredBatch> first, co_await cursor.next());
    if (!first || !fits_entry(*first, from)) co_return wrong_entry(from);
    if (first->last_offset >= offset) co_return first;
  }
  co_return co_await cursor.find(offset);
}

void Segment::forget_heads() {
  number_ = tools_.heads->new_segment();
}

// The index may lie: where it points, there has to be a batch that ends where it says, or before.
bool Segment::fits_entry(const StoredBatch& batch, OffsetPosition entry) const {
  return batch.last_offset <= entry.offset && batch.base_offset >= base_offset();
}

Error Segment::wrong_entry(OffsetPosition entry) const {
  return Error(Errc::corrupt, "the index of " + log_path() + " points to byte " +
                                  std::to_string(entry.position) + ", where no batch up to offset " +
                                  entry.offset.to_string() + " begins");
}

// Entries far apart: batches are large, and most often the one is meant that the next entry tells.
bool Segment::may_be_next(const OffsetIndex::Around& around, Offset offset) const {
  return around.next && around.at.offset < offset &&
         around.next->position - around.at.position > index_interval_ + index_interval_ / 8;
}

// No batch before it can be.
bool Segment::is_the_one(const StoredBatch& batch, OffsetPosition entry, Offset offset) const {
  return batch.base_offset <= offset && batch.last_offset >= offset && batch.last_offset <= entry.offset &&
         batch.end() <= size_;
}

std::optional<std::optional<StoredBatch>> Segment::find_now(Offset offset) {
  using Found = std::optional<StoredBatch>;
  if (size_ == 0) return Found();
  if (!all_loaded()) return std::nullopt;
  const auto around = offsets_.lookup_now(offset);
  if (!around) return std::nullopt;
  const SegmentHeads known = heads();
  if (may_be_next(*around, offset)) {
    const StoredBatch* const batch = known.find(around->next->position);
    if (batch != nullptr && is_the_one(*batch, *around->next, offset)) return Found(*batch);
  }
  const StoredBatch* batch = known.find(around->at.position);
  if (batch != nullptr && around->at.position != 0 && !fits_entry(*batch, around->at)) return std::nullopt;
  while (batch != nullptr && batch->last_offset < offset) {
    if (batch->end() >= size_) return Found();
    batch = known.find(batch->end());
  }
  if (batch == nullptr) return std::nullopt;
  return Found(*batch);
}

// The batch of an entry, if it is the one that reaches `offset`.
Task<Result<std::optional<StoredBatch>>> Segment::find_at(OffsetPosition entry, Offset offset) {
  if (entry.position + kBatchHeaderSize > size_) co_return std::optional<StoredBatch>();
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  const SegmentHeads known = heads();
  std::array<std::byte, kBatchHeaderSize> header;
  OTTLA_CO_TRY(const std::size_t got, co_await log->read_at(entry.position, header));
  const Result<StoredBatch> batch = read_stored_batch(std::span(header).first(got), entry.position);
  if (!batch.ok() || !is_the_one(*batch, entry, offset)) co_return std::optional<StoredBatch>();
  known.keep(*batch);
  co_return std::optional<StoredBatch>(*batch);
}

Task<Result<std::optional<StoredBatch>>> Segment::find(Offset offset) {
  if (size_ == 0) co_return std::optional<StoredBatch>();
  if (!all_loaded()) OTTLA_CO_CHECK(co_await load_indexes());
  OffsetPosition from;
  if (const auto around = offsets_.lookup_now(offset)) {
    from = around->at;
    if (may_be_next(*around, offset)) {
      OTTLA_CO_TRY(const std::optional<StoredBatch> batch, co_await find_at(*around->next, offset));
      if (batch) co_return batch;
    }
  } else {
    OTTLA_CO_TRY(from, co_await offsets_.lookup(offset));
  }
  Result<std::optional<StoredBatch>> found = co_await find_from(from, offset);
  if (found.ok() || from.position == 0 || !(found.error() == Errc::corrupt)) co_return found;
  co_return co_await find_from({.offset = base_offset(), .position = 0}, offset);
}

Task<Result<StoredBatch>> Segment::batch_at(std::uint64_t position) {
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  BatchCursor cursor(*log, position, size_, heads());
  OTTLA_CO_TRY(const std::optional<StoredBatch> batch, co_await cursor.next());
  if (!batch) co_return Error(Errc::corrupt, log_path() + " ends before byte " + std::to_string(position));
  co_return *batch;
}

Task<Result<SegmentEnd>> Segment::floor_position(std::uint64_t begin, std::uint64_t limit) {
  OTTLA_INVARIANT(begin <= limit && limit < size_, "no batch reaches over the limit", begin, limit, size_);
  if (!all_loaded()) OTTLA_CO_CHECK(co_await load_indexes());
  OTTLA_CO_TRY(const OffsetPosition near,
               co_await offsets_.lookup_position(static_cast<std::uint32_t>(limit)));
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  // An index that lies may point anywhere.
  if (near.position > begin && near.position <= limit) {
    const Result<SegmentEnd> end = co_await floor_from(*log, near.position, limit, near);
    if (end.ok() || !(end.error() == Errc::corrupt)) co_return end;
  }
  co_return co_await floor_from(*log, begin, limit, std::nullopt);
}

Task<Result<SegmentEnd>> Segment::floor_from(File& log, std::uint64_t begin, std::uint64_t limit,
                                             std::optional<OffsetPosition> entry) {
  BatchCursor cursor(log, begin, size_, heads());
  while (true) {
    OTTLA_CO_TRY(const std::optional<StoredBatch> batch, co_await cursor.next());
    if (!batch) co_return Error(Errc::corrupt, log_path() + " ends before byte " + std::to_string(limit));
    if (entry && !fits_entry(*batch, *entry)) co_return wrong_entry(*entry);
    entry.reset();
    if (batch->end() > limit)
      co_return SegmentEnd{.position = batch->position, .next = batch->base_offset, .batch = batch};
  }
}

std::optional<SegmentEnd> Segment::floor_position_now(std::uint64_t begin, std::uint64_t limit) {
  if (!all_loaded()) return std::nullopt;
  const auto near = offsets_.lookup_position_now(static_cast<std::uint32_t>(limit));
  if (!near) return std::nullopt;
  const SegmentHeads known = heads();
  const StoredBatch* batch = known.find(std::max<std::uint64_t>(near->position, begin));
  if (batch != nullptr && near->position > begin && !fits_entry(*batch, *near)) return std::nullopt;
  while (batch != nullptr && batch->end() <= limit) batch = known.find(batch->end());
  if (batch == nullptr) return std::nullopt;
  return SegmentEnd{.position = batch->position, .next = batch->base_offset, .batch = *batch};
}

Task<Result<Offset>> Segment::read_next_offset() {
  if (size_ == 0) co_return base_offset();
  OTTLA_CO_CHECK(co_await load_indexes());
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  for (const std::uint64_t from : {std::uint64_t{offsets_.last().position}, std::uint64_t{0}}) {
    BatchCursor cursor(*log, from, size_);
    Offset next = base_offset();
    bool corrupt = false;
    while (!corrupt) {
      const Result<std::optional<StoredBatch>> batch = co_await cursor.next();
      corrupt = !batch.ok();
      if (corrupt && (from == 0 || !(batch.error() == Errc::corrupt))) co_return batch.error();
      if (corrupt || !*batch) break;
      next = (*batch)->last_offset + 1;
    }
    if (!corrupt) co_return next;
  }
  co_return base_offset();
}

std::optional<Offset> Segment::next_offset_in(std::string_view bytes) const {
  const auto all = std::as_bytes(std::span(bytes));
  if (all.size() != size_) return std::nullopt;
  Offset next = base_offset();
  for (std::uint64_t at = 0; at < all.size();) {
    const Result<StoredBatch> batch = read_stored_batch(all.subspan(at), at);
    if (!batch.ok() || batch->end() > all.size()) return std::nullopt;
    next = batch->last_offset + 1;
    at = batch->end();
  }
  return next;
}

Task<Result<TimestampOffset>> Segment::max_timestamp() {
  OTTLA_CO_CHECK(co_await load_indexes());
  co_return max_timestamp_;
}

Task<Result<std::optional<std::int64_t>>> Segment::first_timestamp() {
  if (!first_timestamp_ && size_ > 0) {
    OTTLA_CO_TRY(const StoredBatch first, co_await batch_at(0));
    first_timestamp_ = first.max_timestamp;
  }
  co_return first_timestamp_;
}

Task<Result<std::int64_t>> Segment::largest_timestamp() {
  OTTLA_CO_CHECK(co_await load_indexes());
  co_return latest_or_modified();
}

std::optional<std::int64_t> Segment::largest_timestamp_now() const {
  if (!all_loaded()) return std::nullopt;
  return latest_or_modified();
}

// --- Cutting and leaving ------------------------------------------------------------------------------------

Task<Result<std::uint64_t>> Segment::truncate_to(Offset offset) {
  OTTLA_CO_CHECK(co_await load_indexes());
  OTTLA_CO_TRY(const std::optional<StoredBatch> first, co_await find(offset));
  const std::uint64_t before = size_;
  const std::uint64_t size = first ? first->position : before;
  OTTLA_CO_CHECK(co_await offsets_.truncate_to(offset));
  OTTLA_CO_CHECK(co_await times_.truncate_to(offset));
  const std::uint32_t transactions = transactions_.count();
  OTTLA_CO_CHECK(co_await transactions_.truncate_to(offset));
  if (transactions_.count() != transactions) OTTLA_CO_CHECK(co_await transactions_.file().sync());
  OTTLA_CO_CHECK(co_await truncate_log(size));
  OTTLA_CO_CHECK(co_await learn_max_timestamp());
  co_return before - size;
}

Task<Result<void>> Segment::truncate_log(std::uint64_t size) {
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await open_log());
  set_size(size);
  if (size == 0) {
    first_timestamp_.reset();
    created_millis_ = wall_millis();
  }
  OTTLA_CO_CHECK(co_await log->truncate(size));
  // Before anything else may be written there: an old batch must not come back behind a new one.
  co_return co_await log->sync();
}

// No crash leaves a segment without its indexes: on its way out it goes before them, on its way in after them.
Task<Result<void>> Segment::rename(FileStage stage) {
  // An index that is made anew must not appear under a name that is another one's by then.
  OTTLA_CO_TRY(const auto permit, co_await loading_.acquire(1));
  name_.begin_rename(stage);
  const Result<void> renamed = co_await rename_files(stage);
  name_.end_rename(renamed.ok());
  co_return renamed;
}

Task<Result<void>> Segment::rename_files(FileStage stage) {
  const bool comes = stage == FileStage::swap || stage == FileStage::in_use;
  if (!comes) OTTLA_CO_CHECK(co_await rename_file(FileKind::log, stage));
  for (const FileKind kind : kSegmentKinds) {
    if (kind == FileKind::log) continue;
    // Not every segment has an index of transactions: whose it is that stands there tells the index of offsets, which
    // has been renamed before, or has not.
    if (comes && kind == FileKind::transaction_index) {
      OTTLA_CO_CHECK(co_await tools_.file_system->sync_directory(name_.directory()));
    }
    const Result<void> renamed = co_await rename_file(kind, stage);
    if (!renamed.ok() && !(renamed.error() == Errc::not_found)) co_return renamed;
  }
  if (comes) {
    OTTLA_CO_CHECK(co_await tools_.file_system->sync_directory(name_.directory()));
    OTTLA_CO_CHECK(co_await rename_file(FileKind::log, stage));
  }
  co_return Result<void>();
}

Task<Result<void>> Segment::rename_file(FileKind kind, FileStage stage) {
  FileSystem& files = *tools_.file_system;
  const Durability durability = kind == FileKind::log ? Durability::synced : Durability::deferred;
  const Result<void> renamed = co_await files.rename(name_.path(kind), name_.path(kind, stage), durability);
  if (renamed.ok() || kind != FileKind::log || !(renamed.error() == Errc::not_found)) co_return renamed;
  // It has its new name since the last time, which failed behind it.
  if (!(co_await files.status(name_.path(kind, stage))).ok()) co_return renamed;
  co_return co_await files.sync_directory(name_.directory());
}

Task<Result<void>> Segment::remove_files() {
  for (const FileKind kind : kSegmentKinds) {
    const Result<void> removed = co_await tools_.file_system->remove(name_.path(kind));
    if (!removed.ok() && !(removed.error() == Errc::not_found)) co_return removed;
  }
  co_return Result<void>();
}

Task<void> Segment::close_files() {
  co_await gate_.close();
  tools_.files->forget(log_slot_);
  offsets_.file().forget();
  times_.file().forget();
  transactions_.file().forget();
}

}  // namespace ottla::storage
