// A quorum of one on a simulated disk: what it tells, and what is there after a restart.
#include "quorum/metadata_quorum.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "protocol/messages/cluster_metadata.h"
#include "protocol/record_codec.h"
#include "quorum/format.h"
#include "runtime/process.h"
#include "runtime/sleep.h"
#include "sim/world.h"

namespace ottla::quorum {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr char kData[] = "/data";
constexpr char kCluster[] = "AAAAAAAAAAAAAAAAAAAAAQ";

FileSystem& files() {
  return this_shard().files();
}

Slice topic(const std::string& name, std::uint64_t id) {
  protocol::TopicRecord record;
  record.name = name;
  record.topic_id = Uuid(9, id);
  return protocol::encode_metadata_record(record, 0)->flatten();
}

// Writes down what it hears.
struct Scribe final : QuorumListener {
  void on_batch(const metadata::CommittedBatch& batch) override {
    heard.push_back(batch.last ? fmt::format("{}-{} control", batch.base_offset.raw(), batch.last->raw())
                               : fmt::format("{} records {}", batch.base_offset.raw(), batch.records.size()));
  }
  void on_round_end() override { ++rounds; }
  void on_snapshot_begin() override { heard.emplace_back("snapshot"); }
  void on_snapshot_records(std::span<const metadata::RecordBytes> records) override {
    snapshot_records += records.size();
  }
  void on_snapshot_end(const metadata::Provenance& at) override {
    heard.push_back(fmt::format("snapshot of {} to {}", snapshot_records, at.offset.raw()));
  }
  void on_leader_change(const raft::LeaderChanged& change) override {
    heard.push_back(fmt::format("leader {} in {}", change.leader.raw(), change.epoch.raw()));
  }
  void on_high_watermark(Offset end) override { high_watermark = end; }

  std::vector<std::string> heard;
  std::size_t snapshot_records = 0;
  int rounds = 0;
  Offset high_watermark;
};

class MetadataQuorumTest : public testing::Test {
 protected:
  using Story = std::function<Task<void>(MetadataQuorum&)>;

  void run(const std::function<Task<void>()>& story) {
    host_.start([&](Process&, Cancel) -> Task<int> {
      co_await story();
      co_return 0;
    });
    ASSERT_TRUE(world_.run_until([&] { return !host_.running(); }, std::chrono::hours(10)));
    for (const std::string& violation : world_.violations()) ADD_FAILURE() << violation;
  }
  QuorumOptions options() const {
    QuorumOptions options;
    options.directory = kData;
    options.raft.self = {NodeId(1), Uuid(7, 7)};
    options.raft.cluster = kCluster;
    options.raft.listener = "CONTROLLER";
    options.raft.endpoints = raft::Endpoints({{"CONTROLLER", "localhost", 9093}});
    options.snapshots = rules_;
    options.retention = retention_;
    return options;
  }
  void format_voter() {
    run([&]() -> Task<void> {
      FormatOptions format_options;
      format_options.node = NodeId(1);
      format_options.cluster_id = kCluster;
      format_options.directories = {kData};
      format_options.metadata_directory = kData;
      format_options.controller_listener = "CONTROLLER";
      format_options.dynamic_quorum = true;
      format_options.initial_controllers = {{{NodeId(1), "localhost", 9093, Uuid(7, 7)}}};
      const FormatReport report = co_await format(files(), format_options);
      EXPECT_FALSE(report.failure) << report.failure->to_string();
    });
  }
  // Opens it, runs the story beside it, and closes it.
  void open(const Story& story) {
    run([&]() -> Task<void> {
      Result<std::unique_ptr<MetadataQuorum>> opened = co_await MetadataQuorum::open(options(), {});
      EXPECT_TRUE(opened.ok()) << opened.error().to_string();
      if (!opened.ok()) co_return;
      MetadataQuorum& quorum = **opened;
      quorum.add(scribe_);
      std::optional<Result<void>> ended;
      TaskGroup group;
      group.spawn([&](Cancel cancel) -> Task<void> { ended = co_await quorum.run(cancel); });
      co_await story(quorum);
      quorum.shut_down(seconds(1));
      co_await group.wait();
      EXPECT_TRUE(ended->ok()) << ended->error().to_string();
      EXPECT_TRUE((co_await quorum.close()).ok());
    });
  }
  Task<void> until(std::function<bool()> holds) {
    for (int i = 0; i < 20'000 && !holds(); ++i) (void)co_await sleep_for(milliseconds(1));
    EXPECT_TRUE(holds());
  }

  SnapshotRules rules_;
  Retention retention_;
  sim::World world_{3};
  sim::Host& host_ = world_.add_host("localhost");
  Scribe scribe_;
};

TEST_F(MetadataQuorumTest, TheOnlyVoterLeadsAndTellsWhatItCommits) {
  format_voter();
  open([&](MetadataQuorum& quorum) -> Task<void> {
    EXPECT_EQ(quorum.bootstrap().version, metadata::kLatestMetadataVersion);
    EXPECT_EQ(quorum.bootstrap().records.size(), 6U);
    co_await until([&] { return !scribe_.heard.empty() && scribe_.heard.back() == "leader 1 in 1"; });
    EXPECT_EQ(scribe_.heard, (std::vector<std::string>{"0-2 control", "leader 1 in 1"}));
    EXPECT_TRUE(quorum.leading());
    EXPECT_EQ(quorum.kraft_version(), 1);
    const std::vector<Slice> records = {topic("a", 1), topic("b", 2)};
    EXPECT_EQ(*quorum.append(LeaderEpoch(1), records), Offset(4));
    EXPECT_EQ(quorum.append(LeaderEpoch(2), records).error(), Errc::closed);
    co_await until([&] { return scribe_.heard.back() == "3 records 2"; });
    EXPECT_EQ(quorum.loader().image()->topics.by_name.size(), 2U);
    EXPECT_EQ(scribe_.high_watermark, Offset(5));
  });
}

TEST_F(MetadataQuorumTest, WhatWasCommittedIsThereAfterARestart) {
  format_voter();
  open([&](MetadataQuorum& quorum) -> Task<void> {
    co_await until([&] { return quorum.high_watermark() == Offset(3); });
    const std::vector<Slice> records = {topic("a", 1)};
    EXPECT_TRUE(quorum.append(LeaderEpoch(1), records).ok());
    co_await until([&] { return scribe_.heard.back() == "3 records 1"; });
  });
  scribe_.heard.clear();
  open([&](MetadataQuorum& quorum) -> Task<void> {
    co_await until([&] { return !scribe_.heard.empty() && scribe_.heard.back().starts_with("leader"); });
    EXPECT_EQ(scribe_.heard,
              (std::vector<std::string>{"0-2 control", "3 records 1", "4-4 control", "leader 1 in 2"}));
    EXPECT_EQ(quorum.loader().image()->topics.by_name.size(), 1U);
    EXPECT_EQ(quorum.loader().image()->provenance.offset, Offset(4));
  });
}

TEST_F(MetadataQuorumTest, SnapshotsAreMadeAndTheLogBehindThemIsKept) {
  rules_.max_bytes = 2000;
  format_voter();
  open([&](MetadataQuorum& quorum) -> Task<void> {
    co_await until([&] { return quorum.high_watermark() == Offset(3); });
    const std::vector<Slice> version(1, Slice::copy_of(quorum.bootstrap().records.front()));
    EXPECT_TRUE(quorum.append(LeaderEpoch(1), version).ok());
    for (std::uint64_t i = 1; i <= 40; ++i) {
      const std::vector<Slice> records = {topic(fmt::format("topic-{}", i), i)};
      EXPECT_TRUE(quorum.append(LeaderEpoch(1), records).ok());
      (void)co_await sleep_for(milliseconds(20));
    }
    co_await until([&] { return quorum.high_watermark() == Offset(44); });
    EXPECT_GT(quorum.latest_snapshot()->offset, Offset(30));
  });
  scribe_.heard.clear();
  open([&](MetadataQuorum& quorum) -> Task<void> {
    co_await until([&] { return !scribe_.heard.empty() && scribe_.heard.back() == "leader 1 in 2"; });
    EXPECT_EQ(scribe_.heard.front(), "snapshot");
    EXPECT_EQ(quorum.loader().image()->topics.by_name.size(), 40U);
    EXPECT_EQ(quorum.kraft_version(), 1);
    EXPECT_TRUE(quorum.damages().empty());
  });
}

}  // namespace
}  // namespace ottla::quorum
