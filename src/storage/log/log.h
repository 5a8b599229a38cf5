// One partition's log: segments one behind the other, of which the last one grows.
//
// Appends take turns: each is checked and given its place in memory, at once; then those that came together are
// written together. What is not written yet is seen by nobody but the next append.
//
// Lifetime:    made by open(); close() must have ended before it is destroyed. Outlived by its tools.
// Concurrency: confined to the partition's shard; no locks. Every member function may be called at any time.
// Invariants:  1. log_start <= last_stable <= high_watermark <= log_end; recovery_point <= log_end
//              2. what lies below recovery_point is durable, with its indexes and leader epochs
//              3. the first base offset <= log_start, and each later one is the end of the segment before it, or
//                 beyond it when batches were left out (compaction)
// Errors:      not_found for offsets outside of the log; no_space fails one append and leaves the log as it was;
//              io_error and sync_failed put it offline: no more changes, while reads go on.
// Format:      docs/format/
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/exclusive_bytes.h"
#include "base/leader_epoch.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/validator.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/file_system.h"
#include "runtime/gate.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "storage/leader_epochs.h"
#include "storage/log/append_group.h"
#include "storage/log/append_outcome.h"
#include "storage/log/index_state.h"
#include "storage/log/log_config.h"
#include "storage/log/log_owner.h"
#include "storage/log/log_tools.h"
#include "storage/log/read_cursors.h"
#include "storage/log/recent_appends.h"
#include "storage/log/segment.h"
#include "storage/producer/producer_states.h"
#include "storage/producer/snapshot_offsets.h"

namespace ottla::storage {

struct RecoveryProgress {
  std::size_t segments_done = 0;
  std::size_t segments = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes = 0;
};

struct LogOpening {
  std::string directory;
  std::string partition;  // "topic-0"; for people
  std::shared_ptr<const LogConfig> config;
  LogTools tools;
  Offset log_start;       // checkpointed
  Offset recovery_point;  // checkpointed
  // Checkpointed; without one, transactions that ended here count as replicated, and the watermark begins at the
  // log's start.
  std::optional<Offset> high_watermark = {};
  bool clean_shutdown = false;
  ProducerOptions producers = {};
  std::function<void(const RecoveryProgress&)> progress = {};
  LogOwner* owner = nullptr;  // is asked before records are taken back
  // What was seen of the directory since anybody changed it, for whoever had to look anyway.
  std::optional<std::vector<SeenEntry>> seen = {};
  // After an unclean stop: whoever opens many logs makes all that is on their disk durable before, and again when all
  // are open and before any of them is changed. None of them does so for itself, then.
  bool synced_by_owner = false;
  // So many read what they have to recover side by side, where it is more than a little.
  Semaphore* recoveries = nullptr;
};

// What there is to see in a log's directory, and in one that is not there yet, which it makes.
Task<Result<std::vector<SeenEntry>>> look_into_log(FileSystem& files, std::string directory);

enum class Isolation : std::uint8_t { log_end, high_watermark, committed };

struct ReadRequest {
  Offset start;
  std::uint64_t max_bytes = 0;
  bool at_least_one = true;  // the first batch may be larger than max_bytes
  Isolation isolation = Isolation::log_end;
};

struct Fetched {
  Chain records = {};  // whole batches; the first one may begin before the offset that was asked for
  Offset next;         // behind the last batch; the offset that was asked for, when there is none
  Offset segment_base;
  std::uint64_t position = 0;  // of the first batch, in its segment
  // There is a batch, and it is larger than what was allowed.
  bool first_too_large = false;
  std::vector<AbortedTransaction> aborted = {};  // for Isolation::committed
};

class Log {
 public:
  static Task<Result<std::unique_ptr<Log>>> open(LogOpening opening);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // --- What it holds ----------------------------------------------------------------------------------------
  Offset log_start() const { return marks_.log_start; }
  // Of what lies here; below it and from log_start on, records may lie elsewhere.
  Offset local_log_start() const { return marks_.local_start; }
  Offset log_end() const { return marks_.log_end; }
  Offset high_watermark() const { return marks_.high_watermark; }
  Offset last_stable_offset() const;
  Offset recovery_point() const { return marks_.recovery_point; }
  std::uint64_t size() const;
  std::size_t segment_count() const { return segments_.size(); }
  const std::vector<std::unique_ptr<Segment>>& segments() const { return segments_; }
  Segment& active() { return *segments_.back(); }
  const std::string& directory() const { return directory_; }
  const LogConfig& config() const { return *config_; }
  // Another number whenever records are taken back at its end. Who copies the log sees by it that what it read may be
  // gone.
  std::uint64_t cuts() const { return unsynced_.truncations; }
  void set_config(std::shared_ptr<const LogConfig> config) { config_ = std::move(config); }
  // Why nothing can be changed any more.
  const std::optional<Error>& offline() const { return offline_; }

  // --- Appending --------------------------------------------------------------------------------------------
  // One batch, of a client or a coordinator, which is given its offset; or batches of the metadata quorum's leader,
  // which have theirs. The bytes are changed in place, and belong to the log from now on.
  Task<AppendOutcome> append_as_leader(ExclusiveBytes records, LeaderEpoch epoch, AppendTerms terms = {});
  // Batches that have their offsets, from the partition's leader in this epoch. What is of a later one is left out.
  Task<AppendOutcome> append_as_follower(ExclusiveBytes records, LeaderEpoch epoch);

  // --- Reading ----------------------------------------------------------------------------------------------
  Task<Result<Fetched>> read(ReadRequest request);

  // Readers of what was appended lately go to the files from now on; for tests, and when memory is short.
  void forget_recent() { tail_.clear(); }

  struct TimedOffset {
    std::int64_t timestamp = -1;
    Offset offset;
    std::int32_t leader_epoch = -1;

    friend bool operator==(const TimedOffset&, const TimedOffset&) = default;
  };
  // The first record at or after log_start that is not earlier than `timestamp`.
  Task<Result<std::optional<TimedOffset>>> offset_for_timestamp(std::int64_t timestamp);
  // The first record that has the latest timestamp of all.
  Task<Result<std::optional<TimedOffset>>> offset_of_max_timestamp();

  // --- Marks ------------------------------------------------------------------------------------------------
  // Clamped to [log_start, log_end]; what it became.
  Offset set_high_watermark(Offset offset);
  // DeleteRecords: nothing below is shown any more. not_found above the high watermark.
  Task<Result<void>> advance_log_start(Offset offset);
  const LeaderEpochs& epochs() const { return epochs_; }
  // This epoch's records will be at `start` and behind it. Below the log's end that is durable when this ends. Of an
  // epoch without records nothing is written down before its first one is: every open() forgets it.
  Task<Result<void>> assign_epoch(LeaderEpoch epoch, Offset start);
  ProducerStates& producers() { return producers_; }

  // --- Durability -------------------------------------------------------------------------------------------
  // Everything up to log_end() as it is now.
  Task<Result<void>> flush() { return flush_until(marks_.log_end); }
  Task<Result<void>> flush_until(Offset end);
  // By flush.ms: there is something to flush, and the last time is long ago.
  bool flush_due() const;

  // --- Changing its shape -----------------------------------------------------------------------------------
  Task<Result<void>> roll();
  // The next record's offset lies further on: those between are there no more, in the log that this one copies.
  Task<Result<void>> skip_to(Offset end);
  // Forgets the records of `offset` and beyond, durably. False when there were none.
  Task<Result<bool>> truncate_to(Offset offset);
  // Forgets all records: the log goes on at `offset`.
  Task<Result<void>> truncate_fully_and_start_at(Offset offset, std::optional<Offset> log_start = {});
  // By log_start, size and time, as the topic is configured: how many segments that were.
  Task<Result<std::size_t>> delete_old_segments();
  // Compaction: a segment of its own with new files, called ".cleaned"…
  Task<Result<std::unique_ptr<Segment>>> create_cleaned(Offset base);
  // …that, whole and durable, takes the place of those; after a crash all of that has happened, or nothing.
  Task<Result<void>> replace_segments(std::unique_ptr<Segment> cleaned, std::vector<Segment*> replaced);
  // The same log under another path.
  Task<Result<void>> rename_directory(std::string directory);
  // Clean: an open() that is told so need not look at what was written.
  Task<Result<void>> close();
  // Lets go of everything and leaves the files as they are: of a log that is offline, or that is to be deleted.
  Task<void> abandon();
  // The same as close() in three steps, for who closes many logs and makes all that is on their disk durable between the
  // steps. What fails, or is not durable, takes abandon() instead of what is left of them.
  // Nobody enters any more, and what close() would write stands in files. Whether any of it is not durable yet; else,
  // and whenever there are only a few logs, close() is the next step.
  Task<Result<bool>> come_to_rest();
  // That is durable. Whether names changed, which have to be durable before the last step.
  Task<Result<bool>> take_names();
  Task<void> end_durable();

 private:
  friend class LogLoader;

  struct Marks {
    Offset log_start;
    Offset local_start;
    Offset high_watermark;
    Offset log_end;
    Offset recovery_point;
    Offset data_end;  // behind the last batch: before log_end when a truncation met the inside of one
  };
  // Where the next append will lie, and what the active segment's indexes will hold, when all that was taken in is
  // written.
  struct Reserved {
    Offset next;
    std::uint64_t position = 0;
    IndexState index;
  };
  struct ReadPlace {
    Segment* segment = nullptr;
    Gate::Pass pass;
    StoredBatch batch;
  };

  // Nobody appends until it is done, however often it takes.
  struct Cut {
    Offset at;
    std::optional<Offset> new_start = {};  // all goes, and the log begins anew
    bool in_files = false;                 // it is
  };
  // Another one after whatever has cut something off in between: who was looking for a place has to look again.
  struct CutVersion {
    std::uint64_t cuts = 0;
    BatchHeads::Number segment = 0;

    friend bool operator==(const CutVersion&, const CutVersion&) = default;
  };

  explicit Log(LogOpening opening);

  // log_append.cc
  // All of these are called by who has the turn, except for write_group().
  Task<Result<void>> get_ready();
  Task<AppendOutcome> append(ExclusiveBytes records, LeaderEpoch epoch, AppendTerms terms);
  Verdict take_in(const record::ValidatedAppend& append, const AppendTerms& terms);
  Task<Result<void>> make_room(const record::ValidatedAppend& append);
  bool should_roll(const record::ValidatedAppend& append, std::int64_t now_millis) const;
  void reserve(const record::ValidatedAppend& append);
  void reset_reservation();
  Task<Result<void>> leave_clean();
  // Without a sync. The leader epochs lie beside their file, which a crash must not leave torn.
  Task<Result<void>> write_down();
  bool is_durable() const;
  Task<void> stop();
  // The same, and what a cut left undone is done.
  Task<Result<void>> settle();
  // Called by who made it busy.
  Task<Result<void>> write_group();
  void publish(const AppendGroup& group);
  void fail_writes(const Error& error, WaiterList& members);
  Task<void> drained();
  Task<Result<void>> repair();
  Task<Result<void>> roll_to(Offset base);
  Task<void> write_indexes_of(Segment& segment, Gate::Pass pass);

  // log_flush.cc
  // flush_until() for who has a pass, and for close().
  Task<Result<void>> make_durable(Offset end);
  Task<Result<void>> sync_names();
  // What a log that was made lately may lack: its own name, and whose it is.
  Task<Result<void>> sync_birth();
  Task<Result<void>> save_epochs();
  std::string epochs_path() const;
  Chain epochs_text() const;
  // The log's end moves: what waited for that has to be saved with the next flush.
  void note_epoch_used() {
    if (std::exchange(unsynced_.epoch_waits, false)) ++unsynced_.epochs;
  }
  Task<Result<void>> sync_segments(Offset end);
  void note_flush(Instant begun) const;
  Task<void> flush_in_background(Offset end);
  // What a disk may refuse without harm passes; all else ends the log.
  Error note_failure(Error error);

  // log_shape.cc
  // Called by who has no turn.
  Task<Result<std::unique_ptr<LogOwner::Hold>>> announce_cut(Offset offset);
  // These are called by who has it.
  Task<Result<void>> start_change();
  Task<Result<bool>> is_cut_by(Offset offset);
  Task<Result<void>> drop_segment(std::size_t index);
  // Its files vanish later: it is called ".deleted" and is in the log no more.
  void let_go(std::unique_ptr<Segment> segment);
  Task<void> remove_later(std::unique_ptr<Segment> segment, Cancel hurry);
  // Until no files are left of a segment that began there and was let go: the next one takes their names.
  Task<void> hurry_removal(Offset base);
  // What truncate_to() and truncate_fully_and_start_at() have said in unsynced_.cut.
  Task<Result<void>> finish_cut();
  Task<Result<void>> cut_files(Offset offset);
  Task<Result<void>> begin_anew(Offset offset, Offset log_start);
  void raise_log_start(Offset offset);
  Task<Result<std::size_t>> expired_segments();
  bool may_go(std::size_t index) const;

  // log_replace.cc
  Task<Result<void>> swap_in(std::unique_ptr<Segment>& cleaned, std::vector<Segment*> replaced);

  // log_producers.cc
  std::string snapshot_path(Offset offset) const;
  Task<void> write_snapshot();
  // Called before the log begins at `start`.
  Task<Result<void>> keep_producers(Offset start);
  Task<void> remove_snapshots(std::vector<Offset> offsets);
  // Bytes of snapshots, as far as somebody has read them.
  using SeenSnapshots = std::map<Offset, std::string>;
  // The producers' state as of `end`, from the latest good snapshot and the batches behind it. What is not replicated
  // below `known` is in memory already, or there is nothing of it.
  Task<Result<void>> reload_producers(Offset end, Offset known, const SeenSnapshots& seen);
  Task<Result<Slice>> read_snapshot(Offset offset, const SeenSnapshots& seen);
  Task<void> suspect_transactions(Offset known, Offset snapshot, const SeenSnapshots& seen);
  Task<Result<void>> replay_producers(Offset end);
  std::vector<CompletedTransaction> replay_batch(const record::BatchView& batch);

  // log_lookup.cc
  // What `find` gives, which is called again where something was cut off while it was looking.
  template <typename Find>
  Task<Result<std::optional<TimedOffset>>> look_up(Find find);
  Task<Result<std::optional<TimedOffset>>> find_timestamp(std::int64_t timestamp);
  Task<Result<std::optional<TimedOffset>>> find_max_timestamp();
  Task<Result<std::optional<TimedOffset>>> search_segment(Segment& segment, std::uint64_t position,
                                                          std::int64_t timestamp, Offset from);
  // The first record of the segment that is not earlier, at or after log_start.
  Task<Result<std::optional<TimedOffset>>> search_time(Segment& segment, std::int64_t timestamp);
  std::optional<std::optional<TimedOffset>> search_time_now(Segment& segment, std::int64_t timestamp);
  Task<Result<void>> collect_aborted(Offset segment_base, Fetched& fetched, Offset start);

  // log_read.cc
  Offset end_for(Isolation isolation) const;
  bool read_recent(const ReadRequest& request, Offset end, Fetched& fetched);
  Task<Result<std::optional<ReadPlace>>> find_batch(Offset offset);
  // What ends in _now asks memory alone: nothing when something would have to be read.
  std::optional<ReadPlace> find_batch_now(Offset offset);
  CutVersion cut_version() const {
    return {.cuts = unsynced_.truncations, .segment = unsynced_.cut ? segments_.back()->number() : 0};
  }
  Task<Result<Fetched>> read_files(ReadRequest request, Offset end, CutVersion cuts);
  // Where in the segment reading has to stop for `end`.
  Task<Result<SegmentEnd>> limit_of(Segment& segment, Offset end);
  std::optional<SegmentEnd> limit_now(Segment& segment, Offset end);
  std::size_t floor_segment(Offset offset) const;

  struct Writes {
    // Taken in, and not being written yet; being written. They take turns, since moving them costs more.
    AppendGroup& waiting() { return groups[turn]; }
    AppendGroup& flying() { return groups[1 - turn]; }
    void take_off() { turn = static_cast<std::uint8_t>(1 - turn); }

    std::array<AppendGroup, 2> groups;
    std::uint8_t turn = 0;
    WaiterList members;            // of waiting()
    bool busy = false;             // somebody writes, or is about to
    Event idle;                    // woken when nobody does any more
    std::optional<Error> failure;  // of a write: what was taken in behind it has to go, by repair()
  };

  // Versions of what is in memory and of what is on the disk.
  struct Unsynced {
    std::uint64_t names = 1;
    std::uint64_t names_synced = 0;
    bool birth = false;  // of its directory
    std::uint64_t epochs = 0;
    std::uint64_t epochs_saved = 0;
    bool epoch_waits = false;  // the latest, for its first record
    std::uint64_t truncations = 0;
    std::optional<Cut> cut;     // under way, or to be gone on with; nothing is reserved then
    LogOwner* owner = nullptr;  // is asked before one of them
    Semaphore saving{1};
    Instant last_flush;
  };

  LogTools tools_;
  std::string directory_;
  std::string partition_;
  std::shared_ptr<const LogConfig> config_;
  std::vector<std::unique_ptr<Segment>> segments_;  // by base offset; never empty once open
  Marks marks_;
  std::optional<Reserved> reserved_;  // known from the first append on
  Writes writes_;
  Semaphore turn_{1};  // to change the log; appends hold it until they are taken in
  RecentAppends::Tail tail_;
  ReadCursors cursors_;
  LeaderEpochs epochs_;
  ProducerStates producers_;
  SnapshotOffsets snapshots_;
  Unsynced unsynced_;
  std::optional<Error> offline_;
  std::map<Offset, CancelSource> leaving_;  // segments that were let go, by base: requested when it is urgent
  Event left_;                              // woken when one of them is gone
  TaskGroup tasks_;
  Gate gate_;
};

}  // namespace ottla::storage
