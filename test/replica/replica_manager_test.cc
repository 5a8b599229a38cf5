// Replicas as the metadata make them: created, led, followed, deleted, found again; and what is asked of them.
#include "replica/replica_manager.h"

#include "test/replica/replica_language.h"

namespace ottla::replica {
namespace {

// Offsets from 0 to that one.
std::string shown_to(int last) {
  return last == 0 ? "0" : "0-" + std::to_string(last);
}

CONTRACT_TEST(ReplicaManager, ATopicIsCreatedWrittenAndRead) {
  ReplicasUnderTest node(place);
  co_await node.start();
  EXPECT_EQ(node.events.loads, 1);
  co_await node.create("foo", 1, 4);
  for (int partition = 0; partition < 4; ++partition) {
    EXPECT_EQ(co_await node.produce(1, partition, 3), "0-2");
    EXPECT_EQ(co_await node.produce(1, partition), "3");
    EXPECT_EQ(co_await node.fetch(1, partition, 0), "0-2 3");
    EXPECT_EQ(co_await node.fetch(1, partition, 3), "3");
    EXPECT_EQ(co_await node.fetch(1, partition, 4), "");
    EXPECT_EQ(co_await node.fetch(1, partition, 5), "OFFSET_OUT_OF_RANGE");
  }
  EXPECT_EQ(node.events.assigned.size(), 4U);
  co_await node.stop();
}

CONTRACT_TEST(ReplicaManager, WhatWasWrittenIsThereAfterARestart) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1, 3);
  for (int partition = 0; partition < 3; ++partition) co_await node.produce(1, partition, partition + 1);
  co_await node.restart();
  EXPECT_EQ(node.replicas->publisher().loading().logs.size(), 3U);
  EXPECT_EQ(node.replicas->directories().clean_broker_epoch(), 5);
  for (int partition = 0; partition < 3; ++partition) {
    EXPECT_EQ((co_await node.offset_at(1, partition, OffsetCall::kLatest)).offset, Offset(partition + 1));
    EXPECT_EQ(co_await node.produce(1, partition), std::to_string(partition + 1));
  }
  co_await node.stop();
}

// So many that one sync is made for all of them.
CONTRACT_TEST(ReplicaManager, ManyLogsAreThereAfterAStopInBadOrder) {
  constexpr int kMany = 40;
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1, kMany);
  for (int each = 0; each < kMany; ++each)
    EXPECT_EQ(co_await node.produce(1, each, each + 1), shown_to(each));
  co_await node.stop();
  for (const char* lost : {"a/.kafka_cleanshutdown", "a/recovery-point-offset-checkpoint",
                           "b/.kafka_cleanshutdown", "b/recovery-point-offset-checkpoint"})
    co_await must(files().remove(at(place, lost)));
  co_await node.start();
  for (int each = 0; each < kMany; ++each) EXPECT_EQ(co_await node.fetch(1, each, 0), shown_to(each));
  EXPECT_EQ(co_await node.produce(1, 7), "8");
  co_await node.restart();
  EXPECT_EQ(co_await node.fetch(1, 7, 0), "0-7 8");
  EXPECT_TRUE(node.events.failed.empty());
  co_await node.stop();
}

CONTRACT_TEST(ReplicaManager, ADeletedTopicIsGoneAndItsNameIsFree) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1, 2);
  co_await node.produce(1, 0, 5);
  co_await node.tell({"remove-topic 1"});
  EXPECT_EQ(co_await node.produce(1, 0), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(co_await node.fetch(1, 0, 0), "UNKNOWN_TOPIC_OR_PARTITION");
  co_await node.create("foo", 2, 2);
  EXPECT_EQ(co_await node.produce(2, 0), "0");
  co_await node.stop();
}

CONTRACT_TEST(ReplicaManager, ATopicDeletedAndMadeAnewAtOnceHasNothingOfTheOldOne) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1);
  co_await node.produce(1, 0, 5);
  co_await node.tell(
      {"remove-topic 1", "topic foo 2", "partition 2 0 replicas=1 isr=1 leader=1 epoch=0 pepoch=0"});
  EXPECT_EQ(co_await node.fetch(2, 0, 0), "");
  EXPECT_EQ(co_await node.produce(2, 0), "0");
  co_await node.stop();
}

CONTRACT_TEST(ReplicaManager, AFollowerKeepsItsLogAndSaysThatItIsNone) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1);
  co_await node.produce(1, 0, 2);
  co_await node.tell({"change 1 0 replicas=1,2 isr=1,2 leader=2"});
  EXPECT_EQ(co_await node.produce(1, 0), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(co_await node.fetch(1, 0, 0), "NOT_LEADER_OR_FOLLOWER");
  FetchCall call{.items = {node.wanted(1, 0, 0)}, .max_bytes = 1 << 20};
  call.items[0].call.leader_only = false;
  std::vector<ReadAnswer> answers = co_await node.replicas->door().fetch(std::move(call), {});
  EXPECT_EQ(answers[0].leader, (LeaderHint{NodeId(2), LeaderEpoch(1)}));
  EXPECT_EQ(co_await ReplicasUnderTest::shown(std::move(answers[0])), "0-1");
  co_await node.tell({"change 1 0 isr=1 leader=1"});
  EXPECT_EQ(co_await node.produce(1, 0), "2");
  co_await node.stop();
}

Task<std::uint64_t> counted(std::string_view name) {
  Process& process = this_shard().process();
  std::uint64_t sum = 0;
  for (std::size_t each = 0; each < process.shard_count(); ++each) {
    Shard& shard = process.shard(ShardId(static_cast<std::uint32_t>(each)));
    const MetricSnapshot snapshot = co_await on(shard, [] { return this_shard().metrics().snapshot(); });
    for (const MetricFamilySnapshot& family : snapshot.families) {
      if (family.info.name != name) continue;
      for (const MetricSample& sample : family.series) sum += std::get<std::uint64_t>(sample.value);
    }
  }
  co_return sum;
}

// The follower never comes: it leaves the ISR as soon as the controller lets it.
CONTRACT_TEST(ReplicaManager, CountsWhatBecomesOfTheIsrAndOfThoseWhoWaitForIt) {
  ReplicasUnderTest node(place);
  node.config["replica.lag.time.max.ms"] = "100";
  co_await node.start();
  co_await node.tell({"topic foo 1", "partition 1 0 replicas=1,2 isr=1,2 leader=1 epoch=0 pepoch=0"});
  node.events.refusal = protocol::ErrorCode::ineligible_replica;
  ProduceCall call{.items = {}, .acks = -1, .timeout = std::chrono::milliseconds(300)};
  call.items.push_back(node.item(1, 0));
  const std::vector<AppendAnswer> late =
      co_await node.replicas->door().begin_produce(std::move(call))->answers();
  EXPECT_EQ(ReplicasUnderTest::shown(late.front()), "REQUEST_TIMED_OUT");
  EXPECT_EQ(co_await counted("kafka_server_delayedproducemetrics_expires"), 1U);
  EXPECT_GE(co_await counted("kafka_server_replicamanager_failedisrupdates"), 1U);
  EXPECT_EQ(co_await counted("kafka_server_replicamanager_isrshrinks"), 0U);
  node.events.refusal = protocol::ErrorCode::none;
  EXPECT_EQ(co_await node.produce(1, 0), "1");
  EXPECT_EQ(co_await counted("kafka_server_replicamanager_isrshrinks"), 1U);
  EXPECT_EQ(co_await counted("kafka_server_replicamanager_isrexpands"), 0U);
  EXPECT_EQ(co_await counted("kafka_server_delayedproducemetrics_expires"), 1U);
  co_await node.stop();
}

CONTRACT_TEST(ReplicaManager, LogsOfOtherTopicsAreSetAsideAtTheStart) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1);
  co_await node.create("bar", 2);
  co_await node.produce(1, 0);
  co_await node.stop();
  node.forget("foo", 1);
  co_await node.start();
  EXPECT_EQ(node.replicas->publisher().loading().strays.size(), 1U);
  co_await node.create("foo", 3);
  EXPECT_EQ(co_await node.fetch(3, 0, 0), "");
  EXPECT_EQ(co_await node.produce(2, 0), "0");
  co_await node.stop();
}

CONTRACT_TEST(ReplicaManager, ProducesOfOneShardReachEachPartitionInTheirOrder) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1, 3);
  std::vector<std::unique_ptr<Producing>> producing;
  for (int call = 0; call < 20; ++call) {
    ProduceCall next{.items = {}, .acks = 1};
    for (int partition = 0; partition < 3; ++partition) {
      if (call % (partition + 1) == 0) next.items.push_back(node.item(1, partition));
    }
    producing.push_back(node.replicas->door().begin_produce(std::move(next)));
  }
  std::map<std::size_t, std::int64_t> expected;
  for (int call = 0; call < 20; ++call) {
    const std::vector<AppendAnswer> answers = co_await producing[static_cast<std::size_t>(call)]->answers();
    std::size_t at = 0;
    for (std::size_t partition = 0; partition < 3; ++partition) {
      if (call % static_cast<int>(partition + 1) != 0) continue;
      EXPECT_EQ(answers[at++].first_offset, Offset(expected[partition]++));
    }
  }
  co_await node.stop();
}

CONTRACT_TEST(ReplicaManager, AFetchWaitsForDataOnWhateverShard) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1, 4);
  for (int partition = 0; partition < 4; ++partition) {
    FetchCall call{.items = {}, .max_bytes = 1 << 20, .min_bytes = 1, .max_wait = std::chrono::hours(1)};
    for (int each = 0; each < 4; ++each) call.items.push_back(node.wanted(1, each, each < partition ? 1 : 0));
    TaskGroup group;
    group.spawn([&, call = std::move(call)](Cancel cancel) mutable -> Task<void> {
      std::vector<ReadAnswer> answers = co_await node.replicas->door().fetch(std::move(call), cancel);
      EXPECT_EQ(co_await ReplicasUnderTest::shown(std::move(answers[static_cast<std::size_t>(partition)])),
                "0");
    });
    co_await yield();
    EXPECT_EQ(co_await node.produce(1, partition), "0");
    co_await group.wait();
  }
  co_await node.stop();
}

CONTRACT_TEST(ReplicaManager, AFetchThatIsCancelledOrTimesOutEndsWithWhatThereIs) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("foo", 1, 4);
  FetchCall call{
      .items = {}, .max_bytes = 1 << 20, .min_bytes = 1, .max_wait = std::chrono::milliseconds(20)};
  for (int each = 0; each < 4; ++each) call.items.push_back(node.wanted(1, each, 0));
  EXPECT_EQ((co_await node.replicas->door().fetch(call, {})).size(), 4U);
  call.max_wait = std::chrono::hours(1);
  TaskGroup group;
  int ended = 0;
  group.spawn([&](Cancel cancel) -> Task<void> {
    EXPECT_EQ((co_await node.replicas->door().fetch(call, cancel)).size(), 4U);
    ++ended;
  });
  co_await yield();
  co_await group.stop();
  EXPECT_EQ(ended, 1);
  co_await node.stop();
}

}  // namespace
}  // namespace ottla::replica
