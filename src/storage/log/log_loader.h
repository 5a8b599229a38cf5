// Brings a log's directory into a state that a Log can go on from, after a clean stop and after any other.
//
// What a stop in good order left is taken as it is: sizes of files, the last batch, a snapshot of producers. After any
// other, every batch from the segment of the recovery point on is read and checked, the log is cut at the first bad
// one, and indexes, producers and epochs are made anew from what is left. All of it may be cut short by another crash
// and begun again. A segment that is found to reach further than its indexes can tell is split.
//
// Lifetime:    for one load.
// Concurrency: confined to the log's shard; nobody else uses the directory meanwhile.
// Errors:      those of the disk; malformed for files of foreign names and for checkpoints that cannot be read.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "storage/format/file_name.h"
#include "storage/log/log.h"

namespace ottla::storage {

class LogLoader {
 public:
  LogLoader(Log& log, LogOpening& opening) : log_(log), opening_(opening) {}

  Task<Result<void>> load();

 private:
  struct Found {
    FileName name;
    std::string path;
    FileStatus status;
    std::optional<std::string> bytes;  // of small files, as they were when the directory was looked into
  };

  Task<Result<void>> look();
  Task<Result<void>> list();
  Result<void> take_in(std::vector<SeenEntry> entries);
  // What a cleaner or a deletion left behind is finished or undone, by the reference's rules.
  Task<Result<void>> clear_leftovers();
  // Whether there was any.
  Task<Result<bool>> remove_found(std::function<bool(const FileName&)> unwanted);
  Task<Result<void>> finish_swap();
  Task<Result<void>> take_back_transactions();
  // Give them their own names, durably.
  Task<Result<void>> rename_swaps(std::vector<FileKind> kinds);
  Task<Result<Offset>> end_of_swap(const Found& file);
  Task<Result<Offset>> begin_of_replaced(Offset first_swap);
  static Task<Result<bool>> reaches_to(Segment& segment, std::uint64_t size, Offset offset);
  Task<Result<void>> adopt_segments();
  // Adopts them, and recovers what has to be. Behind the last batch of the last one.
  Task<Result<Offset>> load_segments();
  Task<Result<Offset>> end_of_segments();
  // A segment whose offsets lie too far from each other, by several that have the same batches.
  Task<Result<void>> split(Offset base);
  Error overflow(const Segment& segment, const StoredBatch& header);
  Task<Result<void>> load_epochs();
  Task<Result<void>> recover();
  // True when the log was cut here.
  Task<Result<bool>> recover_segment(std::size_t index);
  Task<Result<void>> scan_segment(Segment& segment, std::uint64_t size);
  Result<void> take(Segment& segment, const StoredBatch& header, std::span<const std::byte> bytes);
  void learn_epoch(LeaderEpoch epoch, Offset base);
  void replay(Segment& segment, const record::BatchView& batch);
  Task<Result<void>> restore_transactions(Segment& segment);
  Task<Result<void>> drop_from(std::size_t index);
  Task<Result<void>> create_if_empty();
  Task<Result<void>> restore_producers();
  Task<Result<void>> reload_producers(Offset end);
  void tell_progress(std::uint64_t bytes_more);

  Log& log_;
  LogOpening& opening_;
  std::vector<Found> files_;
  bool has_epochs_ = false;  // a file of them
  // The bytes of small files, and of the last segment when it is one.
  std::optional<std::string> epochs_;
  std::map<Offset, std::string> snapshots_;
  std::optional<std::string> last_segment_;
  std::vector<Offset> without_index_;  // the bases of segments that lost it
  std::optional<Offset> overflowed_;   // the base of one that has to be split
  RecoveryProgress progress_;
  Offset expected_;  // behind the last batch that recovery took in
};

}  // namespace ottla::storage
