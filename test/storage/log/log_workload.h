// Does random things, or what a script says, to one log, life after life, and holds what it shows against a model.
//
// Lifetime:    outlives the world whose process runs main(). A copy goes on by itself, in another world.
// Concurrency: confined to the world's one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event.h"
#include "runtime/process.h"
#include "runtime/random.h"
#include "storage/cleaner/cleaner_manager.h"
#include "test/storage/log/broken_doors.h"
#include "test/storage/log/log_language.h"
#include "test/storage/log/log_model.h"

namespace ottla::storage {

struct WorkloadCounts {
  std::uint64_t lives = 0;
  std::uint64_t appended = 0;
  std::uint64_t truncations = 0;
  std::uint64_t cleanings = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t recovered = 0;    // batches found after deaths
  std::uint64_t lost = 0;         // batches that a death took, as it may
  std::uint64_t refused = 0;      // by a full or broken disk
  std::uint64_t read_beside = 0;  // while something was cut off
};

// What a broker's checkpoints say; they are durable when they are written.
struct Checkpoints {
  Offset recovery;
  Offset log_start;
  std::optional<Offset> clean_end;
  bool clean_shutdown = false;
};

// What is done next. Without an amount it is drawn.
struct LogStep {
  enum class What : std::uint8_t {
    append,  // so many batches at once
    append_again,
    flush,
    roll,
    truncate,        // so many offsets
    restart,         // at that offset
    delete_records,  // so many offsets from the log's start on
    expire,
    save_checkpoints,
    look,
    clean,       // what is done next goes on meanwhile
    wait_clean,  // for that
    next_epoch,
    pass_time,  // microseconds
    die,        // without a close
  };
  What what = What::look;
  std::optional<std::int64_t> amount = {};
};
// One list a life; behind the last one, and where one ends, the log is closed.
using LogScript = std::deque<std::deque<LogStep>>;

class LogWorkload {
 public:
  // With a bug planted, whatever runs is wrong in that one way.
  explicit LogWorkload(std::uint64_t seed, Plant plant = Plant::none);
  LogWorkload(std::uint64_t seed, Plant plant, LogConfig config, LogScript script);

  // One life: opens, looks at what is there, works until it is asked to stop, and closes.
  Task<int> main(Process& process, Cancel cancel);
  // The life before ended as a broker that stops.
  bool left_clean() const { return saved_.clean_shutdown; }
  // There is another life to live, by its script.
  bool goes_on() const { return script_ && !script_->empty(); }
  // From now on this is done.
  void follow(LogScript script);
  // Changes with what a crash must leave.
  std::uint64_t expectation() const;
  // How the life before ended. Of two deaths in a row the worse one counts.
  void died(LogModel::Death death) { death_ = std::max(death_, death); }
  // Files are not what was written any more: from now on nothing may be shown that was not written, and all else goes.
  void rotted(std::string what);
  bool rotten() const { return !rot_.empty(); }
  // For bugs that look away from it.
  void tell_flipped(sim::FlippedBit bit) { flipped_.push_back(std::move(bit)); }

  // The last few things that happened go with what is found.
  void note(std::string what);
  const std::vector<std::string>& findings() const { return findings_; }
  const WorkloadCounts& counts() const { return counts_; }

 private:
  struct Shown {
    Offset base = {};
    Offset last = {};
    std::int64_t max_timestamp = -1;
    std::size_t size = 0;
    std::size_t number = 0;  // in the model
    bool whole = true;       // the very bytes; else what is left:
    std::vector<Offset> records = {};
  };
  struct Life;

  // log_workload_checks.cc. What they find ends the world; an error that the disk may give ends the life.
  Task<void> check(Life& life);
  Task<void> check_batches(Life& life);
  Task<bool> read_all(Life& life);
  bool take_shown(std::string_view left, std::size_t& taken);
  std::optional<Shown> take_settled(const record::BatchView& batch, std::string_view bytes);
  std::optional<Shown> take_unsettled(Offset base, std::string_view bytes);
  std::optional<Shown> take_cleaned(const record::BatchView& batch, std::size_t number,
                                    bool at_its_place = true);
  bool judge_losses(Offset end);
  bool judge_compaction(Offset clean_end);
  void judge_last_sequences(Offset log_start);
  Task<void> check_indexes(Life& life);
  Task<void> check_index(Life& life, Segment& segment);
  Task<void> check_lookups(Life& life);
  Task<void> check_producers(Life& life);
  Task<void> check_committed(Life& life);
  void check_consumer(std::string_view bytes, std::vector<AbortedTransaction> aborted);
  std::optional<Offset> first_shown_at(std::int64_t timestamp, Offset from) const;

  // log_workload_rot.cc
  Task<void> live_with_rot(Life& life, Cancel cancel);
  Task<void> read_rotten(Life& life, Offset recovered_from);
  void judge_rotten(std::string_view bytes, bool recovered);

  // log_workload_appends.cc
  Task<void> take_over(Life& life);
  Task<std::string> try_open(Life& life);
  Task<Result<void>> close_with_others(Log& log);
  // Of everything; forgotten by that plant.
  Task<Result<void>> sync_all(Plant forgotten);
  Task<void> append_some(Life& life, std::optional<std::int64_t> count = {});
  Task<void> append_one(Life& life, ModelBatch batch);
  Task<void> append_again(Life& life);
  ModelBatch draw_batch();
  ModelBatch draw_marker(std::int64_t producer);
  void add_records(record::BatchBuilder& builder, ModelBatch& batch, std::int32_t count);

  // log_workload_readers.cc
  void begin_reading(Life& life);
  Task<void> read_beside(Life& life, Offset start);
  Task<void> judge_beside(Life& life, const Fetched& fetched, Offset end);

  // log_workload.cc
  LogConfig draw_config();
  Task<bool> open(Life& life);
  std::optional<LogStep> next_step();
  LogStep draw_step();
  Task<void> take(Life& life, LogStep step);
  Task<void> truncate(Life& life, std::optional<std::int64_t> span);
  Task<void> restart(Life& life, Offset target);
  Task<void> shorten(Life& life, std::optional<std::int64_t> deleted, bool expires);
  Task<void> close(Life& life);
  void begin_cleaning(Life& life, bool all);
  // False when it failed as it may, which ends the life unless the disk was only full.
  bool fine(Life& life, const Result<void>& result);
  void find(std::string what);
  bool good() const { return findings_.empty(); }

  std::uint64_t seed_;
  Plant plant_;
  Random random_;
  LogConfig config_;
  std::optional<LogScript> script_;
  LogModel model_;
  LogModel::Death death_ = LogModel::Death::none;
  bool side_by_side_ = false;
  std::int32_t epoch_ = 0;
  Checkpoints saved_;
  std::optional<Offset> restarting_at_;  // until it is done, however often it takes
  // Below it, records may have come back that were deleted; nobody knows their epochs.
  Offset deleted_end_;
  std::vector<Shown> shown_;               // by the last look
  std::map<std::size_t, Offset> came_at_;  // of what was not settled, where it stands
  std::string rot_;                        // what happened to the files
  bool rot_met_ = false;                   // by a life that went on and changed what was there
  std::vector<sim::FlippedBit> flipped_;
  std::vector<std::string> findings_;
  std::deque<std::string> notes_;
  WorkloadCounts counts_;
};

// One life of the process: what it has open.
struct LogWorkload::Life final : CleanerHome {
  Life(LogWorkload& workload, FileSystem& doors, LogConfig config, std::size_t recent_bytes);
  Task<Result<void>> save_checkpoint(std::string, TopicPartition, std::optional<Offset> offset) override;
  void disk_failed(const std::string&, const Error&) override { works = false; }

  LogWorkload& of;
  LogUnderTest log;
  MetricRegistry metrics;
  CleanerManager cleaner;
  std::unique_ptr<CleanableLog> compaction;
  TaskGroup tasks;
  bool works = true;
  bool just_opened = true;
  Offset opened_end;
  bool cleaning = false;
  Event cleaned;
  bool refused = false;  // something, in the group of appends that is under way
};

}  // namespace ottla::storage
