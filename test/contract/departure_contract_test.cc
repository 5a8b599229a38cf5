// What src/runtime/stream.h promises of streams that leave their shard, in both worlds.
#include <memory>
#include <string>
#include <utility>

#include "runtime/cross_shard.h"
#include "runtime/network.h"
#include "runtime/stream.h"
#include "runtime/task_group.h"
#include "test/contract/stream_pair.h"
#include "test/contract/world_under_test.h"

namespace ottla::contract {
namespace {

// It departs, and `story` goes on with it on the second shard.
template <typename Story>
Task<void> go_on_there(Process& process, std::unique_ptr<Stream> stream, Story story) {
  std::unique_ptr<PendingStream> pending = co_await stream->depart();
  EXPECT_NE(pending, nullptr);
  if (!pending) co_return co_await stream->close();
  stream.reset();
  co_await on(process.shard(ShardId(1)), [&story, moved = std::move(pending)]() -> Task<void> {
    const auto arrived = moved->adopt().value();
    co_await story(*arrived);
    co_await arrived->close();
  });
}

CONTRACT_TEST(Departure, BothDirectionsGoOnElsewhere) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.server, "before"), "ok");
  EXPECT_EQ(co_await try_to_write(*pair.client, "early"), "ok");
  co_await go_on_there(process, std::move(pair.server), [](Stream& server) -> Task<void> {
    EXPECT_EQ(co_await read_exactly(server, 5), "early");
    EXPECT_EQ(co_await try_to_write(server, " and after"), "ok");
  });
  EXPECT_EQ(co_await read_all(*pair.client), "before and after[end_of_stream]");
  co_await pair.client->close();
}

CONTRACT_TEST(Departure, WhatComesLaterIsFoundThere) {
  StreamPair pair = co_await make_pair();
  TaskGroup group(cancel);
  group.spawn([&client = *pair.client](Cancel) -> Task<void> {
    EXPECT_EQ(co_await read_exactly(client, 3), "ask");
    EXPECT_EQ(co_await try_to_write(client, "late"), "ok");
  });
  co_await go_on_there(process, std::move(pair.server), [](Stream& server) -> Task<void> {
    EXPECT_EQ(co_await try_to_write(server, "ask"), "ok");
    EXPECT_EQ(co_await read_exactly(server, 4), "late");
  });
  co_await group.wait();
  co_await pair.client->close();
}

CONTRACT_TEST(Departure, TheEndOfThePeerIsFoundThere) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.client, "last"), "ok");
  EXPECT_TRUE((co_await pair.client->finish_writing()).ok());
  (void)co_await pair.server->wait_readable({});
  co_await go_on_there(process, std::move(pair.server), [](Stream& server) -> Task<void> {
    EXPECT_EQ(co_await read_all(server), "last[end_of_stream]");
  });
  co_await pair.client->close();
}

CONTRACT_TEST(Departure, ItsAddressesStay) {
  StreamPair pair = co_await make_pair();
  const Address peer = pair.server->peer_address();
  const Address local = pair.server->local_address();
  const auto pending = co_await pair.server->depart();
  EXPECT_EQ(pending->peer_address(), peer);
  EXPECT_EQ(pending->local_address(), local);
  const auto back = pending->adopt().value();
  EXPECT_EQ(back->peer_address(), peer);
  EXPECT_EQ(back->local_address(), local);
  co_await back->close();
  co_await pair.close();  // of what has departed nothing is left
}

CONTRACT_TEST(Departure, WhatLeftIsLikeWhatWasClosed) {
  StreamPair pair = co_await make_pair();
  const auto pending = co_await pair.server->depart();
  EXPECT_EQ(co_await try_to_read(*pair.server), "closed");
  EXPECT_EQ(co_await try_to_write(*pair.server, "x"), "closed");
  EXPECT_EQ(co_await pair.server->depart(), nullptr);
  pending->refuse();
  EXPECT_EQ(co_await read_all(*pair.client), "[connection_reset]");
  co_await pair.close();
}

CONTRACT_TEST(Departure, MayHappenAgainAndAgain) {
  StreamPair pair = co_await make_pair();
  for (int each = 0; each < 10; ++each) {
    const auto pending = co_await pair.server->depart();
    EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "ok");
    pair.server = pending->adopt().value();
    EXPECT_EQ(co_await read_exactly(*pair.server, 1), "x");
  }
  co_await pair.close();
}

CONTRACT_TEST(Departure, WhoHasFailedOrFinishedStays) {
  StreamPair finished = co_await make_pair();
  EXPECT_TRUE((co_await finished.server->finish_writing()).ok());
  EXPECT_EQ(co_await finished.server->depart(), nullptr);
  EXPECT_EQ(co_await try_to_write(*finished.client, "x"), "ok");
  EXPECT_EQ(co_await read_exactly(*finished.server, 1), "x");
  co_await finished.close();
  StreamPair failed = co_await make_pair();
  co_await failed.client->abort();
  EXPECT_EQ(co_await try_to_read(*failed.server), "connection_reset");
  EXPECT_EQ(co_await failed.server->depart(), nullptr);
  co_await failed.close();
}

}  // namespace
}  // namespace ottla::contract
