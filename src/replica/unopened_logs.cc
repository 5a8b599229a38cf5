#include "replica/unopened_logs.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "replica/log_loading.h"
#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "storage/directory/log_directory.h"

namespace ottla::replica {

using storage::LogSet;
using storage::OffsetCheckpoint;

namespace {

Task<Result<OpenedLog>> open_here(ReplicaSet& set, NodeId node, LogSet::Existing existing) {
  const TopicPartition partition = existing.partition;
  const bool is_future = existing.is_future;
  OTTLA_CO_CHECK(co_await set.logs().open(std::move(existing)));
  const std::optional<Uuid> topic_id =
      is_future ? set.logs().future_topic_id(partition) : set.logs().topic_id(partition);
  if (!is_stray(*set.cluster().image(), node, partition, topic_id)) co_return OpenedLog{.topic_id = topic_id};
  // A future log, too: it would be taken for that of whoever has the name next.
  OTTLA_CO_CHECK(
      co_await (is_future ? set.logs().set_aside_future(partition) : set.logs().set_aside(partition)));
  co_return OpenedLog{.is_stray = true};
}

std::optional<Offset> offset_of(const LogSet::Existing& existing, OffsetCheckpoint kind) {
  switch (kind) {
    case OffsetCheckpoint::recovery_point:
      return existing.recovery_point;
    case OffsetCheckpoint::log_start:
      return existing.log_start;
    case OffsetCheckpoint::high_watermark:
      return existing.high_watermark;
    case OffsetCheckpoint::cleaner:
      return existing.clean_below;
  }
  return std::nullopt;
}

}  // namespace

Task<Result<OpenedLog>> open_log(ReplicaSet& set, ShardId shard, NodeId node, LogSet::Existing existing) {
  co_return co_await on(this_shard().process().shard(shard),
                        [&set, node, existing = std::move(existing)]() mutable {
                          return open_here(set, node, std::move(existing));
                        });
}

void UnopenedLogs::add(std::vector<UnopenedLog> logs) {
  logs_.insert(logs_.end(), std::make_move_iterator(logs.begin()), std::make_move_iterator(logs.end()));
}

const UnopenedLog* UnopenedLogs::find(const TopicPartition& partition) const {
  const auto found = std::ranges::find_if(logs_, [&partition](const UnopenedLog& log) {
    return !log.existing.is_future && log.existing.partition == partition;
  });
  return found == logs_.end() ? nullptr : &*found;
}

bool UnopenedLogs::may_open(const UnopenedLog& log) const {
  const ReplicaDirectories::Directory* const directory = directories_.find(log.existing.directory);
  return storage::passes_by_itself(log.error.code()) && directory->online();
}

bool UnopenedLogs::any_may_open() const {
  return std::ranges::any_of(logs_, [this](const UnopenedLog& log) { return may_open(log); });
}

Task<std::vector<TopicPartition>> UnopenedLogs::open_again() {
  std::vector<TopicPartition> done;
  for (std::size_t at = 0; at < logs_.size();) {
    if (!may_open(logs_[at])) {
      ++at;
      continue;
    }
    const ShardId shard = logs_[at].shard;
    const Result<OpenedLog> opened = co_await open_log(*sets_[shard.raw()], shard, node_, logs_[at].existing);
    UnopenedLog& log = logs_[at];
    if (!opened.ok()) {
      log.error = opened.error();
      logger_.warn("a log cannot be opened yet", field("log", log.existing.folder),
                   field("directory", log.existing.directory), field("error", log.error.to_string()));
      if (storage::is_disk_failure(log.error.code())) directories_.fail(log.existing.directory, log.error);
      ++at;
      continue;
    }
    logger_.info("a log could be opened at last", field("log", log.existing.folder),
                 field("directory", log.existing.directory));
    if (!opened->is_stray) directories_.count(log.existing.directory, 1);
    done.push_back(log.existing.partition);
    logs_.erase(logs_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  co_return done;
}

std::vector<storage::PartitionOffset> UnopenedLogs::checkpoints_in(const std::string& directory,
                                                                   OffsetCheckpoint kind) const {
  std::vector<storage::PartitionOffset> all;
  for (const UnopenedLog& log : logs_) {
    if (log.existing.directory != directory || log.existing.is_future) continue;
    const std::optional<Offset> offset = offset_of(log.existing, kind);
    if (offset && *offset > Offset(0)) all.push_back({log.existing.partition, *offset});
  }
  return all;
}

bool UnopenedLogs::any_to_recover(const std::string& directory) const {
  return std::ranges::any_of(logs_, [&directory](const UnopenedLog& log) {
    return log.existing.directory == directory && !log.existing.was_clean;
  });
}

}  // namespace ottla::replica
