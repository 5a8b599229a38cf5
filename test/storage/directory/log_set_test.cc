// Many logs in several log directories: brought in, moved, let go, and found again after a restart.
#include "storage/directory/log_set.h"

#include <chrono>

#include "runtime/sleep.h"
#include "runtime/whole_file.h"
#include "storage/directory/load_directory.h"
#include "storage/directory/log_directory.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

using contract::at;
using contract::content_of;
using contract::files;
using contract::names_in;

constexpr Uuid kTopic(7, 1);

TopicPartition tp(std::int32_t partition, std::string topic = "t") {
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
    options.on_disk_failure = [this](const std::string& path, const Error&) { failed = path; };
    logs = std::make_unique<LogSet>(std::move(options));
    for (const char* name : {"a", "b"}) {
      directories.push_back((co_await LogDirectory::open(files(), at(place_, name))).value());
      outcomes.push_back(
          (co_await load_directory(*directories.back(), *logs, {.is_stray = is_stray})).value());
    }
  }
  Task<void> stop() {
    const LogSet::Closed closed = co_await logs->close();
    EXPECT_TRUE(closed.failures.empty());
    for (const auto& directory : directories) {
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
  Task<void> append(Log& log, int count) {
    for (int i = 0; i < count; ++i) {
      const auto outcome =
          co_await log.append_as_leader(ExclusiveBytes(make_batch(Offset(0), {})), LeaderEpoch(0),
                                        {.origin = record::AppendOrigin::coordinator});
      EXPECT_TRUE(outcome.ok());
    }
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

  LogConfig config;
  std::function<bool(const TopicPartition&, const std::optional<Uuid>&)> is_stray;
  std::unique_ptr<LogSet> logs;
  std::vector<std::unique_ptr<LogDirectory>> directories;
  std::vector<LoadOutcome> outcomes;
  std::string failed;

 private:
  const Place& place_;
  LogUnderTest shelf_;
};

CONTRACT_TEST(LogSet, LogsComeBackAfterARestart) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.append(*co_await node.create(0), 5);
  co_await node.create(1, false, "b");
  node.logs->find(tp(0))->set_high_watermark(Offset(4));
  co_await node.restart();
  EXPECT_EQ(node.logs->size(), 2U);
  EXPECT_EQ(node.logs->find(tp(0))->log_end(), Offset(5));
  EXPECT_EQ(node.logs->find(tp(0))->high_watermark(), Offset(4));
  EXPECT_EQ(node.logs->topic_id(tp(0)), kTopic);
  EXPECT_EQ(node.logs->find(tp(1))->log_end(), Offset(0));
  EXPECT_EQ(node.logs->usage_of(at(place, "b")).logs, 1U);
  EXPECT_EQ(node.outcomes[0].opened, 1U);
  co_await node.end();
}

CONTRACT_TEST(LogSet, ARecoveryPointBeyondTheEndIsLoweredOnTheDisk) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.append(*co_await node.create(0), 5);
  co_await node.stop();
  co_await must(replace_file(files(), at(place, "a/recovery-point-offset-checkpoint"),
                             Slice::copy_of("0\n1\nt 0 9\n")));
  co_await must(files().remove(at(place, "a/.kafka_cleanshutdown")));
  co_await node.start();
  EXPECT_EQ(co_await content_of(at(place, "a/recovery-point-offset-checkpoint")), "0\n1\nt 0 5\n");
  co_await node.end();
}

CONTRACT_TEST(LogSet, APartitionHasOneLog) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.create(0);
  EXPECT_EQ(co_await outcome(node.logs->create({.directory = at(place, "b"), .partition = tp(0)})),
            "already_exists");
  EXPECT_EQ(co_await outcome(node.logs->remove(tp(5))), "not_found");
  co_await node.end();
}

CONTRACT_TEST(LogSet, WhatIsRemovedHasAnotherNameAtOnceAndIsGoneLater) {
  NodeUnderTest node(place);
  node.config.file_delete_delay_ms = std::chrono::milliseconds(0);
  co_await node.start();
  co_await node.append(*co_await node.create(0), 1);
  co_await must(node.logs->remove(tp(0)));
  EXPECT_EQ(node.logs->find(tp(0)), nullptr);
  while (!(co_await node.folders("a")).empty()) co_await yield();
  co_await node.create(0);  // the name is free
  co_await node.end();
}

CONTRACT_TEST(LogSet, ADeletionThatWasInterruptedStaysDeleted) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.create(0);
  co_await must(node.logs->remove(tp(0)));
  EXPECT_EQ(co_await node.folders("a"), "t-0-delete");
  co_await node.restart();
  EXPECT_EQ(node.logs->size(), 0U);
  EXPECT_EQ(co_await node.folders("a"), "t-0-delete");  // its time has not come yet
  co_await node.end();
}

CONTRACT_TEST(LogSet, ALogOfAnotherTopicOfThatNameIsSetAside) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.create(0);
  node.is_stray = [](const TopicPartition&, const std::optional<Uuid>& id) { return id == kTopic; };
  co_await node.restart();
  EXPECT_EQ(node.logs->find(tp(0)), nullptr);
  EXPECT_EQ(node.outcomes[0].strays, std::vector{tp(0)});
  EXPECT_EQ(co_await node.folders("a"), "t-0-stray");
  co_await node.restart();
  EXPECT_EQ(node.outcomes[0].strays.size(), 0U);
  co_await node.end();
}

CONTRACT_TEST(LogSet, AFutureLogTakesThePlaceOfTheLog) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.append(*co_await node.create(0), 2);
  co_await node.append(*co_await node.create(0, true, "b"), 3);
  EXPECT_EQ(node.logs->find_future(tp(0))->log_end(), Offset(3));
  co_await node.restart();  // it is one still
  EXPECT_EQ(node.logs->find_future(tp(0))->log_end(), Offset(3));
  const Log* log = co_await must(node.logs->replace_with_future(tp(0)));
  EXPECT_EQ(log, node.logs->find(tp(0)));
  EXPECT_EQ(node.logs->find_future(tp(0)), nullptr);
  EXPECT_EQ(co_await node.folders("a"), "t-0-delete");
  EXPECT_EQ(co_await node.folders("b"), "t-0");
  co_await node.restart();
  EXPECT_EQ(node.logs->find(tp(0))->log_end(), Offset(3));
  co_await node.end();
}

CONTRACT_TEST(LogSet, TwoLogsOfOnePartitionAreToldAndTheFirstIsKept) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.append(*co_await node.create(0), 2);
  co_await node.stop();
  co_await must(files().make_directories(at(place, "b/t-0")));
  co_await node.start();
  EXPECT_EQ(node.outcomes[1].failures.size(), 1U);
  EXPECT_NE(node.outcomes[1].failures[0].error.text().find("another one in"), std::string_view::npos);
  EXPECT_EQ(node.logs->find(tp(0))->log_end(), Offset(2));
  co_await node.end();
}

CONTRACT_TEST(LogSet, ADirectoryThatIsDroppedTakesItsLogsAlong) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.create(0);
  co_await node.create(1, false, "b");
  const LogSet::Dropped dropped = co_await node.logs->drop_directory(at(place, "a"));
  EXPECT_EQ(dropped.logs, std::vector{tp(0)});
  EXPECT_EQ(node.logs->find(tp(0)), nullptr);
  EXPECT_NE(node.logs->find(tp(1)), nullptr);
  co_await node.end();
}

CONTRACT_TEST(LogSet, RetentionRunsOverAllOfThem) {
  NodeUnderTest node(place);
  const auto one = static_cast<std::int32_t>(make_batch(Offset(0), {}).size());
  node.config = {
      .segment_bytes = 2 * one, .retention_bytes = 3 * one, .retention_ms = std::chrono::milliseconds(-1)};
  co_await node.start();
  for (const int partition : {0, 1}) {
    Log& log = *co_await node.create(partition);
    co_await node.append(log, 10);
    log.set_high_watermark(Offset(10));
  }
  EXPECT_EQ(co_await node.logs->tidy_up(), 6U);
  EXPECT_EQ(node.logs->find(tp(1))->log_start(), Offset(6));
  EXPECT_EQ(node.logs->checkpoints_of(at(place, "a")).recovery_points.size(), 2U);
  co_await node.end();
}

}  // namespace
}  // namespace ottla::storage
