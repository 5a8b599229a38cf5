// A disk that is full, for a while or for longer, and one that fails while logs are made on it.
//
// Told in the simulated world alone: no real disk is full when it is asked to be.
#include <chrono>
#include <functional>
#include <string>

#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "sim/disk.h"
#include "sim/host.h"
#include "sim/world.h"
#include "test/replica/replica_language.h"

namespace ottla::replica {
namespace {

using std::chrono::seconds;

using TroubleStory = std::function<Task<void>(ReplicasUnderTest& node, sim::DiskTrouble& trouble)>;

void tell(const TroubleStory& story) {
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  const Place place{"/place"};
  ASSERT_TRUE(host.disk().make_directories(place.directory).ok());
  host.start(
      [&](Process&, Cancel) -> Task<int> {
        ReplicasUnderTest node(place);
        co_await node.start();
        co_await story(node, host.disk().trouble);
        host.disk().trouble = {};
        co_await node.stop();
        co_return 0;
      },
      2);
  EXPECT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(24)));
  EXPECT_EQ(host.exit_code(), 0);
  EXPECT_TRUE(world.violations().empty()) << world.violations().front();
}

TEST(DiskTrouble, ANewLeaderOnAFullDiskRefusesRecordsUntilThereIsRoom) {
  tell([](ReplicasUnderTest& node, sim::DiskTrouble& trouble) -> Task<void> {
    co_await node.create("t", 1);
    EXPECT_EQ(co_await node.produce(1, 0), "0");
    trouble.full = true;
    co_await node.tell({"change 1 0 leader=1"});
    EXPECT_EQ(co_await node.produce(1, 0), "KAFKA_STORAGE_ERROR");
    EXPECT_EQ(co_await node.fetch(1, 0, 0), "0");
    trouble.full = false;
    EXPECT_EQ(co_await node.produce(1, 0), "1");
    EXPECT_EQ(co_await node.fetch(1, 0, 0), "0 1");
  });
}

TEST(DiskTrouble, ALogIsMadeWhenThereIsRoom) {
  tell([](ReplicasUnderTest& node, sim::DiskTrouble& trouble) -> Task<void> {
    trouble.full = true;
    co_await node.create("t", 1, 3);
    EXPECT_EQ(co_await node.produce(1, 0), "KAFKA_STORAGE_ERROR");
    co_await node.create("gone", 2);
    co_await node.tell({"remove-topic 2"});
    trouble.full = false;
    (void)co_await sleep_for(seconds(1));
    for (int partition = 0; partition < 3; ++partition) EXPECT_EQ(co_await node.produce(1, partition), "0");
    EXPECT_EQ(node.events.assigned.size(), 3U);
    EXPECT_EQ(co_await node.produce(2, 0), "UNKNOWN_TOPIC_OR_PARTITION");
    co_await node.restart();
    for (int partition = 0; partition < 3; ++partition) EXPECT_EQ(co_await node.produce(1, partition), "1");
    EXPECT_TRUE(node.events.failed.empty());
  });
}

// Checkpoints that say more than there is have to be written anew before the log can be used.
Task<void> lose_last_byte(std::string path) {
  const auto file = co_await files().open(path, {.access = Access::read_write});
  EXPECT_TRUE(file.ok());
  if (!file.ok()) co_return;
  EXPECT_TRUE((co_await (*file)->truncate((*file)->size() - 1)).ok());
  co_await (*file)->close();
}

// No log is made in its place, it is recovered as if nothing had been, and what was deleted stays so.
TEST(DiskTrouble, ALogThatCannotBeOpenedIsOpenedWhenThereIsRoom) {
  tell([](ReplicasUnderTest& node, sim::DiskTrouble& trouble) -> Task<void> {
    co_await node.create("t", 1);
    for (int each = 0; each < 5; ++each) co_await node.produce(1, 0);
    std::vector<Asked<Offset>> asked{{node.key(1, 0), Offset(2)}};
    const auto deleted = co_await node.replicas->door().delete_records(std::move(asked), seconds(10));
    EXPECT_EQ(deleted.front().error, protocol::ErrorCode::none);
    co_await node.replicas->close(storage::LogDirectory::Ending::unclean());
    co_await lose_last_byte("/place/a/t-0/00000000000000000000.log");
    for (int start = 0; start < 2; ++start) {
      trouble.full = true;
      co_await node.start();
      EXPECT_EQ(node.replicas->publisher().loading().failures.size(), 1U);
      EXPECT_EQ(co_await node.produce(1, 0), "KAFKA_STORAGE_ERROR");
      if (start == 1) break;
      trouble.full = false;
      co_await node.stop();  // in good order, and yet nobody has looked at the log
    }
    EXPECT_FALSE(node.replicas->directories().all().front().opened->was_clean());
    trouble.full = false;
    (void)co_await sleep_for(seconds(1));
    EXPECT_EQ(co_await node.fetch(1, 0, 2), "2 3");
    EXPECT_EQ(co_await node.fetch(1, 0, 1), "OFFSET_OUT_OF_RANGE");
    EXPECT_EQ(co_await node.produce(1, 0), "4");
  });
}

TEST(DiskTrouble, ALogThatCouldNotBeDeletedIsNotTakenForThatOfAnotherTopic) {
  tell([](ReplicasUnderTest& node, sim::DiskTrouble&) -> Task<void> {
    co_await must(files().make_directories("/place/a/t-0"));
    co_await must(replace_file(files(), "/place/a/t-0/00000000000000000000.log",
                               storage::make_batch(Offset(0), {.records = 3})));
    co_await node.create("t", 1);
    EXPECT_EQ(co_await node.fetch(1, 0, 0), "");
    EXPECT_EQ(co_await node.produce(1, 0), "0");
    co_await node.restart();
    EXPECT_EQ(co_await node.fetch(1, 0, 0), "0");
  });
}

// Half of them lie there.
TEST(DiskTrouble, ADirectoryFailsWhileLogsAreMade) {
  for (int micros = 0; micros < 1000; micros += 20) {
    SCOPED_TRACE(micros);
    tell([micros](ReplicasUnderTest& node, sim::DiskTrouble&) -> Task<void> {
      const std::string path = node.replicas->directories().all().back().path;
      TaskGroup group;
      group.spawn([&node, &path, micros](Cancel) -> Task<void> {
        (void)co_await sleep_for(std::chrono::microseconds(micros));
        node.replicas->directories().fail(path, Error(Errc::io_error, "the disk is gone"));
      });
      co_await node.create("t", 1, 12);
      co_await group.wait();
      (void)co_await sleep_for(seconds(1));
      int served = 0;
      for (int partition = 0; partition < 12; ++partition) {
        const std::string answer = co_await node.produce(1, partition);
        EXPECT_TRUE(answer == "0" || answer == "KAFKA_STORAGE_ERROR") << answer;
        served += answer == "0" ? 1 : 0;
      }
      EXPECT_EQ(served, 6);
    });
  }
}

}  // namespace
}  // namespace ottla::replica
