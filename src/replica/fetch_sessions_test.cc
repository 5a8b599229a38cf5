#include "replica/fetch_sessions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ottla::replica {
namespace {

using protocol::ErrorCode;
using Kind = FetchContext::Kind;

constexpr std::int64_t kStale = 120'001;

FetchWish wish(int topic, int partition, std::int64_t offset = 0) {
  return {.partition = {.id = Uuid(1, static_cast<std::uint64_t>(topic)), .index = PartitionId(partition)},
          .offset = Offset(offset),
          .max_bytes = 100};
}

FetchWish named(const std::string& topic, int partition) {
  return {.partition = {.name = std::make_shared<const std::string>(topic), .index = PartitionId(partition)},
          .offset = Offset(0),
          .max_bytes = 100};
}

class FetchSessionsTest : public ::testing::Test {
 protected:
  FetchContext begin(std::int32_t id, std::int32_t epoch, std::vector<FetchWish> wishes,
                     std::vector<FetchTopic> forgotten = {}, std::int16_t version = 17) {
    return sessions.begin({.version = version,
                           .session_id = id,
                           .session_epoch = epoch,
                           .from_follower = follower,
                           .wishes = std::move(wishes),
                           .forgotten = std::move(forgotten)},
                          now);
  }
  FetchReply finish(const FetchContext& context, std::vector<FetchFacts> facts) {
    return sessions.finish(context, facts, now);
  }
  // Every partition has this watermark and nothing new.
  FetchReply finish_quietly(const FetchContext& context, std::int64_t watermark = 5) {
    return finish(context, std::vector<FetchFacts>(context.partitions.size(), quiet(watermark)));
  }
  static FetchFacts quiet(std::int64_t watermark = 5) {
    return {.high_watermark = Offset(watermark), .log_start = Offset(0)};
  }
  // The id of a new session with so many partitions.
  std::int32_t open(int partitions, int topic = 1) {
    std::vector<FetchWish> wishes;
    for (int each = 0; each < partitions; ++each) wishes.push_back(wish(topic, each));
    return finish_quietly(begin(0, 0, std::move(wishes))).session_id;
  }
  // "0 2": the partitions that are read.
  static std::string shown(const FetchContext& context) {
    std::string out;
    for (const FetchWish& each : context.partitions)
      out += (out.empty() ? "" : " ") + each.partition.index.to_string();
    return out;
  }
  // "0 2": the partitions that are sent.
  static std::string shown(const FetchContext& context, const FetchReply& reply) {
    std::string out;
    for (std::size_t place = 0; place < reply.sent.size(); ++place) {
      if (reply.sent[place])
        out += (out.empty() ? "" : " ") + context.partitions[place].partition.index.to_string();
    }
    return out;
  }

  std::uint64_t numbers = 41;
  FetchSessions sessions{{.slots = 3, .first_id = 10, .last_id = 99}, [this] { return ++numbers; }};
  bool follower = false;
  std::int64_t now = 1'000'000;
};

TEST_F(FetchSessionsTest, AFullFetchOpensASession) {
  const FetchContext context = begin(0, 0, {wish(1, 0), wish(1, 1)});
  EXPECT_EQ(context.kind, Kind::full);
  EXPECT_EQ(shown(context), "0 1");
  const FetchReply reply = finish_quietly(context);
  EXPECT_GE(reply.session_id, 10);
  EXPECT_LE(reply.session_id, 99);
  EXPECT_EQ(shown(context, reply), "0 1");
  EXPECT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions.partitions(), 2U);
}

TEST_F(FetchSessionsTest, OnlyWhatChangedIsSent) {
  const std::int32_t id = open(4);
  FetchContext context = begin(id, 1, {});
  EXPECT_EQ(context.kind, Kind::incremental);
  EXPECT_EQ(shown(context), "0 1 2 3");
  FetchReply reply =
      finish(context, {quiet(),
                       quiet(6),
                       {.records_size = 10, .high_watermark = Offset(5), .log_start = Offset(0)},
                       quiet()});
  EXPECT_EQ(reply.session_id, id);
  EXPECT_EQ(shown(context, reply), "1 2");
  context = begin(id, 2, {});
  // What gave records comes last now.
  EXPECT_EQ(shown(context), "0 1 3 2");
  reply =
      finish(context, {quiet(), quiet(6), quiet(), {.high_watermark = Offset(5), .log_start = Offset(1)}});
  EXPECT_EQ(shown(context, reply), "2");
}

TEST_F(FetchSessionsTest, PartitionsComeGoAndChange) {
  const std::int32_t id = open(2);
  const FetchContext context = begin(id, 1, {wish(1, 1, 77), wish(1, 2)}, {wish(1, 0).partition});
  EXPECT_EQ(shown(context), "1 2");
  EXPECT_EQ(context.partitions[0].offset, Offset(77));
  const FetchReply reply = finish(context, {quiet(), quiet()});
  EXPECT_EQ(shown(context, reply), "2");  // of which nothing was told yet
  EXPECT_EQ(sessions.partitions(), 2U);
}

TEST_F(FetchSessionsTest, ErrorsAndDivergenceAndNearerReplicasAreAlwaysSent) {
  const std::int32_t id = open(3);
  FetchContext context = begin(id, 1, {});
  FetchFacts failed = quiet();
  failed.failed = true;
  FetchFacts diverging = quiet();
  diverging.diverging = true;
  FetchFacts preferred = quiet();
  preferred.preferred_replica = true;
  EXPECT_EQ(shown(context, finish(context, {failed, diverging, preferred})), "0 1 2");
  // An error that has gone away is news.
  context = begin(id, 2, {});
  EXPECT_EQ(shown(context, finish_quietly(context)), "0");
  context = begin(id, 3, {});
  EXPECT_EQ(shown(context, finish_quietly(context)), "");
}

TEST_F(FetchSessionsTest, WrongSessionsEpochsAndVersionsAreRefused) {
  const std::int32_t id = open(1);
  EXPECT_EQ(begin(id + 1, 1, {}).error, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(begin(id, 2, {}).error, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(begin(id, 1, {}, {}, 12).error, ErrorCode::fetch_session_topic_id_error);
  EXPECT_EQ(finish(begin(id, 7, {}), {}).error, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(begin(id, 1, {}).kind, Kind::incremental);  // none of it harmed
}

TEST_F(FetchSessionsTest, SessionsWithoutIdsGoByNames) {
  const FetchContext full = begin(0, 0, {named("a", 0), named("b", 0)}, {}, 12);
  const std::int32_t id = finish_quietly(full).session_id;
  EXPECT_EQ(begin(id, 1, {}).error, ErrorCode::fetch_session_topic_id_error);
  const FetchContext context = begin(id, 1, {named("b", 0)}, {named("a", 0).partition}, 12);
  ASSERT_EQ(context.partitions.size(), 1U);
  EXPECT_EQ(*context.partitions[0].partition.name, "b");
}

TEST_F(FetchSessionsTest, EpochMinusOneClosesAndOpensNone) {
  const std::int32_t id = open(1);
  const FetchContext context = begin(id, -1, {wish(1, 0)});
  EXPECT_EQ(context.kind, Kind::sessionless);
  EXPECT_EQ(sessions.size(), 0U);
  const FetchReply reply = finish_quietly(context);
  EXPECT_EQ(reply.session_id, 0);
  EXPECT_EQ(shown(context, reply), "0");
}

TEST_F(FetchSessionsTest, EpochZeroClosesTheOldOneAndOpensAnother) {
  const std::int32_t id = open(1);
  const FetchContext context = begin(id, 0, {wish(1, 0)});
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_NE(finish_quietly(context).session_id, id);
  EXPECT_EQ(sessions.size(), 1U);
}

TEST_F(FetchSessionsTest, ASessionWithoutPartitionsEnds) {
  const std::int32_t id = open(1);
  const FetchContext context = begin(id, 1, {}, {wish(1, 0).partition});
  EXPECT_EQ(context.kind, Kind::sessionless);
  EXPECT_EQ(context.partitions.size(), 0U);
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_EQ(finish(context, {}).session_id, 0);
}

TEST_F(FetchSessionsTest, APartitionNamedTwiceIsReadOnce) {
  const FetchContext context = begin(0, 0, {wish(1, 0, 1), wish(1, 1), wish(1, 0, 2)});
  EXPECT_EQ(shown(context), "0 1");
  EXPECT_EQ(context.partitions[0].offset, Offset(2));
}

TEST_F(FetchSessionsTest, AnAnswerThatALaterRequestOvertookIsAnError) {
  const std::int32_t id = open(1);
  const FetchContext slow = begin(id, 1, {});
  (void)begin(id, 2, {});
  EXPECT_EQ(finish_quietly(slow).error, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(sessions.throttle(slow).error, ErrorCode::invalid_fetch_session_epoch);
}

TEST_F(FetchSessionsTest, AThrottledRequestLeavesTheSessionAsItIs) {
  const std::int32_t id = open(1);
  const FetchContext context = begin(id, 1, {});
  const FetchReply reply = sessions.throttle(context);
  EXPECT_EQ(reply.error, ErrorCode::none);
  EXPECT_EQ(reply.session_id, id);
  EXPECT_EQ(shown(begin(id, 2, {})), "0");
}

TEST_F(FetchSessionsTest, EpochsBeginAgainAtOne) {
  EXPECT_EQ(next_session_epoch(1), 2);
  EXPECT_EQ(next_session_epoch(0x7fff'ffff), 1);
  EXPECT_EQ(next_session_epoch(-1), -1);
}

TEST_F(FetchSessionsTest, WithoutRoomThereIsNoNewSession) {
  for (int each = 0; each < 3; ++each) EXPECT_NE(open(2), 0);
  EXPECT_EQ(open(9), 0);  // all others are young
  EXPECT_EQ(sessions.size(), 3U);
  EXPECT_EQ(sessions.evictions(), 0U);
}

TEST_F(FetchSessionsTest, AStaleSessionMakesRoom) {
  const std::int32_t oldest = open(5);
  now += 1;
  open(1);
  open(1);
  now += kStale - 1;
  EXPECT_NE(open(1), 0);
  EXPECT_EQ(begin(oldest, 1, {}).error, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(sessions.evictions(), 1U);
}

TEST_F(FetchSessionsTest, AnOldSessionMakesRoomForALargerOne) {
  std::vector<std::int32_t> ids;
  for (int each = 1; each <= 3; ++each) ids.push_back(open(2 + each));
  now += kStale;
  for (const std::int32_t id : ids) (void)begin(id, 1, {});  // all in use, and old
  EXPECT_EQ(open(3), 0);
  EXPECT_NE(open(4), 0);
  EXPECT_EQ(begin(ids[0], 2, {}).error, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(begin(ids[1], 2, {}).kind, Kind::incremental);
}

TEST_F(FetchSessionsTest, AFollowersSessionTakesTheRoomOfAConsumers) {
  follower = true;
  open(1);
  follower = false;
  const std::int32_t small = open(2);
  open(3);
  follower = true;
  EXPECT_NE(open(1), 0);
  EXPECT_EQ(sessions.size(), 3U);
  EXPECT_EQ(begin(small, 1, {}).error, ErrorCode::fetch_session_id_not_found);
  EXPECT_NE(open(1), 0);
  EXPECT_EQ(open(1), 0);  // three followers, all young
}

TEST_F(FetchSessionsTest, WithoutSlotsThereAreNoSessions) {
  FetchSessions none({.slots = 0}, [] { return std::uint64_t{1}; });
  const FetchContext context =
      none.begin({.version = 17, .session_epoch = 0, .wishes = {wish(1, 0)}, .forgotten = {}}, now);
  const std::vector<FetchFacts> facts{quiet()};
  EXPECT_EQ(none.finish(context, facts, now).session_id, 0);
}

// --- On another shard -----------------------------------------------------------------------------------------

// Another shard than that of `sessions`, which is the first.
class FetchSessionsElsewhere : public FetchSessionsTest {
 protected:
  void bring(std::int32_t id) {
    ASSERT_TRUE(there.keep_room());
    there.take_in(sessions.let_go(id, ShardId(1)), now);
  }
  FetchReply finish_there(const FetchContext& context, std::vector<FetchFacts> facts) {
    return there.finish(context, facts, now);
  }

  FetchSessions there{{.slots = 2, .first_id = 100, .last_id = 199}, [this] { return ++numbers; }};
};

TEST_F(FetchSessionsElsewhere, GoOnAsTheyWere) {
  const std::int32_t id = open(3);
  bring(id);
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_EQ(sessions.partitions(), 0U);
  EXPECT_EQ(there.partitions(), 3U);
  EXPECT_EQ(sessions.whereabouts(id), ShardId(1));
  EXPECT_EQ(begin(id, 1, {}).error, ErrorCode::fetch_session_id_not_found);
  const FetchContext context = there.begin(
      {.version = 17, .session_id = id, .session_epoch = 1, .wishes = {wish(1, 7)}, .forgotten = {}}, now);
  EXPECT_EQ(shown(context), "0 1 2 7");
  const FetchReply reply = finish_there(context, {quiet(), quiet(6), quiet(), quiet()});
  EXPECT_EQ(reply.session_id, id);
  EXPECT_EQ(shown(context, reply), "1 7");
}

TEST_F(FetchSessionsElsewhere, ComeHomeAgain) {
  const std::int32_t id = open(2);
  bring(id);
  ASSERT_TRUE(sessions.keep_room());
  sessions.take_in(there.let_go(id, ShardId(0)), now);
  EXPECT_EQ(sessions.whereabouts(id), std::nullopt);
  EXPECT_EQ(there.partitions(), 0U);
  EXPECT_EQ(there.whereabouts(id), std::nullopt);
  EXPECT_EQ(shown(begin(id, 1, {})), "0 1");
}

TEST_F(FetchSessionsElsewhere, KeepTheirIdsFromBeingGivenOutAgain) {
  const std::int32_t id = open(1);
  bring(id);
  numbers = static_cast<std::uint64_t>(id - 10 - 1);  // the same would be drawn again
  EXPECT_EQ(open(1), id + 1);
}

TEST_F(FetchSessionsElsewhere, TellTheirHomeWhenTheyEnd) {
  const std::int32_t id = open(1);
  bring(id);
  EXPECT_TRUE(there.ended_away().empty());
  (void)there.begin({.version = 17, .session_id = id, .session_epoch = -1, .wishes = {}, .forgotten = {}},
                    now);
  EXPECT_EQ(there.ended_away(), std::vector<std::int32_t>{id});
  EXPECT_TRUE(there.ended_away().empty());
  sessions.note_end(id, ShardId(2));  // from where it has left
  EXPECT_EQ(sessions.whereabouts(id), ShardId(1));
  sessions.note_end(id, ShardId(1));
  EXPECT_EQ(sessions.whereabouts(id), std::nullopt);
}

TEST_F(FetchSessionsElsewhere, GoOnFromThere) {
  const std::int32_t id = open(1);
  bring(id);
  sessions.note_whereabouts(id, ShardId(2));
  EXPECT_EQ(sessions.whereabouts(id), ShardId(2));
  sessions.note_whereabouts(id + 1, ShardId(2));  // nobody's
  EXPECT_EQ(sessions.whereabouts(id + 1), std::nullopt);
}

TEST_F(FetchSessionsElsewhere, ComeOnlyWhereThereIsRoom) {
  const std::int32_t first = open(1);
  bring(first);
  ASSERT_TRUE(there.keep_room());
  EXPECT_FALSE(there.keep_room());
  // What room is kept for is not given to new ones.
  const FetchContext context = there.begin(
      {.version = 17, .session_id = 0, .session_epoch = 0, .wishes = {wish(1, 0)}, .forgotten = {}}, now);
  EXPECT_EQ(finish_there(context, {quiet()}).session_id, 0);
  there.give_up_room();
  EXPECT_TRUE(there.keep_room());
}

TEST_F(FetchSessionsElsewhere, CannotBeTakenFromWhereTheyAreNot) {
  EXPECT_TRUE(sessions.let_go(50, ShardId(1)).empty());
  EXPECT_EQ(sessions.whereabouts(50), std::nullopt);
}

TEST_F(FetchSessionsElsewhere, AreEvictedThereWhenTheyAreStale) {
  const std::int32_t id = open(1);
  bring(id);
  now += kStale;
  for (int each = 0; each < 2; ++each) {
    const FetchContext context = there.begin(
        {.version = 17, .session_id = 0, .session_epoch = 0, .wishes = {wish(1, 0)}, .forgotten = {}}, now);
    EXPECT_NE(finish_there(context, {quiet()}).session_id, 0);
  }
  EXPECT_FALSE(there.has(id));
  EXPECT_EQ(there.ended_away(), std::vector<std::int32_t>{id});
}

}  // namespace
}  // namespace ottla::replica
