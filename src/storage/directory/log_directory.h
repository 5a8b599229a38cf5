// One log directory of a node (log.dirs): its lock, its identity, its checkpoints, and which partitions lie in it.
//
// Use:         OTTLA_CO_TRY(auto directory, co_await LogDirectory::open(files, path));
//              … whatever may refuse it looks at it …   OTTLA_CO_CHECK(co_await directory->begin());
//              OTTLA_CO_TRY(auto found, co_await directory->partitions());  … logs are opened …
//              co_await directory->close(LogDirectory::Ending::clean(broker_epoch));
// Lifetime:    close() must have ended before it is destroyed, unless the shard was killed.
// Concurrency: confined to one shard; writes of one kind of checkpoint wait for each other.
// Invariants:  1. while it is open no other process, and no second LogDirectory, has the path open
//              2. the mark of a clean shutdown is gone from the disk before begin() ends: a crash from then on is one.
//                 Before that nothing is changed, and without it close() leaves the mark as it was
//              3. once offline it stays so, and nothing is written to it any more
// Errors:      busy, with who holds the directory; malformed for files that are not what they should be; those of the
//              disk. A disk that fails takes the directory offline: every later call gives that same error.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "storage/directory/checkpoint_keeper.h"
#include "storage/format/directory_name.h"
#include "storage/format/meta_properties.h"
#include "storage/format/offset_checkpoint.h"

namespace ottla::storage {

class LogDirectory {
 public:
  // Makes the directory when it is not there.
  static Task<Result<std::unique_ptr<LogDirectory>>> open(FileSystem& files, std::string path);
  // Nothing refuses it any more: what lies in it may be changed.
  Task<Result<void>> begin();

  const std::string& path() const { return path_; }
  // What meta.properties says; nothing in a directory that was never formatted.
  const std::optional<MetaProperties>& identity() const { return identity_; }
  Task<Result<void>> write_identity(MetaProperties identity);

  // Whether all logs in it were closed in good order, and the broker epoch of that time if it is known.
  bool was_clean() const { return was_clean_; }
  std::optional<std::int64_t> clean_broker_epoch() const { return clean_broker_epoch_; }

  struct Partition {
    std::string directory;  // within path()
    DirectoryName name;
    friend bool operator==(const Partition&, const Partition&) = default;
  };
  // All partitions' directories, in the order of their names, but for that of the cluster's metadata.
  Task<Result<std::vector<Partition>>> partitions();

  // Empty when there is no such file; one that cannot be understood is told in `damage` and counts as empty, since all
  // that it says can be found again in the logs.
  using Checkpoint = CheckpointKeeper::Checkpoint;
  Task<Result<Checkpoint>> read_checkpoint(OffsetCheckpoint kind);
  // Durable when it ends. What stands there already is not written again. What `gather` gives is written before
  // anybody changes it.
  Task<Result<void>> write_checkpoint(OffsetCheckpoint kind, CheckpointKeeper::Gather gather);
  // Of logs that nobody works on.
  Task<Result<void>> write_checkpoint(OffsetCheckpoint kind, std::vector<PartitionOffset> offsets);
  // Of one partition; durable when it ends.
  Task<Result<void>> change_checkpoint(OffsetCheckpoint kind, CheckpointChange change);

  bool is_offline() const { return failure_.has_value(); }
  const std::optional<Error>& failure() const { return failure_; }
  // The disk failed. The first reason stays.
  void go_offline(Error reason);
  // Takes the directory offline if that is what the error means; gives the error back.
  Error note(Error error);

  struct Ending {
    bool is_clean = false;
    std::int64_t broker_epoch = -1;
    static Ending clean(std::int64_t broker_epoch) { return {true, broker_epoch}; }
    static Ending unclean() { return {}; }
  };
  // Marks a clean shutdown, when it is one, and gives up the lock. All logs are closed by then. Who never had a broker
  // epoch marks it as it was marked before.
  Task<Result<void>> close(Ending ending);

 private:
  static constexpr std::size_t kCheckpointKinds = 4;

  LogDirectory(FileSystem& files, std::string path, std::unique_ptr<FileLock> lock);

  static Task<Result<std::unique_ptr<LogDirectory>>> open_in(FileSystem& files, std::string path);
  std::string path_of(std::string_view name) const;
  Task<Result<void>> read_identity();
  Task<Result<void>> read_clean_mark();
  Result<void> check_online() const;
  CheckpointKeeper& keeper(OffsetCheckpoint kind) { return *keepers_[static_cast<std::size_t>(kind)]; }
  Result<void> heed(Result<void> result);

  FileSystem& files_;
  const std::string path_;
  std::unique_ptr<FileLock> lock_;
  std::optional<MetaProperties> identity_;
  std::optional<Error> failure_;
  bool begun_ = false;
  bool was_clean_ = false;
  std::optional<std::int64_t> clean_broker_epoch_;
  std::array<std::unique_ptr<CheckpointKeeper>, kCheckpointKinds> keepers_;  // by OffsetCheckpoint
};

// Whether an error means that the disk, not the request, is at fault.
bool is_disk_failure(Errc code);
// Room, memory or descriptors were missing: nothing is wrong with the disk, and the same may be tried again.
bool passes_by_itself(Errc code);

}  // namespace ottla::storage
