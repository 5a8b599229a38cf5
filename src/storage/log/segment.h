// One file of record batches and the indexes over it.
//
// Lifetime:    owned by the Log (or by the loader before it); who suspends while using it holds a pass of its gate,
//              and it is destroyed only after close_files().
// Concurrency: confined to the partition's shard; no locks. Appends, truncation and renaming are one at a time, seen
//              to by the Log; reads run beside them.
// Invariants:  1. base_offset() <= every offset in the file
//              2. size() is the end of a batch; what the file holds behind it means nothing
// Errors:      Result<T>; corrupt for bytes that are no batches.
// Format:      docs/format/segment.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/chain.h"
#include "base/offset.h"
#include "base/result.h"
#include "runtime/clock.h"
#include "runtime/gate.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"
#include "storage/index/offset_index.h"
#include "storage/index/time_index.h"
#include "storage/index/transaction_index.h"
#include "storage/log/batch_cursor.h"
#include "storage/log/index_state.h"
#include "storage/log/log_config.h"
#include "storage/log/log_tools.h"
#include "storage/log/segment_files.h"
#include "storage/log/segment_name.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

// An end of a batch, or the beginning of the next one.
struct SegmentEnd {
  std::uint64_t position = 0;
  Offset next;                            // of the batch that begins there
  std::optional<StoredBatch> batch = {};  // that one, when it was looked at
};

class Segment {
 public:
  Segment(const LogTools& tools, const std::string& directory, Offset base, const LogConfig& config,
          FileStage stage = FileStage::in_use);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // --- Beginning --------------------------------------------------------------------------------------------
  // Makes new, empty files; old ones of these names go.
  Task<Result<void>> create(LogConfig config);
  // There is no file of any of its names, and none is made before create().
  void start_unmade();
  bool is_made() const { return is_made_; }
  // The files are there. What the indexes hold is looked at when they are used, and made anew when it is wrong.
  void adopt(std::uint64_t size, std::int64_t modified_millis, bool has_transactions);

  Offset base_offset() const { return name_.base(); }
  std::uint64_t size() const { return size_; }
  const SegmentName& name() const { return name_; }
  std::string log_path() const { return name_.path(FileKind::log); }
  Result<Gate::Pass> enter() { return gate_.enter(); }

  // --- Appending --------------------------------------------------------------------------------------------
  Task<Result<void>> load_indexes();
  // Needed once before the first append, which will have the offset `next`, or a later one.
  Task<Result<void>> load_indexes_to_append(Offset next);
  bool indexes_loaded() const { return offsets_.loaded() && times_.loaded(); }
  // Behind size(), which stays: note() follows when the log has taken notice.
  Task<Result<void>> write(Chain bytes);
  // The batch that lies at size() counts from now on.
  void note(const StoredBatch& batch);
  // Something was written just now.
  void touch(std::int64_t now_millis) { modified_millis_ = now_millis; }
  std::int64_t modified_millis() const { return modified_millis_; }
  bool can_hold(Offset last_offset) const { return OffsetIndex::can_hold(base_offset(), last_offset); }
  IndexState index_state() const;
  // How long the segment has been written to, when a batch with this timestamp comes now. first_timestamp() was
  // asked for once.
  std::int64_t waited_millis(std::int64_t timestamp, std::int64_t now_millis) const;
  Duration roll_jitter() const { return roll_jitter_; }
  // Nobody writes them, and there is enough for a write.
  bool indexes_want_write() {
    return !writes_indexes_ && (offsets_.file().wants_write() || times_.file().wants_write());
  }
  Task<Result<void>> write_indexes();
  // No batch will follow: gives the time index its last entry.
  void finish();

  // --- Durability -------------------------------------------------------------------------------------------
  // Of the batches up to size() as it is now.
  Task<Result<void>> sync_log();
  Task<Result<void>> sync_indexes();
  // Of loaded ones: that would have nothing to do.
  bool indexes_durable();

  // --- Looking up -------------------------------------------------------------------------------------------
  // The first batch that reaches `offset`.
  Task<Result<std::optional<StoredBatch>>> find(Offset offset);
  // The same at once. Nothing when something would have to be read.
  std::optional<std::optional<StoredBatch>> find_now(Offset offset);
  // The header of the batch at a position that is known to be one's beginning.
  Task<Result<StoredBatch>> batch_at(std::uint64_t position);
  // The last end of a batch that is at most `limit`; `begin` is an end of one, and limit < size().
  Task<Result<SegmentEnd>> floor_position(std::uint64_t begin, std::uint64_t limit);
  // The same at once. Nothing when something would have to be read.
  std::optional<SegmentEnd> floor_position_now(std::uint64_t begin, std::uint64_t limit);
  // Behind the last batch; the base offset when there is none.
  Task<Result<Offset>> read_next_offset();
  // The same for who has all bytes of the file at hand. Nothing when they are not whole batches.
  std::optional<Offset> next_offset_in(std::string_view bytes) const;
  // The latest timestamp and the batch that has it: its last offset. -1 without any.
  Task<Result<TimestampOffset>> max_timestamp();
  // Of the first batch.
  Task<Result<std::optional<std::int64_t>>> first_timestamp();
  // For retention: the latest timestamp, or when the file changed last.
  Task<Result<std::int64_t>> largest_timestamp();
  // The same at once, when the indexes are loaded.
  std::optional<std::int64_t> largest_timestamp_now() const;
  Task<Result<SegmentFiles::Use>> open_log();
  // Empty when it has to be opened first.
  SegmentFiles::Use log_now() { return tools_.files->try_use(log_slot_); }
  // Another one after each cut.
  BatchHeads::Number number() const { return number_; }
  // What is remembered of the batches, as long as none is cut off.
  SegmentHeads heads() const { return {.heads = tools_.heads, .segment = number_}; }
  TransactionIndex& transactions() { return transactions_; }
  OffsetIndex& offsets() { return offsets_; }
  TimeIndex& times() { return times_; }

  // --- Cutting and leaving ----------------------------------------------------------------------------------
  // Forgets the batch of `offset` and what follows, durably. How many bytes that were.
  Task<Result<std::uint64_t>> truncate_to(Offset offset);
  // The same at the end of a batch, without a look at the batches before it. Index entries are dealt with already.
  Task<Result<void>> truncate_log(std::uint64_t size);
  // All indexes empty, in memory and in their files, and the latest timestamp unknown: what note() tells from a
  // first batch on is the truth.
  Task<Result<void>> reset_indexes();
  Task<Result<void>> reset_transactions();
  // Before a recovery notes the batches anew; follows reset_indexes().
  void set_size(std::uint64_t size) {
    size_ = size;
    forget_heads();
  }
  Task<Result<void>> rename(FileStage stage);
  // Removes the files; missing ones are no error.
  Task<Result<void>> remove_files();
  // Waits for those inside, and lets nobody in. Descriptors and pages go.
  Task<void> close_files();

 private:
  void start_empty();
  Task<Result<void>> write_waiting_entries();
  Task<Result<void>> rename_file(FileKind kind, FileStage stage);
  Task<Result<void>> rename_files(FileStage stage);
  Task<Result<void>> load_or_rebuild();
  Task<Result<void>> rebuild_indexes();
  Task<Result<void>> note_all();
  Result<void> check_place(const StoredBatch& batch, Offset last) const;
  void forget_index_entries();
  Task<Result<std::optional<StoredBatch>>> find_at(OffsetPosition entry, Offset offset);
  Task<Result<std::optional<StoredBatch>>> find_from(OffsetPosition from, Offset offset);
  // `begin` is the place that the entry tells, when there is one.
  Task<Result<SegmentEnd>> floor_from(File& log, std::uint64_t begin, std::uint64_t limit,
                                      std::optional<OffsetPosition> entry);
  Task<Result<void>> learn_max_timestamp();
  void forget_heads();
  bool all_loaded() const { return indexes_loaded() && transactions_.loaded(); }
  bool may_be_next(const OffsetIndex::Around& around, Offset offset) const;
  bool is_the_one(const StoredBatch& batch, OffsetPosition entry, Offset offset) const;
  // Whether an entry of the index tells the truth about the batch where it points to.
  bool fits_entry(const StoredBatch& batch, OffsetPosition entry) const;
  Error wrong_entry(OffsetPosition entry) const;
  std::int64_t latest_or_modified() const {
    return max_timestamp_.timestamp >= 0 ? max_timestamp_.timestamp : modified_millis_;
  }

  const LogTools& tools_;
  SegmentName name_;
  SegmentFiles::Slot log_slot_;
  OffsetIndex offsets_;
  TimeIndex times_;
  TransactionIndex transactions_;
  bool is_made_ = true;
  bool writes_indexes_ = false;      // somebody does
  bool transactions_named_ = false;  // durably
  std::uint64_t size_ = 0;
  BatchHeads::Number number_;                    // another one after each cut
  TimestampOffset max_timestamp_;                // known when the indexes are loaded
  std::optional<std::int64_t> first_timestamp_;  // once somebody asked, or when the first batch came
  std::int64_t created_millis_ = 0;
  std::int64_t modified_millis_ = 0;
  Duration roll_jitter_{0};
  const std::uint32_t index_interval_;
  Gate gate_;
  Semaphore loading_{1};
};

}  // namespace ottla::storage
