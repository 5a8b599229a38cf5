// Many logs in several log directories: brought in, moved, let go, and found again after a restart.
#include "storage/directory/log_set.h"

#include <chrono>

#include "runtime/sleep.h"
#include "runtime/whole_file.h"
#include "sim/disk.h"
#include "sim/host.h"
#include "sim/world.h"
#include "test/storage/directory/node_language.h"

namespace ottla::storage {
namespace {

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
  EXPECT_EQ(co_await contract::content_of(at(place, "a/recovery-point-offset-checkpoint")), "0\n1\nt 0 5\n");
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

// Told in the simulated world alone, where time costs nothing.
TEST(LogSetInTime, WhatAnEarlierRemovalLeftIsGoneAfterTheDelayOfTheNode) {
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  ASSERT_TRUE(host.disk().make_directories("/place").ok());
  host.start([](Process&, Cancel) -> Task<int> {
    const Place place{"/place"};
    NodeUnderTest node(place);
    node.config.file_delete_delay_ms = std::chrono::minutes(10);
    co_await node.start();
    co_await node.create(0);
    co_await must(node.logs->remove(tp(0)));
    co_await node.restart();
    EXPECT_TRUE((co_await sleep_for(std::chrono::minutes(9))).ok());
    EXPECT_EQ(co_await node.folders("a"), "t-0-delete");
    EXPECT_TRUE((co_await sleep_for(std::chrono::minutes(2))).ok());
    EXPECT_EQ(co_await node.folders("a"), "");
    co_await node.end();
    co_return 0;
  });
  EXPECT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
  EXPECT_EQ(host.exit_code(), 0);
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

// Or else it would take the place of the log of whoever has its name next.
CONTRACT_TEST(LogSet, AFutureLogOfATopicThatIsGoneIsSetAside) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.create(0);
  co_await node.create(0, true, "b");
  EXPECT_EQ(node.logs->future_topic_id(tp(0)), kTopic);
  node.is_stray = [](const TopicPartition&, const std::optional<Uuid>& id) { return id == kTopic; };
  co_await node.restart();
  EXPECT_EQ(node.logs->find_future(tp(0)), nullptr);
  EXPECT_EQ(co_await node.folders("a"), "t-0-stray");
  EXPECT_EQ(co_await node.folders("b"), "t-0-stray");
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

// The power went before anything of the log was durable; what is left is taken, and stays good once it is durable.
CONTRACT_TEST(LogSet, ATopicIdThatWasNeverWrittenIsForgotten) {
  NodeUnderTest node(place);
  co_await node.start();
  co_await node.append(*co_await node.create(0), 2);
  co_await node.stop();
  for (const char* name : {"a/.kafka_cleanshutdown", "a/recovery-point-offset-checkpoint"})
    co_await must(files().remove(at(place, name)));
  co_await must(replace_file(files(), at(place, "a/t-0/partition.metadata"), Chain()));
  co_await node.start();
  EXPECT_EQ(node.logs->topic_id(tp(0)), std::nullopt);
  co_await node.restart();
  EXPECT_TRUE(node.outcomes.front().failures.empty());
  EXPECT_EQ(node.outcomes.front().opened, 1U);
  co_await node.end();
}

}  // namespace
}  // namespace ottla::storage
