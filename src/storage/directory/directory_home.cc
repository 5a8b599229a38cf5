#include "storage/directory/directory_home.h"

#include <vector>

#include "storage/directory/log_set.h"

namespace ottla::storage {
namespace {

using enum OffsetCheckpoint;

constexpr OffsetCheckpoint kAll[] = {recovery_point, cleaner, log_start, high_watermark};

}  // namespace

Result<LogDirectory*> DirectoryHome::find(const std::string& path) const {
  const auto found = directories_.find(path);
  if (found == directories_.end()) return Error(Errc::not_found, path + " is no log directory of this node");
  return found->second;
}

Task<Result<void>> DirectoryHome::change(LogDirectory& directory, OffsetCheckpoint kind,
                                         CheckpointChange change) {
  Result<void> changed = co_await directory.change_checkpoint(kind, std::move(change));
  // The directory knows already that its disk is at fault; its owner does not.
  if (!changed.ok() && directory.is_offline()) disk_failed(directory.path(), *directory.failure());
  co_return changed;
}

Task<Result<void>> DirectoryHome::change_all(std::string directory, CheckpointChange change_of_each) {
  OTTLA_CO_TRY(LogDirectory* const found, find(directory));
  for (const OffsetCheckpoint kind : kAll) OTTLA_CO_CHECK(co_await change(*found, kind, change_of_each));
  co_return Result<void>();
}

Task<Result<void>> DirectoryHome::lower_checkpoints(std::string directory, TopicPartition partition,
                                                    Offset offset) {
  return change_all(std::move(directory), {std::move(partition), offset, CheckpointChange::How::lower});
}

Task<Result<void>> DirectoryHome::forget_checkpoints(std::string directory, TopicPartition partition) {
  return change_all(std::move(directory), {std::move(partition), Offset(0), CheckpointChange::How::forget});
}

Task<Result<void>> DirectoryHome::save_checkpoint(std::string log_directory, TopicPartition partition,
                                                  std::optional<Offset> offset) {
  OTTLA_CO_TRY(LogDirectory* const found, find(log_directory));
  const auto how = offset ? CheckpointChange::How::set : CheckpointChange::How::forget;
  co_return co_await change(*found, cleaner, {std::move(partition), offset.value_or(Offset(0)), how});
}

void DirectoryHome::disk_failed(const std::string& log_directory, const Error& error) {
  const auto found = directories_.find(log_directory);
  if (found != directories_.end()) found->second->go_offline(error);
  if (on_failure_) on_failure_(log_directory, error);
}

Task<Result<void>> save_checkpoints(LogDirectory& directory, const LogSet& logs) {
  using List = std::vector<PartitionOffset> LogSet::Checkpoints::*;
  constexpr std::pair<OffsetCheckpoint, List> kLists[] = {
      {recovery_point, &LogSet::Checkpoints::recovery_points},
      {log_start, &LogSet::Checkpoints::log_starts},
      {high_watermark, &LogSet::Checkpoints::high_watermarks}};
  for (const auto& [kind, list] : kLists) {
    const auto gather = [&]() -> Task<std::vector<PartitionOffset>> {
      co_return std::move(logs.checkpoints_of(directory.path()).*list);
    };
    OTTLA_CO_CHECK(co_await directory.write_checkpoint(kind, gather));
  }
  co_return Result<void>();
}

}  // namespace ottla::storage
