// Log directories: what lies in them, moves between them, and one that fails while the others go on.
#include "replica/log_dirs.h"

#include <algorithm>

#include "test/replica/replica_language.h"

namespace ottla::replica {
namespace {

// "a: t-0 / b: t-1 t-2-future"
Task<std::string> described(ReplicasUnderTest& node) {
  std::string out;
  for (const LogDirFacts& facts : co_await node.replicas->door().describe_log_dirs()) {
    out += (out.empty() ? "" : " / ") + facts.path.substr(facts.path.rfind('/') + 1) + ":";
    if (facts.error != protocol::ErrorCode::none) out += " " + name_of(facts.error);
    for (const ReplicaFacts& replica : facts.replicas)
      out += " " + replica.name.to_string() + (replica.is_future ? "-future" : "");
  }
  co_return out;
}

Task<std::string> move(ReplicasUnderTest& node, int topic, int partition, std::string directory) {
  std::vector<MoveWish> wishes{
      {node.key(topic, partition), {"t", PartitionId(partition)}, std::move(directory)}};
  co_return name_of((co_await node.replicas->door().move(std::move(wishes))).front());
}

// Until nothing moves any more.
Task<void> settle(ReplicasUnderTest& node) {
  while ((co_await described(node)).find("future") != std::string::npos) co_await yield();
}

CONTRACT_TEST(LogDirs, NewReplicasGoWhereTheFewestAre) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("t", 1, 4);
  EXPECT_EQ(co_await described(node), "a: t-0 t-2 / b: t-1 t-3");
  for (const LogDirFacts& facts : co_await node.replicas->door().describe_log_dirs()) {
    EXPECT_GT(facts.total_bytes, 0);
    EXPECT_GT(facts.usable_bytes, 0);
  }
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, ACordonedDirectoryGetsNoNewReplicas) {
  ReplicasUnderTest node(place);
  node.config["cordoned.log.dirs"] = at(place, "a");
  co_await node.start();
  co_await node.create("t", 1, 3);
  EXPECT_EQ(co_await described(node), "a: / b: t-0 t-1 t-2");
  EXPECT_EQ(node.replicas->directories().cordoned_ids().size(), 1U);
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, AReplicaGoesIntoTheDirectoryThatTheMetadataName) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create_in("t", 1, Uuid(7, 70), 3);
  EXPECT_EQ(co_await described(node), "a: t-0 t-1 t-2 / b:");
  EXPECT_TRUE(node.events.assigned.empty());
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, AReplicaThatIsNotThereYetGoesWhereItIsWanted) {
  ReplicasUnderTest node(place);
  co_await node.start();
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "a")), "REPLICA_NOT_AVAILABLE");
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "b")), "REPLICA_NOT_AVAILABLE");
  EXPECT_EQ(co_await move(node, 1, 2, at(place, "b")), "REPLICA_NOT_AVAILABLE");
  co_await node.create("t", 1, 3);
  EXPECT_EQ(co_await described(node), "a: t-1 / b: t-0 t-2");
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, NothingMovesIntoACordonedDirectory) {
  ReplicasUnderTest node(place);
  node.config["cordoned.log.dirs"] = at(place, "a");
  co_await node.start();
  co_await node.create("t", 1, 1);
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "a")), "INVALID_REPLICA_ASSIGNMENT");
  EXPECT_EQ(co_await move(node, 1, 7, at(place, "a")), "INVALID_REPLICA_ASSIGNMENT");
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "b")), "NONE");
  EXPECT_EQ(co_await described(node), "a: / b: t-0");
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, AReplicaMovesWithAllThatItHas) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("t", 1);
  for (int each = 0; each < 20; ++each) co_await node.produce(1, 0, 2);
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "b")), "NONE");
  co_await settle(node);
  EXPECT_EQ(co_await described(node), "a: / b: t-0");
  EXPECT_EQ(node.events.assigned[node.key(1, 0)], node.replicas->directories().find(at(place, "b"))->id);
  while (node.replicas->directories().find(at(place, "a"))->replicas > 0) co_await yield();  // it is told
  EXPECT_EQ(node.replicas->directories().find(at(place, "b"))->replicas, 1U);
  EXPECT_EQ(co_await node.fetch(1, 0, 36), "36-37 38-39");
  EXPECT_EQ(co_await node.produce(1, 0), "40");
  co_await node.restart();
  EXPECT_EQ(co_await described(node), "a: / b: t-0");
  EXPECT_EQ((co_await node.offset_at(1, 0, OffsetCall::kLatest)).offset, Offset(41));
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, AReplicaMovesWhileItIsWrittenAndRead) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("t", 1);
  std::int64_t next = 0;
  for (const char* directory : {"b", "a", "b"}) {
    EXPECT_EQ(co_await move(node, 1, 0, at(place, directory)), "NONE");
    bool moved = false;
    while (!moved) {
      EXPECT_EQ(co_await node.produce(1, 0), std::to_string(next));
      EXPECT_EQ(co_await node.fetch(1, 0, next), std::to_string(next));
      ++next;
      moved = (co_await described(node)).find("future") == std::string::npos;
    }
  }
  EXPECT_EQ(co_await described(node), "a: / b: t-0");
  std::int64_t read = 0;
  while (read < next) {
    EXPECT_EQ(co_await node.first_batch(1, 0, read), std::to_string(read));
    ++read;
  }
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, AMoveBackCallsTheOtherOneOff) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("t", 1);
  co_await node.produce(1, 0, 5);
  co_await node.replicas->set_move_rate(0);
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "b")), "NONE");
  EXPECT_EQ(co_await described(node), "a: t-0 / b: t-0-future");
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "b")), "NONE");
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "a")), "NONE");
  EXPECT_EQ(co_await described(node), "a: t-0 / b:");
  EXPECT_EQ(co_await node.produce(1, 0), "5");
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, AMoveGoesOnAfterARestart) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("t", 1);
  co_await node.produce(1, 0, 5);
  co_await node.replicas->set_move_rate(0);
  co_await move(node, 1, 0, at(place, "b"));
  co_await node.restart();
  co_await settle(node);
  EXPECT_EQ(co_await described(node), "a: / b: t-0");
  EXPECT_EQ(co_await node.fetch(1, 0, 0), "0-4");
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, ATopicIsDeletedInTheMiddleOfItsMove) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("t", 1);
  co_await node.produce(1, 0, 5);
  co_await node.replicas->set_move_rate(0);
  co_await move(node, 1, 0, at(place, "b"));
  co_await node.tell({"remove-topic 1"});
  EXPECT_EQ(co_await described(node), "a: / b:");
  co_await node.create("t", 2);
  EXPECT_EQ(co_await node.fetch(2, 0, 0), "");
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, MovesThatCannotBeAreRefused) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("t", 1);
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "c")), "LOG_DIR_NOT_FOUND");
  EXPECT_EQ(co_await move(node, 1, 7, at(place, "b")), "REPLICA_NOT_AVAILABLE");
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "a")), "NONE");
  EXPECT_EQ(co_await described(node), "a: t-0 / b:");
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, AFailedDirectoryTakesItsReplicasAndTheOthersGoOn) {
  ReplicasUnderTest node(place);
  co_await node.start();
  co_await node.create("t", 1, 4);
  node.replicas->directories().fail(at(place, "b"), Error(Errc::io_error, "the disk is gone"));
  while (co_await node.produce(1, 1) != "KAFKA_STORAGE_ERROR") co_await yield();
  EXPECT_EQ(co_await node.produce(1, 0), "0");
  EXPECT_EQ(co_await node.produce(1, 2), "0");
  EXPECT_EQ(co_await node.fetch(1, 3, 0), "KAFKA_STORAGE_ERROR");
  EXPECT_EQ(co_await described(node), "a: t-0 t-2 / b: KAFKA_STORAGE_ERROR");
  EXPECT_EQ(node.events.failed.size(), 1U);
  if (!node.events.failed.empty()) {
    EXPECT_FALSE(node.events.failed[0].holds_metadata);
    EXPECT_FALSE(node.events.failed[0].was_last);
  }
  EXPECT_EQ(co_await move(node, 1, 0, at(place, "b")), "KAFKA_STORAGE_ERROR");
  co_await node.create_in("u", 2, metadata::kUnassignedDirectory);
  EXPECT_EQ(co_await described(node), "a: t-0 t-2 u-0 / b: KAFKA_STORAGE_ERROR");
  co_await node.stop();
  EXPECT_EQ(co_await outcome(files().status(at(place, "a/.kafka_cleanshutdown"))), "ok");
  EXPECT_EQ(co_await outcome(files().status(at(place, "b/.kafka_cleanshutdown"))), "not_found");
}

CONTRACT_TEST(LogDirs, AReplicaOfAFailedDirectoryGetsNoNewLogElsewhere) {
  ReplicasUnderTest node(place);
  co_await node.start();
  const Uuid in_b = node.replicas->directories().find(at(place, "b"))->id;
  node.replicas->directories().fail(at(place, "b"), Error(Errc::io_error, "the disk is gone"));
  co_await node.create_in("t", 1, in_b);
  EXPECT_EQ(co_await node.produce(1, 0), "KAFKA_STORAGE_ERROR");
  EXPECT_EQ(co_await described(node), "a: / b: KAFKA_STORAGE_ERROR");
  co_await node.stop();
}

CONTRACT_TEST(LogDirs, WithoutAnIdentityTheMetadatasDirectoryIsRefused) {
  ReplicasUnderTest node(place);
  co_await must(files().make_directories(at(place, "a")));
  EXPECT_EQ(co_await outcome(node.try_start()), "invalid_argument");
}

}  // namespace
}  // namespace ottla::replica
