// The small language in which stories about the logs of a node are told.
//
//    NodeUnderTest node(place);
//    co_await node.start();
//    Log& log = *co_await node.create(0);          // a partition, in directory "a"
//    co_await node.append(log, 3);                 // three batches of one record
//    co_await node.end();
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/directory/directory_home.h"
#include "storage/directory/load_directory.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {

using contract::at;
using contract::files;
using contract::names_in;

inline constexpr Uuid kTopic(7, 1);

inline TopicPartition tp(std::int32_t partition, std::string topic = "t") {
  return {std::move(topic), PartitionId(partition)};
}

// A node that has two log directories and stops and starts.
class NodeUnderTest {
 public:
  explicit NodeUnderTest(const Place& place) : place_(place), shelf_(place) {}

  Task<void> start() {
    LogSet::Options options;
    options.tools = shelf_.opening().tools;
    options.config_of = [this](const std::string&) { return std::make_shared<const LogConfig>(config); };
    home = std::make_unique<DirectoryHome>([this](const std::string& path, const Error&) { failed = path; });
    options.home = home.get();
    options.cleaner = cleaner;
    logs = std::make_unique<LogSet>(std::move(options));
    for (const char* name : {"a", "b"}) {
      directories.push_back((co_await LogDirectory::open(files(), at(place_, name))).value());
      co_await must(directories.back()->begin());
      home->add(*directories.back());
      outcomes.push_back(
          (co_await load_directory(*directories.back(), *logs, {.is_stray = is_stray})).value());
    }
  }
  Task<void> stop() {
    const LogSet::Closed closed = co_await logs->close();
    EXPECT_TRUE(closed.failures.empty());
    for (const auto& directory : directories) {
      if (directory->is_offline()) {
        co_await must(directory->close(LogDirectory::Ending::unclean()));
        continue;
      }
      const auto found = closed.checkpoints.find(directory->path());
      const LogSet::Checkpoints checkpoints =
          found == closed.checkpoints.end() ? LogSet::Checkpoints() : found->second;
      co_await must(
          directory->write_checkpoint(OffsetCheckpoint::recovery_point, checkpoints.recovery_points));
      co_await must(directory->write_checkpoint(OffsetCheckpoint::log_start, checkpoints.log_starts));
      co_await must(
          directory->write_checkpoint(OffsetCheckpoint::high_watermark, checkpoints.high_watermarks));
      co_await must(directory->close(LogDirectory::Ending::clean(1)));
    }
    directories.clear();
    outcomes.clear();
    logs.reset();
    home.reset();
  }
  Task<void> restart() {
    co_await stop();
    co_await start();
  }
  Task<void> end() {
    co_await stop();
    co_await shelf_.end();
  }
  Task<Log*> create(std::int32_t partition, bool is_future = false, const char* directory = "a") {
    co_return co_await must(logs->create({.directory = at(place_, directory),
                                          .partition = tp(partition),
                                          .topic_id = kTopic,
                                          .is_future = is_future}));
  }
  Task<void> append(Log& log, int count, BatchShape shape = {}) {
    for (int i = 0; i < count; ++i) EXPECT_EQ(co_await try_append(log, shape), "ok");
  }
  // "ok", or why not.
  Task<std::string> try_append(Log& log, BatchShape shape = {}) {
    const AppendOutcome outcome = co_await log.append_as_leader(
        ExclusiveBytes(make_batch(Offset(next_++), shape)), LeaderEpoch(shape.epoch),
        {.origin = record::AppendOrigin::coordinator});
    if (outcome.error() != nullptr) co_return std::string(name_of(outcome.error()->code()));
    co_return outcome.ok() ? "ok" : "refused";
  }
  // All bytes from the log's start on, as its files have them.
  Task<std::string> bytes(Log& log) {
    log.forget_recent();
    std::string out;
    for (Offset next = log.log_start(); next < log.log_end();) {
      Fetched fetched = co_await must(log.read({.start = next, .max_bytes = 1 << 20}));
      if (fetched.records.empty()) break;
      next = fetched.next;
      out += co_await bytes_of(std::move(fetched.records));
    }
    co_return out;
  }
  // "0-2 3"
  Task<std::string> batches(Log& log) {
    const std::string all = co_await bytes(log);
    co_return describe(std::as_bytes(std::span(all)));
  }
  Task<std::string> folders(const char* directory) {
    std::string found;
    for (const DirectoryEntry& entry : co_await must(files().list(at(place_, directory)))) {
      if (entry.is_directory)
        found += (found.empty() ? "" : " ") + entry.name.substr(0, entry.name.find('.'));
      if (const auto dash = entry.name.rfind('-');
          entry.is_directory && entry.name.find('.') != std::string::npos)
        found += entry.name.substr(dash);
    }
    co_return found;
  }

 private:
  const Place& place_;
  LogUnderTest shelf_;  // outlives the logs, also when all of this is destroyed in the middle of something

 public:
  LogConfig config;
  std::function<bool(const TopicPartition&, const std::optional<Uuid>&)> is_stray;
  std::optional<CleanerSettings> cleaner;
  std::unique_ptr<DirectoryHome> home;
  std::unique_ptr<LogSet> logs;
  std::vector<std::unique_ptr<LogDirectory>> directories;
  std::vector<LoadOutcome> outcomes;
  std::string failed;

 private:
  std::int64_t next_ = 0;  // so that no two batches have the same bytes
};

}  // namespace ottla::storage
