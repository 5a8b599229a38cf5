#include "replica/log_loading.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "replica/unopened_logs.h"
#include "runtime/cross_shard.h"
#include "runtime/file_system.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "storage/format/directory_name.h"

namespace ottla::replica {

using storage::DirectoryRole;
using storage::LogDirectory;
using storage::LogSet;
using storage::OffsetCheckpoint;

namespace {

constexpr Duration kTelling = std::chrono::seconds(1);
// Of one directory. Most of what an opening takes is to wait for the disk.
constexpr std::int64_t kOpenedAtOnce = 64;
// Logs of one directory, from which on one sync of all that is on its disk is cheaper than those of each.
constexpr std::ptrdiff_t kMany = 16;

Error twice(const TopicPartition& partition, const std::string& one, const std::string& other) {
  return Error(Errc::invalid_argument,
               partition.to_string() + " has a log in " + one + " and another one in " + other +
                   ": a disk may have failed while one was to replace the other. Move the one away that lies "
                   "on the disk that failed");
}

}  // namespace

bool is_stray(const metadata::MetadataImage& image, NodeId node, const TopicPartition& partition,
              const std::optional<Uuid>& topic_id) {
  // The id is durable before the first record: without one there is nothing to lose.
  if (!topic_id) return true;
  const metadata::Partition* const known = image.topics.partition(*topic_id, partition.partition);
  return known == nullptr || !metadata::contains(known->replicas(), node.raw());
}

Task<LoadingOutcome> LogLoading::run(metadata::SharedImage image) {
  for (ReplicaSet* const set : sets_) {
    const std::size_t shard = static_cast<std::size_t>(std::ranges::find(sets_, set) - sets_.begin());
    co_await on(this_shard().process().shard(ShardId(static_cast<std::uint32_t>(shard))),
                [set, image] { set->set_image(image); });
  }
  checkpoints_.reserve(directories_.all().size());
  for (const ReplicaDirectories::Directory& directory : directories_.all()) {
    if (directory.for_replicas && directory.online()) co_await look_into(*directories_.find(directory.path));
  }
  co_await set_twins_aside(*image);
  progress_.logs = found_.size();
  TaskGroup telling;
  telling.spawn([this](Cancel cancel) { return tell_periodically(cancel); });
  co_await sync_many();
  // A future log goes where its partition's is.
  co_await open_all(false);
  co_await open_all(true);
  co_await sync_again();
  co_await telling.stop();
  co_return std::move(outcome_);
}

// Where the controller has the replica of that partition; nothing when it has none, or does not say.
std::optional<Uuid> LogLoading::assigned(const metadata::MetadataImage& image,
                                         const TopicPartition& partition) const {
  const metadata::TopicImage* const topic = image.topics.find(std::string_view(partition.topic));
  const metadata::Partition* const known = topic == nullptr ? nullptr : topic->partition(partition.partition);
  const Uuid* const directory = known == nullptr ? nullptr : known->directory_of(options_.node.raw());
  return directory == nullptr ? std::nullopt : std::optional(*directory);
}

// Whoever dies while a log takes another one's place leaves two that hold the same. The controller was told before in
// which directory the replica is going to be: there it is. The other one is kept under another name; it would be in the
// way of whatever has the name next.
Task<void> LogLoading::set_twins_aside(const metadata::MetadataImage& image) {
  if (directories_.all().size() < 2) co_return;  // a directory has one log of a name
  std::map<TopicPartition, std::vector<const Found*>> logs;
  for (const Found& found : found_) {
    if (found.partition.name.role == DirectoryRole::log)
      logs[found.partition.name.partition].push_back(&found);
  }
  std::erase_if(logs, [](const auto& entry) { return entry.second.size() < 2; });
  std::set<const Found*> replaced;
  for (const auto& [partition, twins] : logs) {
    const auto is_at_home = [home = assigned(image, partition)](const Found* found) {
      return found->directory->id == home;
    };
    if (std::ranges::none_of(twins, is_at_home)) continue;
    std::ranges::remove_copy_if(twins, std::inserter(replaced, replaced.end()), is_at_home);
  }
  std::vector<Found> kept;
  for (Found& found : found_) {
    if (!replaced.contains(&found) || !co_await set_twin_aside(found)) kept.push_back(std::move(found));
  }
  found_ = std::move(kept);
}

Task<bool> LogLoading::set_twin_aside(const Found& found) {
  const std::string from = found.directory->path + '/' + found.partition.directory;
  const Uuid id = random_uuid([] { return this_shard().random().next(); });
  const std::string to = found.directory->path + '/' +
                         storage::directory_name(found.partition.name.partition, DirectoryRole::stray, id);
  options_.logger.warn("a log that another one has replaced is set aside", field("log", from));
  const Result<void> renamed = co_await this_shard().files().rename(from, to);
  if (renamed.ok()) outcome_.strays.push_back(found.partition.name.partition);
  co_return renamed.ok();
}

Task<Result<LogLoading::Offsets>> LogLoading::read(LogDirectory& directory, OffsetCheckpoint kind) {
  OTTLA_CO_TRY(LogDirectory::Checkpoint checkpoint, co_await directory.read_checkpoint(kind));
  if (checkpoint.damage) {
    options_.logger.warn("a checkpoint cannot be understood; what it said is found out again",
                         field("directory", directory.path()),
                         field("error", checkpoint.damage->to_string()));
  }
  Offsets offsets;
  for (storage::PartitionOffset& each : checkpoint.offsets) offsets[std::move(each.partition)] = each.offset;
  co_return offsets;
}

Task<void> LogLoading::look_into(ReplicaDirectories::Directory& directory) {
  const auto look = [&](Checkpoints& into) -> Task<Result<std::vector<LogDirectory::Partition>>> {
    LogDirectory& opened = *directory.opened;
    OTTLA_CO_TRY(into.recovery_points, co_await read(opened, OffsetCheckpoint::recovery_point));
    OTTLA_CO_TRY(into.log_starts, co_await read(opened, OffsetCheckpoint::log_start));
    OTTLA_CO_TRY(into.high_watermarks, co_await read(opened, OffsetCheckpoint::high_watermark));
    OTTLA_CO_TRY(into.clean, co_await read(opened, OffsetCheckpoint::cleaner));
    co_return co_await opened.partitions();
  };
  Checkpoints& checkpoints = checkpoints_.emplace_back();
  Result<std::vector<LogDirectory::Partition>> partitions = co_await look(checkpoints);
  if (!partitions.ok()) {
    outcome_.failures.push_back({directory.path, partitions.error()});
    co_return directories_.fail(directory.path, directory.opened->note(partitions.error()));
  }
  for (LogDirectory::Partition& each : *partitions) {
    switch (each.name.role) {
      case DirectoryRole::log:
      case DirectoryRole::future:
        found_.push_back({&directory, std::move(each), &checkpoints});
        break;
      case DirectoryRole::deleted: {
        ReplicaSet& set = *sets_.front();
        set.logs().remove_folder_later(directory.path + '/' + each.directory);
        break;
      }
      case DirectoryRole::stray:
        break;
    }
  }
}

Task<void> LogLoading::sync_many() {
  for (const ReplicaDirectories::Directory& directory : directories_.all()) {
    const auto logs = std::ranges::count(found_, &directory, &Found::directory);
    if (logs < kMany || directory.opened->was_clean()) continue;
    const Result<void> synced = co_await this_shard().files().sync_everything(directory.path);
    if (synced.ok()) {
      synced_.push_back(directory.path);
    } else if (storage::is_disk_failure(synced.error().code())) {
      directories_.fail(directory.path, directory.opened->note(synced.error()));
    }
  }
}

// What recovery has taken back must not come back once something is written in its place.
Task<void> LogLoading::sync_again() {
  for (const std::string& path : synced_) {
    const Result<void> synced = co_await this_shard().files().sync_everything(path);
    if (!synced.ok()) directories_.fail(path, directories_.find(path)->opened->note(synced.error()));
  }
}

Task<void> LogLoading::open_all(bool futures) {
  TaskGroup group;
  std::map<const ReplicaDirectories::Directory*, std::unique_ptr<Semaphore>> turns;
  for (Found& found : found_) {
    if ((found.partition.name.role == DirectoryRole::future) != futures) continue;
    std::unique_ptr<Semaphore>& turn = turns[found.directory];
    if (!turn) turn = std::make_unique<Semaphore>(kOpenedAtOnce);
    auto permit = std::make_shared<Semaphore::Permit>((co_await turn->acquire(1)).value());
    group.spawn([this, permit, found = std::move(found)](Cancel) -> Task<void> {
      co_await open_one(found);
      permit->give_back();
    });
  }
  co_await group.wait();
}

ShardId LogLoading::place(const TopicPartition& partition) {
  const auto known = placed_.find(partition);
  if (known != placed_.end()) return known->second.second;
  const auto least = std::ranges::min_element(logs_on_);
  ++*least;
  return ShardId(static_cast<std::uint32_t>(least - logs_on_.begin()));
}

Task<void> LogLoading::open_one(Found found) {
  const TopicPartition& partition = found.partition.name.partition;
  const bool is_future = found.partition.name.role == DirectoryRole::future;
  const auto of = [&](const Offsets& offsets) {
    const auto at = offsets.find(partition);
    return at == offsets.end() ? Offset(0) : at->second;
  };
  const ShardId shard = place(partition);
  if (!is_future) {
    const auto [at, is_first] = placed_.try_emplace(partition, found.directory->path, shard);
    if (!is_first) co_return fail(found, twice(partition, at->second.first, found.directory->path));
  }
  const auto clean = found.checkpoints->clean.find(partition);
  const LogSet::Existing existing{
      .directory = found.directory->path,
      .folder = found.partition.directory,
      .partition = partition,
      .is_future = is_future,
      .log_start = of(found.checkpoints->log_starts),
      .recovery_point = of(found.checkpoints->recovery_points),
      .high_watermark = of(found.checkpoints->high_watermarks),
      .clean_below = clean == found.checkpoints->clean.end() ? std::nullopt : std::optional(clean->second),
      .was_clean = found.directory->opened->was_clean()};
  LogSet::Existing watched = existing;
  watched.progress = counting_in(recovered_[shard.raw()]);
  // Not when it is tried again: nobody syncs it then but itself.
  watched.synced_by_owner = std::ranges::find(synced_, found.directory->path) != synced_.end();
  watched.recoveries =
      &recoveries_.try_emplace({found.directory->path, shard}, options_.recoveries_at_once).first->second;
  const Result<OpenedLog> opened =
      co_await open_log(*sets_[shard.raw()], shard, options_.node, std::move(watched));
  if (!opened.ok()) {
    outcome_.unopened.push_back({shard, existing, opened.error()});
    fail(found, opened.error());
  } else if (opened->is_stray) {
    outcome_.strays.push_back(partition);
  } else {
    ++found.directory->replicas;
    if (is_future) {
      outcome_.futures.push_back(partition);
    } else {
      outcome_.logs.push_back(
          {{*opened->topic_id, partition.partition}, partition, shard, found.directory->path});
    }
  }
  ++progress_.logs_done;
  tell();
}

void LogLoading::tell() {
  if (!options_.progress) return;
  progress_.bytes_done = progress_.bytes = 0;
  for (const Recovered& each : recovered_) {
    progress_.bytes_done += each.done.value();
    progress_.bytes += each.bytes.value();
  }
  options_.progress(progress_);
}

Task<void> LogLoading::tell_periodically(Cancel cancel) {
  while ((co_await sleep_for(kTelling, cancel)).ok()) tell();
}

std::function<void(const storage::RecoveryProgress&)> LogLoading::counting_in(Recovered& recovered) {
  return [&recovered, done = std::uint64_t{0},
          bytes = std::uint64_t{0}](const storage::RecoveryProgress& progress) mutable {
    recovered.done.add(progress.bytes_done - done);
    recovered.bytes.add(progress.bytes - bytes);
    done = progress.bytes_done;
    bytes = progress.bytes;
  };
}

void LogLoading::fail(const Found& found, const Error& error) {
  outcome_.failures.push_back({found.directory->path + '/' + found.partition.directory, error});
  options_.logger.error("a log cannot be opened", field("folder", found.partition.directory),
                        field("directory", found.directory->path), field("error", error.to_string()));
  if (storage::is_disk_failure(error.code())) directories_.fail(found.directory->path, error);
}

}  // namespace ottla::replica
