// Metadata logs that somebody damaged, shortened or replaced: which of them a life does not begin with.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quorum/disk_log.h"
#include "quorum/log_findings.h"
#include "quorum/metadata_topic.h"
#include "quorum/snapshot_writer.h"
#include "record/batch_builder.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "sim/world.h"

namespace ottla::quorum {
namespace {

constexpr char kData[] = "/data";
constexpr std::size_t kLargest = std::size_t{8} << 20;

FileSystem& files() {
  return this_shard().files();
}

std::string path_of(const std::string& name) {
  return metadata_log_path(kData) + '/' + name;
}

raft::Batch batch_of(Offset base, LeaderEpoch epoch, std::int64_t time_ms, std::size_t value_bytes = 60) {
  record::BatchBuilder builder({.base_offset = base, .leader_epoch = epoch.raw()});
  const std::string value(value_bytes, 'v');
  builder.append({.timestamp = time_ms, .value = std::as_bytes(std::span(value))});
  builder.append({.timestamp = time_ms, .value = std::as_bytes(std::span(value))});
  return {
      .base = base, .last = base + 1, .epoch = epoch, .control = {}, .bytes = std::move(builder).finish()};
}

using Folder = std::map<std::string, std::string>;

Task<Folder> folder() {
  Folder found;
  const auto entries = co_await files().list(metadata_log_path(kData));
  if (!entries.ok()) co_return found;
  for (const DirectoryEntry& entry : *entries) {
    const Result<Slice> bytes = co_await read_whole_file(files(), path_of(entry.name), kLargest);
    found[entry.name] = std::string(bytes->as_string_view());
  }
  co_return found;
}

Task<void> put(std::string name, std::string bytes) {
  EXPECT_TRUE((co_await replace_file(files(), path_of(name), Chain(Slice::copy_of(bytes)))).ok());
}

Task<void> save_snapshot(DiskLog& log, raft::LogPosition id) {
  std::vector<Slice> batches;
  const raft::VoterSet voters({{{NodeId(1), Uuid(7, 7)}, {}, {}}});
  SnapshotWriter writer({.id = id, .kraft_version = 1, .voters = voters},
                        [&batches](Slice batch) -> Result<> {
                          batches.push_back(std::move(batch));
                          return {};
                        });
  EXPECT_TRUE(writer.finish().ok());
  EXPECT_TRUE((co_await log.save_snapshot(id, std::move(batches))).ok());
}

// A life that appends so many batches of two records, the latter half in the second epoch, and is closed.
Task<void> live(int batches, std::int64_t time_ms = 1'000'000, std::optional<Offset> snapshot = {}) {
  auto log = co_await DiskLog::open({.directory = kData});
  EXPECT_TRUE(log.ok()) << log.error().to_string();
  for (int i = 0; i < batches; ++i) {
    std::vector<raft::Batch> one;
    one.push_back(batch_of(Offset(std::int64_t{2} * i), LeaderEpoch(2 * i < batches ? 1 : 2), time_ms + i));
    EXPECT_TRUE((co_await (*log)->append(std::move(one))).ok());
  }
  if (snapshot) co_await save_snapshot(**log, {LeaderEpoch(1), *snapshot});
  EXPECT_TRUE((co_await (*log)->close()).ok());
}

// "ok", or the error. Whatever it is, nothing may be changed.
Task<std::string> look(bool was_clean, raft::ReplicaKey self = {}) {
  const Folder before = co_await folder();
  std::string said = "ok";
  {
    auto log = co_await DiskLog::look({.directory = kData, .was_clean = was_clean, .self = self});
    if (log.ok()) (void)co_await (*log)->close();
    if (!log.ok()) said = log.error().to_string();
  }
  EXPECT_EQ(co_await folder(), before);
  co_return said;
}

// Where it ends after it was opened.
Task<Offset> open_end() {
  auto log = co_await DiskLog::open({.directory = kData});
  EXPECT_TRUE(log.ok()) << log.error().to_string();
  const Offset end = (*log)->take_recovered().log.end();
  EXPECT_TRUE((co_await (*log)->close()).ok());
  co_return end;
}

constexpr char kLog[] = "00000000000000000000.log";
constexpr char kTimes[] = "00000000000000000000.timeindex";
constexpr char kEnd[] = "00000000000000000016.snapshot";
constexpr char kEpochs[] = "leader-epoch-checkpoint";

struct LogDamage : testing::Test {
  void run(const std::function<Task<void>()>& story) {
    host.start([&](Process&, Cancel) -> Task<int> {
      co_await story();
      co_return 0;
    });
    ASSERT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
    for (const std::string& violation : world.violations()) ADD_FAILURE() << violation;
  }

  sim::World world{5};
  sim::Host& host = world.add_host("here");
};

// Such a batch is told of without its bytes.
TEST_F(LogDamage, ALargeBatchThatRottedIsRefusedLikeASmallOne) {
  run([]() -> Task<void> {
    auto log = co_await DiskLog::open({.directory = kData});
    std::vector<raft::Batch> one;
    one.push_back(batch_of(Offset(0), LeaderEpoch(1), 1'000'000, std::size_t{1} << 20));
    EXPECT_TRUE((co_await (*log)->append(std::move(one))).ok());
    EXPECT_TRUE((co_await (*log)->close()).ok());
    std::string bytes = (co_await folder())[kLog];
    EXPECT_GT(bytes.size(), std::size_t{2} << 20);
    bytes[bytes.size() / 2] ^= 1;
    co_await put(kLog, bytes);
    const std::string said = co_await look(true);
    EXPECT_NE(said.find("the checksum of the batch at byte 0 does not hold"), std::string::npos) << said;
    EXPECT_EQ(co_await look(false), "ok");
  });
}

TEST_F(LogDamage, WhatWasClosedWellIsTakenAsItIs) {
  run([]() -> Task<void> {
    co_await live(8);
    const Folder left = co_await folder();
    EXPECT_TRUE(left.contains(kLog) && left.contains(kTimes) && left.contains(kEnd) &&
                left.contains(kEpochs));
    EXPECT_EQ(co_await look(true), "ok");
    EXPECT_EQ(co_await look(false), "ok");
    EXPECT_EQ(co_await open_end(), Offset(16));
    EXPECT_EQ(co_await look(true), "ok");
  });
}

TEST_F(LogDamage, AnyFlippedByteIsSeen) {
  run([]() -> Task<void> {
    co_await live(8);
    const std::string good = (co_await folder())[kLog];
    for (std::size_t at = 0; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 0x10);
      co_await put(kLog, bad);
      const std::string said = co_await look(true);
      EXPECT_NE(said, "ok") << at;
      if (at == 100) {
        EXPECT_TRUE(said.contains(path_of(kLog)) && said.contains("Nothing was changed") &&
                    said.contains("closed in good order") && said.contains("Put back the files"))
            << said;
      }
    }
  });
}

TEST_F(LogDamage, WhatIsMissingOrForeignIsSeen) {
  run([]() -> Task<void> {
    co_await live(8, 2'000'000);
    const std::string foreign = (co_await folder())[kLog];
    EXPECT_TRUE((co_await files().remove_tree(metadata_log_path(kData))).ok());
    co_await live(8);
    const Folder good = co_await folder();
    const std::string& log = good.at(kLog);
    const std::string texts[] = {std::string(log.size(), 'r'),
                                 log.substr(0, log.size() / 2),
                                 log.substr(0, log.size() / 8 * 7),
                                 std::string(),
                                 log + "more",
                                 foreign};
    for (const std::string& text : texts) {
      co_await put(kLog, text);
      EXPECT_NE(co_await look(true), "ok") << text.size();
    }
    EXPECT_TRUE((co_await files().remove(path_of(kLog))).ok());
    EXPECT_TRUE((co_await look(true)).contains("the file is missing"));
    co_await put(kLog, log);
    for (const char* name : {kTimes, kEnd, kEpochs}) {
      EXPECT_TRUE((co_await files().remove(path_of(name))).ok());
      EXPECT_EQ(co_await look(true), "ok") << name;
      co_await put(name, good.at(name));
    }
    EXPECT_TRUE((co_await files().remove_tree(metadata_log_path(kData))).ok());
    EXPECT_TRUE((co_await look(true)).contains("the folder of the metadata log is missing"));
    EXPECT_EQ(co_await look(false), "ok");
  });
}

TEST_F(LogDamage, ATornEndIsCutAfterACrash) {
  run([]() -> Task<void> {
    co_await live(8);
    std::string log = (co_await folder())[kLog];
    log[log.size() / 8 * 5 + 70] ^= 1;
    co_await put(kLog, log);
    EXPECT_TRUE((co_await look(true)).contains("from offset 10 on removes .kafka_cleanshutdown"));
    EXPECT_EQ(co_await look(false), "ok");
    EXPECT_EQ(co_await open_end(), Offset(10));
  });
}

TEST_F(LogDamage, WhatASnapshotProvesIsNotCutAfterACrash) {
  run([]() -> Task<void> {
    co_await live(8, 1'000'000, Offset(8));
    const std::string good = (co_await folder())[kLog];
    const auto bad_at = [&good](std::size_t batch) {
      std::string bad = good;
      bad[good.size() / 8 * batch + 70] ^= 1;
      return bad;
    };
    co_await put(kLog, bad_at(3));
    const std::string said = co_await look(false);
    EXPECT_TRUE(said.contains("the snapshot at offset 8") && said.contains(path_of(kLog))) << said;
    // What a leader's snapshot leaves behind it may be torn: nothing was ever beyond.
    co_await put(kLog, bad_at(3).substr(0, good.size() / 2));
    EXPECT_EQ(co_await look(false), "ok");
    co_await put(kLog, bad_at(4));
    EXPECT_EQ(co_await look(false), "ok");
    EXPECT_EQ(co_await open_end(), Offset(8));
  });
}

TEST(LogTerms, AQuorumOfOneIsThisReplica) {
  const raft::ReplicaKey self{NodeId(1), Uuid(7, 7)};
  const auto voters = [](std::vector<raft::ReplicaKey> keys) {
    std::vector<raft::VoterNode> nodes;
    for (const raft::ReplicaKey& key : keys)
      nodes.push_back({.key = key, .endpoints = {}, .kraft_versions = {}});
    return raft::VoterSet(std::move(nodes));
  };
  const auto check = [&](std::vector<raft::ReplicaKey> keys) {
    LogFindings found;
    found.has_folder = true;
    return check_log(found, {.folder = "/data/log", .voters = voters(std::move(keys)), .self = self});
  };
  EXPECT_TRUE(check({self}).ok());
  EXPECT_TRUE(check({{NodeId(1), kZeroUuid}}).ok());
  EXPECT_TRUE(check({{NodeId(2), Uuid(8, 8)}}).ok());
  EXPECT_TRUE(check({{NodeId(1), Uuid(8, 8)}, {NodeId(2), Uuid(9, 9)}}).ok());
  EXPECT_EQ(check({{NodeId(1), Uuid(8, 8)}}).error(), Errc::corrupt);
}

}  // namespace
}  // namespace ottla::quorum
