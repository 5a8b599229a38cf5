#include "storage/log/log_loader.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "base/slice.h"
#include "record/batch_view.h"
#include "runtime/semaphore.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/whole_file.h"
#include "storage/format/leader_epoch_checkpoint.h"
#include "storage/format/partition_metadata.h"
#include "storage/log/batch_cursor.h"
#include "storage/log/segment_scan.h"
#include "storage/log/segment_split.h"

namespace ottla::storage {
namespace {

constexpr std::uint64_t kLargestCheckpoint = std::uint64_t{64} << 20;
constexpr std::uint64_t kSmallFile = 4096;
// So little is recovered beside whatever else is.
constexpr std::uint64_t kLittle = std::uint64_t{1} << 20;

// A start in good order needs these and no others, as long as they are small.
bool is_wanted(std::string_view name) {
  return name == kPartitionMetadata || name == kLeaderEpochCheckpoint || name.ends_with(".log") ||
         name.ends_with(".snapshot");
}

std::string parent_of(const std::string& directory) {
  const std::string parent = directory.substr(0, directory.find_last_of('/'));
  return parent.empty() ? "/" : parent;
}

}  // namespace

Task<Result<std::vector<SeenEntry>>> look_into_log(FileSystem& files, std::string directory) {
  const LookTerms terms{.largest = kSmallFile, .wants = is_wanted};
  Result<std::vector<SeenEntry>> seen = co_await files.look_into(directory, terms);
  if (seen.ok() || !(seen.error() == Errc::not_found)) co_return seen;
  OTTLA_CO_CHECK(co_await files.make_directories(directory, Durability::synced));
  co_return co_await files.look_into(directory, terms);
}

Task<Result<void>> LogLoader::load() {
  OTTLA_CO_CHECK(co_await look());
  OTTLA_CO_CHECK(co_await clear_leftovers());
  log_.marks_.log_start = opening_.log_start;
  Result<Offset> end_found = co_await load_segments();
  while (!end_found.ok() && overflowed_) {
    OTTLA_CO_CHECK(co_await split(*std::exchange(overflowed_, std::nullopt)));
    end_found = co_await load_segments();
  }
  OTTLA_CO_TRY(Offset end, std::move(end_found));
  // A stop in good order leaves all names durable, but for those of a log that holds nothing.
  if (opening_.clean_shutdown) log_.unsynced_.names_synced = log_.unsynced_.names;
  log_.unsynced_.birth =
      opening_.clean_shutdown ? log_.segments_.empty() : opening_.recovery_point == Offset(0);
  std::vector<std::unique_ptr<Segment>>& segments = log_.segments_;
  if (end < opening_.log_start) {
    // All that is here was deleted: the log goes on where it was said to begin.
    OTTLA_CO_CHECK(co_await drop_from(0));
    log_.epochs_.clear();
    ++log_.unsynced_.epochs;
  }
  OTTLA_CO_CHECK(co_await create_if_empty());
  end = std::max(end, segments.back()->base_offset());
  const Offset start = std::max(opening_.log_start, segments.front()->base_offset());
  const Offset flushed = opening_.clean_shutdown ? end : std::clamp(opening_.recovery_point, start, end);
  log_.marks_ = {.log_start = start,
                 .local_start = start,
                 .high_watermark = start,
                 .log_end = end,
                 .recovery_point = flushed,
                 .data_end = end};
  if (log_.epochs_.truncate_from_end(end)) ++log_.unsynced_.epochs;
  if (log_.epochs_.truncate_from_start(opening_.log_start)) ++log_.unsynced_.epochs;
  if (!opening_.clean_shutdown && !opening_.synced_by_owner) {
    // The life before may have ended within a truncation or a deletion. What is seen of them is made durable before
    // anything is written behind it, or what they took could come back.
    if (segments.back()->is_made()) OTTLA_CO_CHECK(co_await segments.back()->sync_log());
    OTTLA_CO_CHECK(co_await log_.sync_names());
  }
  OTTLA_CO_CHECK(co_await restore_producers());
  log_.set_high_watermark(opening_.high_watermark.value_or(start));
  co_return Result<void>();
}

// --- The directory ------------------------------------------------------------------------------------------

Task<Result<void>> LogLoader::look() {
  FileSystem& files = *opening_.tools.file_system;
  if (!opening_.seen) {
    OTTLA_CO_TRY(opening_.seen, co_await look_into_log(files, opening_.directory));
  }
  if (!opening_.clean_shutdown && !opening_.synced_by_owner) {
    // It may be there because a life made it that ended before its name was durable.
    OTTLA_CO_CHECK(co_await files.sync_directory(parent_of(opening_.directory)));
    // Which segments there are decides whose indexes are made anew. A segment that went, and that a second crash
    // brought back, would leave the one before it with what a recovery that did not end had left of its indexes.
    OTTLA_CO_CHECK(co_await files.sync_directory(opening_.directory));
  }
  co_return take_in(*std::exchange(opening_.seen, std::nullopt));
}

Task<Result<void>> LogLoader::list() {
  OTTLA_CO_TRY(std::vector<SeenEntry> seen,
               co_await look_into_log(*opening_.tools.file_system, opening_.directory));
  co_return take_in(std::move(seen));
}

Result<void> LogLoader::take_in(std::vector<SeenEntry> entries) {
  files_.clear();
  has_epochs_ = false;
  for (SeenEntry& entry : entries) {
    if (entry.status.is_directory) continue;
    if (entry.name == kLeaderEpochCheckpoint) {
      has_epochs_ = true;
      epochs_ = std::move(entry.bytes);
      continue;
    }
    const Result<FileName> name = parse_file_name(entry.name);
    if (name.ok()) {
      const bool is_used = name->stage == FileStage::in_use || name->stage == FileStage::swap;
      if (is_used && to_string(*name) != entry.name) {
        return Error(Errc::malformed, "a file named " + entry.name + ", which would be looked for as " +
                                          to_string(*name) + ": move it out of the partition's directory");
      }
      files_.push_back({.name = *name,
                        .path = opening_.directory + '/' + entry.name,
                        .status = entry.status,
                        .bytes = std::move(entry.bytes)});
    } else if (!(name.error() == Errc::not_found)) {
      return name.error();
    }
  }
  return {};
}

Task<Result<void>> LogLoader::clear_leftovers() {
  Offset first_cleaned = Offset::max();
  for (const Found& file : files_) {
    if (file.name.stage == FileStage::cleaned) first_cleaned = std::min(first_cleaned, file.name.offset);
  }
  // A swap that stands behind one that is not whole was not begun. What shows this goes after it, durably: or a second
  // crash could leave the swap alone, which would then take the place of what is whole.
  OTTLA_CO_TRY(const bool any, co_await remove_found([first_cleaned](const FileName& name) {
                 return name.stage == FileStage::swap && name.offset >= first_cleaned;
               }));
  if (any) OTTLA_CO_CHECK(co_await opening_.tools.file_system->sync_directory(opening_.directory));
  OTTLA_CO_CHECK(co_await remove_found([](const FileName& name) {
    return name.stage == FileStage::deleted || name.stage == FileStage::cleaned;
  }));
  const bool swaps =
      std::ranges::any_of(files_, [](const Found& file) { return file.name.stage == FileStage::swap; });
  if (swaps) OTTLA_CO_CHECK(co_await finish_swap());
  co_return Result<void>();
}

Task<Result<bool>> LogLoader::remove_found(std::function<bool(const FileName&)> unwanted) {
  const std::size_t before = files_.size();
  for (const Found& file : files_) {
    if (!unwanted(file.name)) continue;
    log_.tools_.logger.info("removed a leftover", field("path", file.path));
    OTTLA_CO_CHECK(co_await opening_.tools.file_system->remove(file.path));
  }
  std::erase_if(files_, [&](const Found& file) { return unwanted(file.name); });
  co_return files_.size() < before;
}

Task<Result<Offset>> LogLoader::end_of_swap(const Found& file) {
  Segment segment(log_.tools_, log_.directory_, file.name.offset, *opening_.config, FileStage::swap);
  segment.adopt(file.status.size, file.status.modified_millis, false);
  const Result<Offset> end = co_await segment.read_next_offset();
  co_await segment.close_files();
  co_return end;
}

// An index of transactions that is called by its own name beside a swap is the swap's, if the swap's index of offsets,
// which is renamed before it, is a swap no more. Else it is that of a segment which goes.
Task<Result<void>> LogLoader::take_back_transactions() {
  FileSystem& files = *opening_.tools.file_system;
  const auto is_there = [this](Offset base, FileKind kind) {
    return std::ranges::any_of(files_, [&](const Found& file) {
      return file.name.offset == base && file.name.kind == kind && file.name.stage == FileStage::swap;
    });
  };
  bool taken = false;
  for (const Found& file : files_) {
    const Offset base = file.name.offset;
    if (file.name.kind != FileKind::transaction_index || file.name.stage != FileStage::in_use) continue;
    if (!is_there(base, FileKind::log) || is_there(base, FileKind::offset_index)) continue;
    const FileName name{.offset = base, .kind = file.name.kind, .stage = FileStage::swap};
    OTTLA_CO_CHECK(co_await files.rename(file.path, opening_.directory + '/' + to_string(name)));
    taken = true;
  }
  if (!taken) co_return Result<void>();
  OTTLA_CO_CHECK(co_await files.sync_directory(opening_.directory));
  co_return co_await list();
}

// A segment that was split may begin before the first of those that take its place: then it reaches into them, as no
// other does.
Task<Result<Offset>> LogLoader::begin_of_replaced(Offset first_swap) {
  const Found* before = nullptr;
  for (const Found& file : files_) {
    const bool is_before = file.name.stage == FileStage::in_use && file.name.kind == FileKind::log &&
                           file.name.offset < first_swap;
    if (is_before && (before == nullptr || file.name.offset > before->name.offset)) before = &file;
  }
  if (before == nullptr) co_return first_swap;
  Segment segment(log_.tools_, log_.directory_, before->name.offset, *opening_.config);
  const Result<bool> reaches = co_await reaches_to(segment, before->status.size, first_swap);
  co_await segment.close_files();
  if (!reaches.ok()) co_return reaches.error();
  co_return *reaches ? before->name.offset : first_swap;
}

Task<Result<bool>> LogLoader::reaches_to(Segment& segment, std::uint64_t size, Offset offset) {
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await segment.open_log());
  BatchCursor cursor(*log, 0, size);
  while (true) {
    const Result<std::optional<StoredBatch>> batch = co_await cursor.next();
    if (!batch.ok() && !(batch.error() == Errc::corrupt)) co_return batch.error();
    if (!batch.ok() || !*batch) co_return false;
    if ((*batch)->last_offset >= offset) co_return true;
    if (this_shard().slice_spent()) co_await yield();
  }
}

// What the swap replaces goes first, then it takes the place: a crash in between leaves the swap to be seen again.
Task<Result<void>> LogLoader::finish_swap() {
  FileSystem& files = *opening_.tools.file_system;
  OTTLA_CO_CHECK(co_await take_back_transactions());
  Offset first = Offset::max();
  Offset end(std::numeric_limits<std::int64_t>::min());
  for (const Found& file : files_) {
    if (file.name.stage != FileStage::swap || file.name.kind != FileKind::log) continue;
    OTTLA_CO_TRY(const Offset behind, co_await end_of_swap(file));
    first = std::min(first, file.name.offset);
    end = std::max(end, behind);
  }
  OTTLA_CO_TRY(first, co_await begin_of_replaced(first));
  for (const Found& file : files_) {
    if (file.name.stage != FileStage::in_use || file.name.offset < first || file.name.offset >= end) continue;
    log_.tools_.logger.info("removed what was compacted", field("path", file.path));
    OTTLA_CO_CHECK(co_await files.remove(file.path));
  }
  OTTLA_CO_CHECK(co_await files.sync_directory(opening_.directory));
  OTTLA_CO_CHECK(co_await list());  // indexes may have been made anew
  OTTLA_CO_CHECK(co_await rename_swaps({FileKind::offset_index, FileKind::time_index}));
  OTTLA_CO_CHECK(co_await rename_swaps({FileKind::transaction_index}));
  OTTLA_CO_CHECK(
      co_await rename_swaps({FileKind::log}));  // the segments themselves last: they are what is looked for
  co_return co_await list();
}

Task<Result<void>> LogLoader::rename_swaps(std::vector<FileKind> kinds) {
  FileSystem& files = *opening_.tools.file_system;
  for (const Found& file : files_) {
    if (file.name.stage != FileStage::swap || std::ranges::find(kinds, file.name.kind) == kinds.end())
      continue;
    const FileName name{.offset = file.name.offset, .kind = file.name.kind, .stage = FileStage::in_use};
    OTTLA_CO_CHECK(co_await files.rename(file.path, opening_.directory + '/' + to_string(name)));
  }
  co_return co_await files.sync_directory(opening_.directory);
}

Task<Result<void>> LogLoader::adopt_segments() {
  std::set<std::pair<Offset, FileKind>> in_use;
  for (const Found& file : files_) {
    if (file.name.stage == FileStage::in_use) in_use.emplace(file.name.offset, file.name.kind);
  }
  Offset last(std::numeric_limits<std::int64_t>::min());
  for (Found& file : files_) {
    const Offset base = file.name.offset;
    if (file.name.kind == FileKind::producer_snapshot) {
      log_.snapshots_.add(base);
      // A recovery may write others in their place.
      if (file.bytes && opening_.clean_shutdown) snapshots_.emplace(base, *std::move(file.bytes));
      continue;
    }
    if (file.name.kind != FileKind::log) {
      if (in_use.contains({base, FileKind::log})) continue;
      log_.tools_.logger.warn("removed an index without a segment", field("path", file.path));
      OTTLA_CO_CHECK(co_await opening_.tools.file_system->remove(file.path));
      continue;
    }
    auto segment = std::make_unique<Segment>(log_.tools_, log_.directory_, base, *opening_.config);
    segment->adopt(file.status.size, file.status.modified_millis,
                   in_use.contains({base, FileKind::transaction_index}));
    if (file.status.size > 0 && !in_use.contains({base, FileKind::offset_index})) {
      without_index_.push_back(base);
    }
    log_.segments_.push_back(std::move(segment));
    if (base < last) continue;
    last = base;
    last_segment_ = std::move(file.bytes);
  }
  std::ranges::sort(log_.segments_, {}, &Segment::base_offset);
  std::ranges::sort(without_index_);
  co_return Result<void>();
}

Task<Result<Offset>> LogLoader::load_segments() {
  OTTLA_CO_CHECK(co_await adopt_segments());
  OTTLA_CO_CHECK(co_await load_epochs());
  if (!opening_.clean_shutdown) {
    OTTLA_CO_CHECK(co_await recover());
    co_return co_await end_of_segments();
  }
  for (const Offset base : without_index_) {
    OTTLA_CO_CHECK(co_await restore_transactions(*log_.segments_[log_.floor_segment(base)]));
  }
  Result<Offset> end = co_await end_of_segments();
  if (!end.ok() && end.error() == Errc::too_large) overflowed_ = log_.segments_.back()->base_offset();
  co_return end;
}

// The log's start without any segment. After an unclean stop it is what recovery has left, and not what was there
// before.
Task<Result<Offset>> LogLoader::end_of_segments() {
  if (log_.segments_.empty()) co_return opening_.log_start;
  Segment& last = *log_.segments_.back();
  if (opening_.clean_shutdown && last_segment_) {
    if (const std::optional<Offset> end = last.next_offset_in(*last_segment_)) co_return *end;
  }
  co_return co_await last.read_next_offset();
}

// All that was learned of the segments is forgotten: there are others now.
Task<Result<void>> LogLoader::split(Offset base) {
  Segment& old = *log_.segments_[log_.floor_segment(base)];
  for (const Found& file : files_) {
    const bool is_it =
        file.name.offset == base && file.name.kind == FileKind::log && file.name.stage == FileStage::in_use;
    if (is_it) old.set_size(file.status.size);
  }
  log_.tools_.logger.warn("a segment's offsets lie too far from each other: it is split",
                          field("path", old.log_path()));
  OTTLA_CO_CHECK(co_await split_segment(log_.tools_, *opening_.config, old));
  for (const std::unique_ptr<Segment>& segment : log_.segments_) co_await segment->close_files();
  log_.segments_.clear();
  (void)log_.snapshots_.take_all();
  snapshots_.clear();
  without_index_.clear();
  last_segment_.reset();
  OTTLA_CO_CHECK(co_await list());
  co_return Result<void>();
}

Task<Result<void>> LogLoader::load_epochs() {
  if (!has_epochs_) co_return Result<void>();
  const std::string path = opening_.directory + '/' + std::string(kLeaderEpochCheckpoint);
  if (!epochs_) {
    const Result<Slice> text =
        co_await read_whole_file(*opening_.tools.file_system, path, kLargestCheckpoint);
    if (!text.ok()) co_return text.error();
    epochs_ = std::string(text->as_string_view());
  }
  OTTLA_CO_TRY(const std::vector<EpochEntry> entries, parse_leader_epochs(*epochs_, path));
  log_.epochs_ = LeaderEpochs(entries);
  co_return Result<void>();
}

Task<Result<void>> LogLoader::create_if_empty() {
  if (!log_.segments_.empty()) co_return Result<void>();
  auto segment =
      std::make_unique<Segment>(log_.tools_, log_.directory_, opening_.log_start, *opening_.config);
  Segment& created = *segment;
  log_.segments_.push_back(std::move(segment));
  if (opening_.log_start == Offset(0)) {
    // Where nothing is, a log begins at 0: that takes no file.
    created.start_unmade();
    co_return Result<void>();
  }
  ++log_.unsynced_.names;
  co_return co_await created.create(*opening_.config);
}

// The last first, durably, so that no crash leaves a hole.
Task<Result<void>> LogLoader::drop_from(std::size_t index) {
  while (log_.segments_.size() > index) OTTLA_CO_CHECK(co_await log_.drop_segment(log_.segments_.size() - 1));
  co_return Result<void>();
}

// --- After an unclean stop ----------------------------------------------------------------------------------

Task<Result<void>> LogLoader::recover() {
  std::vector<std::unique_ptr<Segment>>& segments = log_.segments_;
  if (segments.empty()) co_return Result<void>();
  // What lies below the log's start need not have been durable, and nobody will ask for it.
  while (segments.size() > 1 && segments[1]->base_offset() <= opening_.log_start) {
    OTTLA_CO_CHECK(co_await log_.drop_segment(0));
  }
  std::size_t first = log_.floor_segment(opening_.recovery_point);
  // An empty segment may be left of a roll that failed, while the one before it went on.
  while (first > 0 && segments[first]->size() == 0) {
    const Result<Offset> end = co_await segments[first - 1]->read_next_offset();
    if (end.ok() && *end <= segments[first]->base_offset()) break;
    // Nobody will look at the one before it again: it is made anew for what it says, and not for a disk that is silent.
    if (!end.ok() && end.error() != Errc::corrupt) co_return end.error();
    --first;
  }
  progress_ = {.segments = segments.size() - first};
  for (std::size_t i = first; i < segments.size(); ++i) progress_.bytes += segments[i]->size();
  Semaphore::Permit turn;
  if (opening_.recoveries != nullptr && progress_.bytes > kLittle) {
    OTTLA_CO_TRY(turn, co_await opening_.recoveries->acquire(1));
  }
  expected_ = segments[first]->base_offset();
  OTTLA_CO_CHECK(co_await reload_producers(expected_));
  // One that a crash tore is made anew: the records before it may go in this life.
  if (first > 0) co_await log_.write_snapshot();
  for (std::size_t index = first; index < segments.size(); ++index) {
    // Segments meet, unless compaction left records out or a tail was lost.
    const Offset base = segments[index]->base_offset();
    const bool hole = index > first && base != expected_ && (base < expected_ || !opening_.config->compacts);
    bool cut = hole;
    if (hole) {
      log_.tools_.logger.warn("a segment does not go on where the one before it ends; dropped from there on",
                              field("path", segments[index]->log_path()), field("expected", expected_.raw()));
      OTTLA_CO_CHECK(co_await drop_from(index));
    } else {
      expected_ = base;
      OTTLA_CO_TRY(cut, co_await recover_segment(index));
      if (cut) OTTLA_CO_CHECK(co_await drop_from(index + 1));
    }
    ++progress_.segments_done;
    tell_progress(0);
    if (cut) break;
  }
  log_.producers_.set_map_end_offset(expected_);
  co_return Result<void>();
}

Task<Result<bool>> LogLoader::recover_segment(std::size_t index) {
  Segment& segment = *log_.segments_[index];
  const std::uint64_t size = segment.size();
  OTTLA_CO_CHECK(co_await segment.reset_indexes());
  OTTLA_CO_CHECK(co_await segment.reset_transactions());
  segment.set_size(0);
  const Result<void> scanned = co_await scan_segment(segment, size);
  if (!scanned.ok() && !(scanned.error() == Errc::corrupt)) co_return scanned.error();
  const bool cut = segment.size() != size;
  if (cut) {
    log_.tools_.logger.warn("cut off what is no good batch", field("path", segment.log_path()),
                            field("kept", segment.size()), field("cut", size - segment.size()),
                            field("why", scanned.ok() ? std::string() : scanned.error().to_string()));
    OTTLA_CO_CHECK(co_await segment.truncate_log(segment.size()));
  }
  if (!cut && index + 1 < log_.segments_.size()) segment.finish();
  OTTLA_CO_CHECK(co_await segment.write_indexes());
  log_.producers_.set_map_end_offset(expected_);
  if (!cut && index + 1 < log_.segments_.size()) co_await log_.write_snapshot();
  co_return cut;
}

Task<Result<void>> LogLoader::scan_segment(Segment& segment, std::uint64_t size) {
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await segment.open_log());
  SegmentScan scan(*log, 0, size);
  while (true) {
    OTTLA_CO_TRY(const std::optional<SegmentScan::Batch> batch, co_await scan.next());
    if (!batch) co_return Result<void>();
    OTTLA_CO_CHECK(take(segment, batch->header, batch->bytes));
    tell_progress(batch->header.size);
  }
}

Result<void> LogLoader::take(Segment& segment, const StoredBatch& header, std::span<const std::byte> bytes) {
  if (!checksum_holds(bytes, header.magic)) {
    return Error(Errc::corrupt,
                 "the checksum of the batch at byte " + std::to_string(header.position) + " does not hold");
  }
  // Of old formats the first offset is not known.
  const bool goes_back =
      header.last_offset < expected_ || (header.magic == record::kMagic && header.base_offset < expected_);
  // Where nothing was compacted away, offsets do not leap: what says so is no good batch.
  const bool is_far = !segment.can_hold(header.last_offset);
  if (!goes_back && is_far && opening_.config->compacts) return overflow(segment, header);
  if (goes_back || is_far) {
    return Error(Errc::corrupt, "the batch at byte " + std::to_string(header.position) + " has offset " +
                                    header.base_offset.to_string() + " where " + expected_.to_string() +
                                    " goes on");
  }
  segment.note(header);
  expected_ = header.last_offset + 1;
  if (header.magic != record::kMagic) return {};
  if (header.leader_epoch >= 0) learn_epoch(LeaderEpoch(header.leader_epoch), header.base_offset);
  OTTLA_TRY(const record::BatchView view, record::BatchView::first_of(bytes));
  replay(segment, view);
  return {};
}

Error LogLoader::overflow(const Segment& segment, const StoredBatch& header) {
  overflowed_ = segment.base_offset();
  return Error(Errc::too_large, "offset " + header.last_offset.to_string() +
                                    " lies too far from the first one of " + segment.log_path());
}

// What the checkpoint says may be of records that were cut off since, and that others took the place of.
void LogLoader::learn_epoch(LeaderEpoch epoch, Offset base) {
  LeaderEpochs& epochs = log_.epochs_;
  if (epochs.epoch_for(base) == epoch) return;
  for (auto latest = epochs.latest(); latest && (latest->epoch > epoch || latest->start > base);
       latest = epochs.latest()) {
    epochs.truncate_from_end(latest->start);
  }
  (void)epochs.assign(epoch, base);
  ++log_.unsynced_.epochs;
}

// What the batch means for producers, and for the segment's index of aborted transactions.
void LogLoader::replay(Segment& segment, const record::BatchView& batch) {
  for (const CompletedTransaction& completed : log_.replay_batch(batch)) {
    if (!completed.aborted) continue;
    segment.transactions().append({.producer_id = completed.producer_id,
                                   .first_offset = completed.first_offset,
                                   .last_offset = completed.last_offset,
                                   .last_stable_offset = completed.last_stable_offset});
  }
}

void LogLoader::tell_progress(std::uint64_t bytes_more) {
  constexpr std::uint64_t kStep = std::uint64_t{16} << 20;
  const std::uint64_t before = progress_.bytes_done;
  progress_.bytes_done += bytes_more;
  if (!opening_.progress) return;
  if (bytes_more == 0 || before / kStep != progress_.bytes_done / kStep) opening_.progress(progress_);
}

// --- After a loss of files ----------------------------------------------------------------------------------

// Whoever lost the index of offsets may have lost that of aborted transactions too, which is missed by nobody: most
// segments have none. The others are made anew when they are used.
Task<Result<void>> LogLoader::restore_transactions(Segment& segment) {
  log_.tools_.logger.warn("a segment without an index; made anew", field("path", segment.log_path()));
  OTTLA_CO_CHECK(co_await reload_producers(segment.base_offset()));
  OTTLA_CO_CHECK(co_await segment.reset_transactions());
  OTTLA_CO_TRY(const SegmentFiles::Use log, co_await segment.open_log());
  SegmentScan scan(*log, 0, segment.size());
  while (true) {
    const Result<std::optional<SegmentScan::Batch>> batch = co_await scan.next();
    if (!batch.ok() && !(batch.error() == Errc::corrupt)) co_return batch.error();
    if (!batch.ok() || !*batch) break;  // who reads the bad batch will tell
    if ((*batch)->header.last_offset >= segment.base_offset() &&
        !segment.can_hold((*batch)->header.last_offset)) {
      co_return overflow(segment, (*batch)->header);
    }
    if ((*batch)->header.magic != record::kMagic || (*batch)->is_damaged()) continue;
    OTTLA_CO_TRY(const record::BatchView view, record::BatchView::first_of((*batch)->bytes));
    replay(segment, view);
  }
  co_return co_await segment.write_indexes();
}

// --- Producers ----------------------------------------------------------------------------------------------

Task<Result<void>> LogLoader::reload_producers(Offset end) {
  return log_.reload_producers(end, opening_.high_watermark.value_or(Offset::max()), snapshots_);
}

Task<Result<void>> LogLoader::restore_producers() {
  std::vector<Offset> bases;
  bases.reserve(log_.segments_.size());
  for (const std::unique_ptr<Segment>& segment : log_.segments_) bases.push_back(segment->base_offset());
  co_await log_.remove_snapshots(log_.snapshots_.take_stray(bases));
  // A clean stop leaves a snapshot of the log's end. Where there is none it got lost, and the records tell.
  if (opening_.clean_shutdown) co_return co_await reload_producers(log_.marks_.log_end);
  if (log_.producers_.map_end_offset() == log_.marks_.log_end) co_return Result<void>();
  co_return co_await reload_producers(log_.marks_.log_end);
}

}  // namespace ottla::storage
