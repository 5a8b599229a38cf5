#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/file_system.h"
#include "runtime/semaphore.h"
#include "runtime/task_group.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"

namespace ottla::storage {
namespace {

// Each waits for the disk a few times, which takes what comes together.
constexpr std::int64_t kClosedAtOnce = 64;
// Logs of one directory that are not durable yet, from which on two syncs of its whole disk are cheaper than those of
// each (docs/decisions/0017-one-sync-for-a-stop.md).
constexpr std::size_t kMany = 16;

}  // namespace

// One log on its way out.
struct LogSet::Leaving {
  const TopicPartition* partition = nullptr;
  Entry* entry = nullptr;
  bool unsynced = false;  // something of it is not durable yet
  bool together = false;  // what is, is made so by the sync of its whole disk
  bool renamed = false;
  Result<void> ended = {};

  Task<void> come_to_rest() {
    co_await entry->bond->take_back(false);
    const Result<bool> resting = co_await entry->log->come_to_rest();
    if (!resting.ok()) {
      ended = resting.error();
    } else {
      unsynced = *resting;
    }
  }
  Task<void> take_names() {
    const Result<bool> taken = co_await entry->log->take_names();
    if (!taken.ok()) {
      ended = taken.error();
    } else {
      renamed = *taken;
    }
  }
  Task<void> end() {
    if (!ended.ok()) co_return co_await entry->log->abandon();
    if (together) co_return co_await entry->log->end_durable();
    ended = co_await entry->log->close();
  }

  using Step = Task<void> (Leaving::*)();
  static Task<void> take(const std::vector<Leaving*>& all, Step step) {
    Semaphore turns(kClosedAtOnce);
    TaskGroup group;
    for (Leaving* const one : all) {
      Result<Semaphore::Permit> turn = co_await turns.acquire(1);
      group.spawn([one, step, turn = std::move(turn).value()](Cancel) { return (one->*step)(); });
    }
    co_await group.wait();
  }
};

Task<LogSet::Closed> LogSet::close() {
  co_await removals_.stop();
  std::deque<Leaving> leaving;
  std::vector<Leaving*> all;
  for (Entries* entries : {&logs_, &futures_}) {
    for (auto& [partition, entry] : *entries)
      all.push_back(&leaving.emplace_back(Leaving{.partition = &partition, .entry = &entry}));
  }
  co_await Leaving::take(all, &Leaving::come_to_rest);
  std::map<std::string, std::vector<Leaving*>> unsynced;
  for (Leaving* const one : all) {
    if (one->unsynced) unsynced[one->entry->directory].push_back(one);
  }
  TaskGroup syncs;
  for (auto& [directory, logs] : unsynced) {
    if (logs.size() >= kMany) syncs.spawn(sync_together(directory, std::move(logs)));
  }
  co_await syncs.wait();
  co_await Leaving::take(all, &Leaving::end);
  Closed closed;
  for (const Leaving& one : leaving) {
    if (!one.ended.ok()) closed.failures.try_emplace(one.entry->directory, one.ended.error());
    add_checkpoints(*one.partition, *one.entry, closed.checkpoints[one.entry->directory]);
  }
  logs_.clear();
  futures_.clear();
  co_return closed;
}

// Leader epochs take the place of older ones when they are durable, and those names are durable before anybody relies
// on them. A sync of the whole disk that failed tells nothing of any file: all logs of the directory have failed.
Task<void> LogSet::sync_together(std::string directory, std::vector<Leaving*> logs) {
  FileSystem& files = *options_.tools.file_system;
  Result<void> synced = co_await files.sync_everything(directory);
  // Where such a sync proves nothing, or cannot be tried, each log syncs for itself.
  if (!synced.ok() && !is_disk_failure(synced.error().code())) co_return;
  for (Leaving* const one : logs) one->together = true;
  if (synced.ok()) co_await Leaving::take(logs, &Leaving::take_names);
  if (synced.ok() && std::ranges::any_of(logs, &Leaving::renamed)) {
    synced = co_await files.sync_everything(directory);
  }
  if (synced.ok()) co_return;
  for (Leaving* const one : logs) one->ended = synced.error();
}

}  // namespace ottla::storage
