#include "storage/directory/log_set.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/chain.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "runtime/file_system.h"
#include "runtime/semaphore.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/whole_file.h"
#include "storage/directory/log_directory.h"
#include "storage/format/partition_metadata.h"

namespace ottla::storage {
namespace {

constexpr std::uint64_t kLargestMetadata = 4096;

Uuid fresh_id() {
  return random_uuid([] { return this_shard().random().next(); });
}

std::string join(const std::string& directory, std::string_view name) {
  return directory + '/' + std::string(name);
}

// Without such a file it is a log of earlier versions. One that cannot be understood is an error, unless nothing of the
// log was made durable yet: then a crash may have come before the file was, and the log is nobody's.
Task<Result<std::optional<Uuid>>> read_topic_id(const LogTools& tools, std::string folder,
                                                const std::vector<SeenEntry>& seen, bool was_durable) {
  FileSystem& files = *tools.file_system;
  const auto found = std::ranges::find(seen, kPartitionMetadata, &SeenEntry::name);
  if (found == seen.end()) co_return std::optional<Uuid>();
  const std::string path = join(folder, kPartitionMetadata);
  std::string text = found->bytes.value_or(std::string());
  if (!found->bytes) {
    OTTLA_CO_TRY(const Slice bytes, co_await read_whole_file(files, path, kLargestMetadata));
    text = bytes.as_string_view();
  }
  Result<Uuid> id = parse_partition_metadata(text, path);
  if (id.ok()) co_return std::optional(*id);
  if (was_durable) co_return std::move(id).error();
  // Once the log is durable, nobody would take it for one that a crash came before.
  tools.logger.warn(
      "a topic's id that cannot be read is removed, since a crash may have come before it was written",
      field("path", path), field("error", id.error().to_string()));
  OTTLA_CO_CHECK(co_await files.remove(path, Durability::synced));
  co_return std::optional<Uuid>();
}

bool holds_records(const std::vector<SeenEntry>& seen) {
  return std::ranges::any_of(
      seen, [](const SeenEntry& each) { return each.name.ends_with(".log") && each.status.size > 0; });
}

Error twice(const TopicPartition& partition, const std::string& one, const std::string& other) {
  return Error(
      Errc::invalid_argument,
      partition.to_string() + " has a log in " + one + " and another one in " + other +
          ": a disk may have failed while one was to replace the other. Move the one away that lies on the "
          "disk that failed");
}

}  // namespace

LogSet::LogSet(Options options) : options_(std::move(options)) {
  OTTLA_INVARIANT(options_.home != nullptr, "a set of logs has no home");
  if (!options_.cleaner) return;
  cleaner_.emplace(*options_.tools.file_system, *options_.cleaner, *options_.home, this_shard().metrics(),
                   options_.tools.logger);
}

Log* LogSet::log_in(const Entries& entries, const TopicPartition& partition) {
  const auto found = entries.find(partition);
  return found == entries.end() ? nullptr : found->second.log.get();
}

std::optional<Uuid> LogSet::topic_id_in(const Entries& entries, const TopicPartition& partition) {
  const auto found = entries.find(partition);
  return found == entries.end() ? std::nullopt : found->second.topic_id;
}

std::optional<TopicPartition> LogSet::partition_after(const std::optional<TopicPartition>& partition) const {
  const auto next = partition ? logs_.upper_bound(*partition) : logs_.begin();
  return next == logs_.end() ? std::nullopt : std::optional(next->first);
}

LogSet::Usage LogSet::usage_of(const std::string& directory) const {
  Usage usage;
  for (const Entries* entries : {&logs_, &futures_}) {
    for (const auto& [partition, entry] : *entries) {
      if (entry.directory != directory || entry.log == nullptr) continue;
      ++usage.logs;
      usage.bytes += entry.log->size();
    }
  }
  return usage;
}

Task<Result<Log*>> LogSet::open(Existing existing) {
  Entries& entries = existing.is_future ? futures_ : logs_;
  if (const auto found = entries.find(existing.partition); found != entries.end()) {
    co_return twice(existing.partition, found->second.directory, existing.directory);
  }
  OTTLA_CO_TRY(
      std::vector<SeenEntry> seen,
      co_await look_into_log(*options_.tools.file_system, join(existing.directory, existing.folder)));
  co_return co_await open_in(entries, std::move(existing), std::move(seen));
}

Task<Result<Log*>> LogSet::open_in(Entries& entries, Existing existing, std::vector<SeenEntry> seen) {
  const auto [place, is_new] = entries.try_emplace(existing.partition);
  if (!is_new) co_return twice(existing.partition, place->second.directory, existing.directory);
  Entry& entry = place->second;  // stays where it is, whatever comes and goes beside it
  entry.directory = existing.directory;
  entry.bond = std::make_unique<LogBond>(*options_.home, cleaner(), existing.partition, existing.directory);
  const std::string folder = join(existing.directory, existing.folder);
  const bool was_durable = existing.recovery_point > Offset(0) || (existing.was_clean && holds_records(seen));
  Result<std::optional<Uuid>> id = co_await read_topic_id(options_.tools, folder, seen, was_durable);
  Result<std::unique_ptr<Log>> log =
      id.ok() ? co_await Log::open({.directory = folder,
                                    .partition = existing.partition.to_string(),
                                    .config = options_.config_of(existing.partition.topic),
                                    .tools = options_.tools,
                                    .log_start = existing.log_start,
                                    .recovery_point = existing.recovery_point,
                                    .high_watermark = existing.high_watermark,
                                    .clean_shutdown = existing.was_clean,
                                    .producers = options_.producers,
                                    .progress = std::move(existing.progress),
                                    .owner = entry.bond.get(),
                                    .seen = std::move(seen),
                                    .synced_by_owner = existing.synced_by_owner,
                                    .recoveries = existing.recoveries})
              : Result<std::unique_ptr<Log>>(id.error());
  Result<void> lowered;
  if (log.ok()) {
    lowered = co_await lower_checkpoints(existing, **log);
    if (!lowered.ok()) co_await (*log)->abandon();
  }
  if (!log.ok() || !lowered.ok()) {
    entries.erase(existing.partition);
    co_return log.ok() ? lowered.error() : log.error();
  }
  entry.topic_id = *id;
  entry.log = std::move(*log);
  Log* const opened = entry.log.get();
  co_await tell_cleaner(entry, existing);
  co_return opened;
}

// What goes behind a log's end from now on must not be taken for durable, deleted or clean by the next start.
Task<Result<void>> LogSet::lower_checkpoints(const Existing& existing, const Log& log) {
  const Offset most = std::max({existing.recovery_point, existing.log_start, existing.high_watermark,
                                existing.clean_below.value_or(Offset(0))});
  if (most <= log.log_end()) co_return Result<void>();
  co_return co_await options_.home->lower_checkpoints(existing.directory, existing.partition, log.log_end());
}

Task<void> LogSet::tell_cleaner(Entry& entry, const Existing& existing) {
  if (existing.is_future) co_return co_await entry.bond->keep_still();
  std::optional<Offset> clean = existing.clean_below;
  if (clean) clean = std::min(*clean, entry.log->log_end());
  entry.bond->hand_over(*entry.log, clean);
  const auto future = futures_.find(existing.partition);
  if (future != futures_.end() && future->second.log) co_await future->second.bond->keep_still();
}

Task<Result<Log*>> LogSet::create(New fresh) {
  Entries& entries = fresh.is_future ? futures_ : logs_;
  if (entries.contains(fresh.partition)) {
    co_return Error(Errc::already_exists, fresh.partition.to_string() + " has a log already");
  }
  const DirectoryRole role = fresh.is_future ? DirectoryRole::future : DirectoryRole::log;
  const std::string name = directory_name(fresh.partition, role, fresh_id());
  // An earlier log of that name may have left some.
  OTTLA_CO_CHECK(co_await options_.home->forget_checkpoints(fresh.directory, fresh.partition));
  const std::string stray = directory_name(fresh.partition, DirectoryRole::stray, fresh_id());
  OTTLA_CO_TRY(
      std::vector<SeenEntry> seen,
      co_await make_folder(join(fresh.directory, name), join(fresh.directory, stray), fresh.topic_id));
  co_return co_await open_in(entries,
                             {.directory = fresh.directory,
                              .folder = name,
                              .partition = fresh.partition,
                              .is_future = fresh.is_future,
                              .was_clean = true},
                             std::move(seen));
}

// None of it is durable before the log is for the first time: until then there is nothing to lose with it.
Task<Result<std::vector<SeenEntry>>> LogSet::make_folder(std::string folder, std::string stray,
                                                         std::optional<Uuid> topic_id) {
  FileSystem& files = *options_.tools.file_system;
  OTTLA_CO_CHECK(co_await files.make_directories(folder));
  OTTLA_CO_TRY(std::vector<SeenEntry> seen, co_await look_into_log(files, folder));
  if (holds_records(seen)) {
    // Of an earlier log of that name, which could not be renamed when it was deleted.
    options_.tools.logger.warn("a log that was left behind is set aside", field("folder", folder));
    OTTLA_CO_CHECK(co_await files.rename(folder, std::move(stray), Durability::synced));
    OTTLA_CO_CHECK(co_await files.make_directories(folder));
    seen.clear();
  }
  if (!topic_id) co_return seen;
  const std::string path = join(folder, kPartitionMetadata);
  const std::string text = encode_partition_metadata(*topic_id);
  const auto found = std::ranges::find(seen, kPartitionMetadata, &SeenEntry::name);
  if (found != seen.end()) {
    OTTLA_CO_CHECK(co_await replace_file(files, path, Slice::copy_of(text)));
    found->bytes = text;
    co_return seen;
  }
  OTTLA_CO_CHECK(co_await write_whole_file(files, path, Slice::copy_of(text)));
  seen.push_back({.name = std::string(kPartitionMetadata), .status = {.size = text.size()}, .bytes = text});
  co_return seen;
}

Task<Result<void>> LogSet::rename(Entry& entry, const TopicPartition& partition, DirectoryRole role) {
  const std::string name = directory_name(partition, role, fresh_id());
  const Result<void> renamed = co_await entry.log->rename_directory(join(entry.directory, name));
  note(entry);
  co_return renamed;
}

Task<Result<void>> LogSet::remove(TopicPartition partition) {
  return remove_from(logs_, std::move(partition));
}

Task<Result<void>> LogSet::remove_future(TopicPartition partition) {
  return remove_from(futures_, std::move(partition));
}

Task<Result<void>> LogSet::remove_from(Entries& entries, TopicPartition partition) {
  const auto found = entries.find(partition);
  if (found == entries.end() || found->second.log == nullptr) {
    co_return Error(Errc::not_found, partition.to_string() + " has no log here");
  }
  Entry entry = std::move(found->second);
  entries.erase(found);
  co_return co_await let_go(std::move(entry), std::move(partition));
}

Task<Result<void>> LogSet::let_go(Entry entry, TopicPartition partition) {
  co_await entry.bond->take_back(true);
  const Result<void> renamed = co_await rename(entry, partition, DirectoryRole::deleted);
  const std::string path = entry.log->directory();
  const Duration delay = entry.log->config().file_delete_delay_ms;
  co_await entry.log->abandon();
  if (renamed.ok())
    removals_.spawn([this, path, delay](Cancel cancel) { return remove_after(path, delay, cancel); });
  co_return renamed;
}

void LogSet::remove_folder_later(std::string path) {
  const Duration delay = options_.config_of({})->file_delete_delay_ms;
  removals_.spawn(
      [this, path = std::move(path), delay](Cancel cancel) { return remove_after(path, delay, cancel); });
}

Task<void> LogSet::remove_after(std::string path, Duration delay, Cancel cancel) {
  if (!(co_await sleep_for(delay, cancel)).ok()) co_return;
  const Result<void> removed = co_await options_.tools.file_system->remove_tree(path);
  if (!removed.ok()) {
    options_.tools.logger.warn("a deleted log could not be removed; the next start tries again",
                               field("path", path), field("error", removed.error().to_string()));
  }
}

Task<Result<void>> LogSet::set_aside(TopicPartition partition) {
  return set_aside_from(logs_, std::move(partition));
}

Task<Result<void>> LogSet::set_aside_future(TopicPartition partition) {
  return set_aside_from(futures_, std::move(partition));
}

Task<Result<void>> LogSet::set_aside_from(Entries& entries, TopicPartition partition) {
  const auto found = entries.find(partition);
  if (found == entries.end() || found->second.log == nullptr) {
    co_return Error(Errc::not_found, partition.to_string() + " has no log here");
  }
  Entry entry = std::move(found->second);
  entries.erase(found);
  co_await entry.bond->take_back(true);
  const Result<void> renamed = co_await rename(entry, partition, DirectoryRole::stray);
  const Result<void> closed = co_await entry.log->close();
  note(entry);
  co_return renamed.ok() ? closed : renamed;
}

Task<Result<Log*>> LogSet::replace_with_future(TopicPartition partition) {
  const auto found = futures_.find(partition);
  if (found == futures_.end() || found->second.log == nullptr) {
    co_return Error(Errc::not_found, partition.to_string() + " has no future log");
  }
  // The reference's order: after a crash in between there are two logs, and a person decides; never none.
  const std::string name = directory_name(partition, DirectoryRole::log, fresh_id());
  const Result<void> renamed =
      co_await found->second.log->rename_directory(join(found->second.directory, name));
  Entries::node_type taken = futures_.extract(partition);
  if (taken.empty()) co_return Error(Errc::closed, "the future log of " + partition.to_string() + " is gone");
  Entry future = std::move(taken.mapped());
  if (!renamed.ok()) {
    note(futures_.emplace(partition, std::move(future)).first->second);
    co_return renamed.error();
  }
  Log* const log = future.log.get();
  LogBond* const bond = future.bond.get();
  Entries::node_type replaced = logs_.extract(partition);
  logs_.emplace(partition, std::move(future));
  if (replaced.empty()) {
    bond->let_move();
    bond->hand_over(*log, {});
    co_return log;
  }
  co_await bond->take_over(*log, *replaced.mapped().bond);
  const Result<void> removed = co_await let_go(std::move(replaced.mapped()), partition);
  if (!removed.ok()) {
    options_.tools.logger.warn("the log that was replaced could not be removed",
                               field("partition", partition.to_string()),
                               field("error", removed.error().to_string()));
  }
  co_return log;
}

std::vector<TopicPartition> LogSet::partitions_in(const Entries& entries,
                                                  const std::string& directory) const {
  std::vector<TopicPartition> found;
  for (const auto& [partition, entry] : entries) {
    if (entry.directory == directory && entry.log != nullptr) found.push_back(partition);
  }
  return found;
}

Task<LogSet::Dropped> LogSet::drop_directory(std::string directory) {
  Dropped dropped{partitions_in(logs_, directory), partitions_in(futures_, directory)};
  std::vector<Entry> entries;
  for (const TopicPartition& partition : dropped.logs)
    entries.push_back(std::move(logs_.extract(partition).mapped()));
  for (const TopicPartition& partition : dropped.futures) {
    entries.push_back(std::move(futures_.extract(partition).mapped()));
  }
  for (Entry& entry : entries) {
    co_await entry.bond->take_back(false);
    co_await entry.log->abandon();
  }
  co_return dropped;
}

void LogSet::add_checkpoints(const TopicPartition& partition, const Entry& entry, Checkpoints& checkpoints) {
  const Log& log = *entry.log;
  const LogBond& bond = *entry.bond;
  checkpoints.recovery_points.push_back({partition, bond.limit(log.recovery_point())});
  checkpoints.high_watermarks.push_back({partition, bond.limit(log.high_watermark())});
  if (log.log_start() > log.segments().front()->base_offset())
    checkpoints.log_starts.push_back({partition, bond.limit(log.log_start())});
}

LogSet::Checkpoints LogSet::checkpoints_of(const std::string& directory) const {
  Checkpoints checkpoints;
  for (const Entries* entries : {&logs_, &futures_}) {
    for (const auto& [partition, entry] : *entries) {
      if (entry.directory == directory && entry.log != nullptr)
        add_checkpoints(partition, entry, checkpoints);
    }
  }
  return checkpoints;
}

void LogSet::note(const Entry& entry) {
  if (entry.log->offline()) options_.home->disk_failed(entry.directory, *entry.log->offline());
}

Task<std::size_t> LogSet::tidy_up() {
  std::size_t deleted = 0;
  co_await tidy_up(logs_, deleted);
  co_await tidy_up(futures_, deleted);
  co_return deleted;
}

Task<void> LogSet::tidy_up(Entries& entries, std::size_t& deleted) {
  TopicPartition at;
  // By key, since logs come and go between the steps.
  for (auto next = entries.begin(); next != entries.end(); next = entries.upper_bound(at)) {
    at = next->first;
    Entry& entry = next->second;
    if (entry.log == nullptr) continue;
    if (entry.log->offline()) {  // by an append: whoever made it knows the log and not its directory
      note(entry);
      continue;
    }
    // Of logs that compact, the cleaner sees to it, which must not lose segments while it cleans.
    if (!entry.log->config().compacts) deleted += co_await delete_old_segments(entry);
    Log* log = log_in(entries, at);
    if (log == nullptr) continue;
    if (log->flush_due()) (void)co_await log->flush();
    if (const auto still = entries.find(at); still != entries.end() && still->second.log != nullptr)
      note(still->second);
    if (this_shard().slice_spent()) co_await yield();
  }
}

// A log that lets nothing go fills the disk: somebody has to hear of it.
Task<std::size_t> LogSet::delete_old_segments(Entry& entry) {
  const std::string log = entry.log->directory();
  const std::string directory = entry.directory;
  const Result<std::size_t> gone = co_await entry.log->delete_old_segments();
  if (gone.ok()) co_return *gone;
  if (gone.error() == Errc::closed || gone.error() == Errc::cancelled) co_return 0;
  options_.tools.logger.warn("old segments could not be deleted", field("log", log),
                             field("error", gone.error().to_string()));
  if (is_disk_failure(gone.error().code())) options_.home->disk_failed(directory, gone.error());
  co_return 0;
}

Task<void> LogSet::expire_producers() {
  co_await expire_producers(logs_);
  co_await expire_producers(futures_);
}

Task<void> LogSet::expire_producers(Entries& entries) {
  const std::int64_t now = to_epoch_millis(this_shard().wall_now());
  TopicPartition at;
  for (auto next = entries.begin(); next != entries.end(); next = entries.upper_bound(at)) {
    at = next->first;
    if (next->second.log != nullptr) next->second.log->producers().expire(now);
    if (this_shard().slice_spent()) co_await yield();
  }
}

void LogSet::set_producer_options(const ProducerOptions& options) {
  options_.producers = options;
  for (Entries* entries : {&logs_, &futures_}) {
    for (auto& [partition, entry] : *entries) {
      if (entry.log) entry.log->producers().set_options(options);
    }
  }
}

void LogSet::reconfigure_all() {
  std::shared_ptr<const LogConfig> config;
  const std::string* topic = nullptr;
  for (Entries* entries : {&logs_, &futures_}) {
    for (auto& [partition, entry] : *entries) {
      if (topic == nullptr || *topic != partition.topic) config = options_.config_of(partition.topic);
      topic = &partition.topic;
      if (entry.log) entry.log->set_config(config);
    }
  }
}

void LogSet::reconfigure(const std::string& topic) {
  const std::shared_ptr<const LogConfig> config = options_.config_of(topic);
  for (Entries* entries : {&logs_, &futures_}) {
    for (auto at = entries->lower_bound({topic, PartitionId(0)}); at != entries->end(); ++at) {
      if (at->first.topic != topic) break;
      if (at->second.log) at->second.log->set_config(config);
    }
  }
}

}  // namespace ottla::storage
