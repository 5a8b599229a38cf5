#include "storage/directory/log_directory.h"

#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/slice.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "storage/format/clean_shutdown.h"

namespace ottla::storage {
namespace {

constexpr std::string_view kLock = ".lock";
constexpr std::string_view kMetadataDirectory = "__cluster_metadata-0";
// The cache of remote segments' indexes lies among the partitions.
constexpr std::string_view kRemoteIndexCache = "remote-log-index-cache";
constexpr std::uint64_t kLargestSmallFile = 1 << 20;

bool is_partition(const DirectoryEntry& entry) {
  return entry.is_directory && entry.name != kMetadataDirectory && entry.name != kRemoteIndexCache;
}

}  // namespace

bool is_disk_failure(Errc code) {
  switch (code) {
    case Errc::io_error:
    case Errc::sync_failed:
    case Errc::read_only:
    case Errc::system:
      return true;
    default:
      return false;
  }
}

bool passes_by_itself(Errc code) {
  return code == Errc::no_space || code == Errc::out_of_budget || code == Errc::too_many_files;
}

LogDirectory::LogDirectory(FileSystem& files, std::string path, std::unique_ptr<FileLock> lock)
    : files_(files), path_(std::move(path)), lock_(std::move(lock)) {
  for (std::size_t i = 0; i < kCheckpointKinds; ++i) {
    const auto kind = static_cast<OffsetCheckpoint>(i);
    keepers_[i] = std::make_unique<CheckpointKeeper>(files_, path_of(file_name(kind)), kind, failure_);
  }
}

Task<Result<std::unique_ptr<LogDirectory>>> LogDirectory::open(FileSystem& files, std::string path) {
  const std::string name = path;
  Result<std::unique_ptr<LogDirectory>> directory = co_await open_in(files, std::move(path));
  if (directory.ok()) co_return directory;
  Error error = std::move(directory).error();
  if (!is_disk_failure(error.code()) && error != Errc::permission_denied) co_return error;
  co_return std::move(error).with_context(
      "the log directory " + name +
      " cannot be used: let the disk be mended, and mounted so that this user may write there, or take the "
      "directory out of log.dirs");
}

Task<Result<std::unique_ptr<LogDirectory>>> LogDirectory::open_in(FileSystem& files, std::string path) {
  OTTLA_CO_CHECK(co_await files.make_directories(path, Durability::synced));
  OTTLA_CO_TRY(std::unique_ptr<FileLock> lock, co_await files.lock(path + '/' + std::string(kLock)));
  std::unique_ptr<LogDirectory> directory(new LogDirectory(files, std::move(path), std::move(lock)));
  Result<void> read = co_await directory->read_identity();
  if (read.ok()) read = co_await directory->read_clean_mark();
  if (!read.ok()) {
    co_await directory->lock_->release();
    co_return std::move(read).error();
  }
  co_return directory;
}

std::string LogDirectory::path_of(std::string_view name) const {
  return path_ + '/' + std::string(name);
}

Task<Result<void>> LogDirectory::read_identity() {
  const std::string path = path_of(kMetaProperties);
  const Result<Slice> bytes = co_await read_whole_file(files_, path, kLargestSmallFile);
  if (!bytes.ok() && bytes.error() == Errc::not_found) co_return Result<void>();
  if (!bytes.ok()) co_return bytes.error();
  OTTLA_CO_TRY(identity_, parse_meta_properties(bytes->as_string_view(), path));
  co_return Result<void>();
}

Task<Result<void>> LogDirectory::write_identity(MetaProperties identity) {
  OTTLA_CO_CHECK(check_online());
  const std::int64_t seconds = to_epoch_millis(this_shard().wall_now()) / 1000;
  const Result<void> written = co_await replace_file(
      files_, path_of(kMetaProperties), Slice::copy_of(encode_meta_properties(identity, seconds)));
  if (!written.ok()) co_return note(written.error());
  identity_ = std::move(identity);
  co_return Result<void>();
}

Task<Result<void>> LogDirectory::read_clean_mark() {
  const Result<Slice> mark = co_await read_whole_file(files_, path_of(kCleanShutdown), kLargestSmallFile);
  if (!mark.ok() && mark.error() == Errc::not_found) co_return Result<void>();
  if (!mark.ok()) co_return mark.error();
  was_clean_ = true;
  clean_broker_epoch_ = parse_clean_shutdown(mark->as_string_view());
  co_return Result<void>();
}

Task<Result<void>> LogDirectory::begin() {
  OTTLA_CO_CHECK(check_online());
  if (was_clean_) {
    const Result<void> removed = co_await files_.remove(path_of(kCleanShutdown), Durability::synced);
    if (!removed.ok()) co_return note(removed.error());
  }
  begun_ = true;
  co_return Result<void>();
}

Task<Result<std::vector<LogDirectory::Partition>>> LogDirectory::partitions() {
  OTTLA_CO_CHECK(check_online());
  const Result<std::vector<DirectoryEntry>> entries = co_await files_.list(path_);
  if (!entries.ok()) co_return note(entries.error());
  std::vector<Partition> found;
  for (const DirectoryEntry& entry : *entries) {
    if (!is_partition(entry)) continue;
    Result<DirectoryName> name = parse_directory_name(entry.name);
    if (!name.ok()) co_return std::move(name).error().with_context("log directory " + path_);
    found.push_back({entry.name, std::move(name).value()});
  }
  co_return found;
}

Task<Result<LogDirectory::Checkpoint>> LogDirectory::read_checkpoint(OffsetCheckpoint kind) {
  Result<Checkpoint> read = co_await keeper(kind).read();
  if (!read.ok()) co_return note(read.error());
  co_return read;
}

Task<Result<void>> LogDirectory::write_checkpoint(OffsetCheckpoint kind, CheckpointKeeper::Gather gather) {
  co_return heed(co_await keeper(kind).replace(std::move(gather)));
}

Task<Result<void>> LogDirectory::write_checkpoint(OffsetCheckpoint kind,
                                                  std::vector<PartitionOffset> offsets) {
  const auto gather = [&]() -> Task<std::vector<PartitionOffset>> { co_return std::move(offsets); };
  co_return co_await write_checkpoint(kind, gather);
}

Task<Result<void>> LogDirectory::change_checkpoint(OffsetCheckpoint kind, CheckpointChange change) {
  co_return heed(co_await keeper(kind).change(std::move(change)));
}

Result<void> LogDirectory::heed(Result<void> result) {
  if (result.ok()) return {};
  return note(result.error());
}

void LogDirectory::go_offline(Error reason) {
  if (!failure_) failure_ = std::move(reason).with_context("log directory " + path_ + " is offline");
}

Error LogDirectory::note(Error error) {
  if (is_disk_failure(error.code())) go_offline(error);
  return error;
}

Result<void> LogDirectory::check_online() const {
  if (failure_) return *failure_;
  return {};
}

Task<Result<void>> LogDirectory::close(Ending ending) {
  Result<void> marked;
  if (ending.is_clean && begun_ && !is_offline()) {
    const std::int64_t before = was_clean_ ? clean_broker_epoch_.value_or(-1) : -1;
    const std::int64_t epoch = ending.broker_epoch >= 0 ? ending.broker_epoch : before;
    marked =
        co_await replace_file(files_, path_of(kCleanShutdown), Slice::copy_of(encode_clean_shutdown(epoch)));
  }
  co_await lock_->release();
  co_return marked;
}

}  // namespace ottla::storage
