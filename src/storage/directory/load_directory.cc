#include "storage/directory/load_directory.h"

#include <map>
#include <utility>

#include "runtime/semaphore.h"
#include "runtime/task_group.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"

namespace ottla::storage {
namespace {

using Offsets = std::map<TopicPartition, Offset>;

class Loading {
 public:
  Loading(LogDirectory& directory, LogSet& logs, LoadTerms& terms)
      : directory_(directory), logs_(logs), terms_(terms), turns_(static_cast<std::int64_t>(terms.at_once)) {}

  Task<Result<LoadOutcome>> run() {
    OTTLA_CO_TRY(std::vector<LogDirectory::Partition> found, co_await directory_.partitions());
    OTTLA_CO_TRY(recovery_points_, co_await read(OffsetCheckpoint::recovery_point));
    OTTLA_CO_TRY(log_starts_, co_await read(OffsetCheckpoint::log_start));
    OTTLA_CO_TRY(high_watermarks_, co_await read(OffsetCheckpoint::high_watermark));
    OTTLA_CO_TRY(clean_, co_await read(OffsetCheckpoint::cleaner));
    for (const LogDirectory::Partition& each : found) progress_.logs += is_opened(each) ? 1 : 0;
    TaskGroup group;
    for (LogDirectory::Partition& each : found) {
      if (each.name.role == DirectoryRole::deleted) logs_.remove_folder_later(path_of(each));
      if (!is_opened(each)) continue;
      Semaphore::Permit turn = co_await take_turn();
      group.spawn(open(std::move(each), std::move(turn)));
    }
    co_await group.wait();
    co_return std::move(outcome_);
  }

 private:
  static bool is_opened(const LogDirectory::Partition& found) {
    return found.name.role == DirectoryRole::log || found.name.role == DirectoryRole::future;
  }
  std::string path_of(const LogDirectory::Partition& found) const {
    return directory_.path() + '/' + found.directory;
  }

  Task<Semaphore::Permit> take_turn() {
    Result<Semaphore::Permit> turn = co_await turns_.acquire(1);
    co_return std::move(turn).value();  // nobody cancels it
  }

  Task<Result<Offsets>> read(OffsetCheckpoint kind) {
    OTTLA_CO_TRY(LogDirectory::Checkpoint checkpoint, co_await directory_.read_checkpoint(kind));
    if (checkpoint.damage) outcome_.damages.push_back(std::move(*checkpoint.damage));
    Offsets offsets;
    for (PartitionOffset& each : checkpoint.offsets) offsets[std::move(each.partition)] = each.offset;
    co_return offsets;
  }

  static Offset of(const Offsets& offsets, const TopicPartition& partition) {
    const auto found = offsets.find(partition);
    return found == offsets.end() ? Offset(0) : found->second;
  }

  std::optional<Offset> clean_below(const TopicPartition& partition) const {
    const auto found = clean_.find(partition);
    return found == clean_.end() ? std::nullopt : std::optional(found->second);
  }

  Task<void> open(LogDirectory::Partition found, Semaphore::Permit turn) {
    const TopicPartition& partition = found.name.partition;
    std::uint64_t counted = 0;
    const Result<Log*> log =
        co_await logs_.open({.directory = directory_.path(),
                             .folder = found.directory,
                             .partition = partition,
                             .is_future = found.name.role == DirectoryRole::future,
                             .log_start = of(log_starts_, partition),
                             .recovery_point = of(recovery_points_, partition),
                             .high_watermark = of(high_watermarks_, partition),
                             .clean_below = clean_below(partition),
                             .was_clean = directory_.was_clean(),
                             .progress = [this, &counted](const RecoveryProgress& progress) {
                               progress_.bytes_read += progress.bytes_done - counted;
                               counted = progress.bytes_done;
                               tell();
                             }});
    if (!log.ok()) {
      outcome_.failures.push_back({found.directory, directory_.note(log.error())});
    } else {
      co_await settle(found);
    }
    ++progress_.logs_done;
    tell();
    turn.give_back();
  }

  Task<void> settle(const LogDirectory::Partition& found) {
    const TopicPartition& partition = found.name.partition;
    const bool is_future = found.name.role == DirectoryRole::future;
    const std::optional<Uuid> topic_id =
        is_future ? logs_.future_topic_id(partition) : logs_.topic_id(partition);
    if (!terms_.is_stray || !terms_.is_stray(partition, topic_id)) {
      ++outcome_.opened;
      co_return;
    }
    outcome_.strays.push_back(partition);
    const Result<void> aside =
        co_await (is_future ? logs_.set_aside_future(partition) : logs_.set_aside(partition));
    if (!aside.ok()) outcome_.failures.push_back({found.directory, directory_.note(aside.error())});
  }

  void tell() const {
    if (terms_.progress) terms_.progress(progress_);
  }

  LogDirectory& directory_;
  LogSet& logs_;
  LoadTerms& terms_;
  Semaphore turns_;
  Offsets recovery_points_;
  Offsets log_starts_;
  Offsets high_watermarks_;
  Offsets clean_;
  LoadProgress progress_;
  LoadOutcome outcome_;
};

}  // namespace

Task<Result<LoadOutcome>> load_directory(LogDirectory& directory, LogSet& logs, LoadTerms terms) {
  Loading loading(directory, logs, terms);
  co_return co_await loading.run();
}

}  // namespace ottla::storage
