// What src/runtime/network.h promises, in both worlds.
#include "runtime/network.h"

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/cross_shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "test/contract/stream_pair.h"
#include "test/contract/world_under_test.h"

namespace ottla::contract {
namespace {

using std::chrono::milliseconds;

// An address where nobody listens.
Task<Address> deserted_address() {
  const auto listener = co_await listen_on_loopback();
  const Address address = listener->address();
  co_await listener->close();
  co_return address;
}

// A listener that accepts nobody and has no room left, and those who fill it.
struct FullListener {
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<Stream>> waiting;

  Task<void> fill() {
    listener = co_await listen_on_loopback({.backlog = 1});
    for (;;) {
      auto stream = co_await network().connect(listener->address(), {.timeout = milliseconds(20)}, {});
      if (!stream.ok()) break;
      waiting.push_back(std::move(*stream));
    }
  }
  Task<void> close() {
    for (auto& stream : waiting) co_await stream->close();
    co_await listener->close();
  }
};

// Sends back what comes, until the end.
Task<void> serve_echo(std::unique_ptr<Stream> stream) {
  std::vector<std::byte> buffer(4096);
  for (;;) {
    const auto count = co_await stream->read(std::span(buffer));
    if (!count.ok()) break;
    if (!(co_await stream->write(Chain(Slice::copy_of(std::span(buffer).first(*count))))).ok()) break;
  }
  co_await stream->close();
}

// --- Listening ----------------------------------------------------------------------------------------------

CONTRACT_TEST(Listening, PortZeroGivesARealOne) {
  const auto listener = co_await listen_on_loopback();
  EXPECT_NE(listener->address().port(), 0);
  EXPECT_EQ(listener->address().with_port(0), Address::loopback(0));
  co_await listener->close();
}

CONTRACT_TEST(Listening, OnOneAddressOnlyOnce) {
  const auto listener = co_await listen_on_loopback();
  EXPECT_EQ(outcome(co_await network().listen(listener->address())), "address_in_use");
  co_await listener->close();
  const auto successor = co_await network().listen(listener->address());
  EXPECT_EQ(outcome(successor), "ok");
  co_await successor.value()->close();
}

CONTRACT_TEST(Listening, OnlyOnAddressesOfThisMachine) {
  EXPECT_EQ(outcome(co_await network().listen(Address::ipv4({192, 0, 2, 1}, 0))), "address_unavailable");
}

CONTRACT_TEST(Listening, ConnectionsWaitUntilTheyAreAccepted) {
  const auto listener = co_await listen_on_loopback();
  const auto first = co_await connect_to(listener->address());
  const auto second = co_await connect_to(listener->address());
  EXPECT_EQ(co_await try_to_write(*first, "first"), "ok");
  EXPECT_EQ(co_await try_to_write(*second, "second"), "ok");
  const auto one = co_await accept_from(*listener);
  const auto two = co_await accept_from(*listener);
  EXPECT_EQ(co_await read_exactly(*one, 5), "first");
  EXPECT_EQ(co_await read_exactly(*two, 6), "second");
  for (Stream* stream : {first.get(), second.get(), one.get(), two.get()}) co_await stream->close();
  co_await listener->close();
}

CONTRACT_TEST(Listening, AnAcceptWaitsForSomebody) {
  const auto listener = co_await listen_on_loopback();
  std::unique_ptr<Stream> accepted;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { accepted = co_await accept_from(*listener); });
  (void)co_await sleep_for(milliseconds(2));
  EXPECT_EQ(accepted, nullptr);
  const auto client = co_await connect_to(listener->address());
  co_await group.wait();
  EXPECT_EQ(accepted->peer_address(), client->local_address());
  co_await client->close();
  co_await accepted->close();
  co_await listener->close();
}

CONTRACT_TEST(Listening, BothEndsKnowBothAddresses) {
  const auto listener = co_await listen_on_loopback();
  const auto client = co_await connect_to(listener->address());
  auto pending = (co_await listener->accept({})).value();
  EXPECT_EQ(client->peer_address(), listener->address());
  EXPECT_EQ(pending->local_address(), listener->address());
  EXPECT_EQ(pending->peer_address(), client->local_address());
  const auto server = pending->adopt().value();
  EXPECT_EQ(server->local_address(), listener->address());
  EXPECT_EQ(server->peer_address(), client->local_address());
  co_await client->close();
  co_await server->close();
  co_await listener->close();
}

CONTRACT_TEST(Listening, ClosingEndsAnAcceptInFlight) {
  const auto listener = co_await listen_on_loopback();
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = outcome(co_await listener->accept({})); });
  co_await yield();
  co_await listener->close();
  EXPECT_EQ(seen, "closed");
  EXPECT_EQ(outcome(co_await listener->accept({})), "closed");
  co_await listener->close();  // twice does no harm
  co_await group.wait();
}

CONTRACT_TEST(Listening, ACancelledAcceptLeavesTheListenerUsable) {
  const auto listener = co_await listen_on_loopback();
  std::string seen;
  CancelSource source;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = outcome(co_await listener->accept(source.token())); });
  co_await yield();
  source.request();
  co_await group.wait();
  EXPECT_EQ(seen, "cancelled");
  const auto client = co_await connect_to(listener->address());
  EXPECT_EQ(outcome(co_await listener->accept(source.token())), "cancelled");  // takes nobody
  const auto server = co_await accept_from(*listener);
  EXPECT_EQ(server->peer_address(), client->local_address());
  co_await client->close();
  co_await server->close();
  co_await listener->close();
}

CONTRACT_TEST(Listening, WhoWasNeverAcceptedIsResetWhenTheListenerCloses) {
  const auto listener = co_await listen_on_loopback();
  const auto client = co_await connect_to(listener->address());
  co_await listener->close();
  EXPECT_EQ(co_await try_to_read(*client), "connection_reset");
  co_await client->close();
}

CONTRACT_TEST(Listening, WhoWasRefusedIsReset) {
  const auto listener = co_await listen_on_loopback();
  const auto client = co_await connect_to(listener->address());
  (co_await listener->accept({})).value()->refuse();
  EXPECT_EQ(co_await try_to_read(*client), "connection_reset");
  co_await client->close();
  co_await listener->close();
}

CONTRACT_TEST(Listening, AStreamOutlivesItsListener) {
  StreamPair pair = co_await make_pair();  // closes the listener
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 1), "x");
  co_await pair.close();
}

// --- Other shards -------------------------------------------------------------------------------------------

CONTRACT_TEST(Adoption, OnAnotherShardBeforeTheFirstByte) {
  const auto listener = co_await listen_on_loopback();
  const auto client = co_await connect_to(listener->address());
  EXPECT_EQ(co_await try_to_write(*client, "early "), "ok");
  auto pending = (co_await listener->accept({})).value();
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    co_await on(process.shard(ShardId(1)), [moved = std::move(pending)]() -> Task<void> {
      const auto before = this_shard().open_doors().sockets;
      auto stream = moved->adopt().value();
      EXPECT_EQ(this_shard().open_doors().sockets, before + 1);
      co_await serve_echo(std::move(stream));
      EXPECT_EQ(this_shard().open_doors().sockets, before);
    });
  });
  EXPECT_EQ(co_await try_to_write(*client, "and late"), "ok");
  EXPECT_EQ(co_await read_exactly(*client, 14), "early and late");
  EXPECT_TRUE((co_await client->finish_writing()).ok());
  EXPECT_EQ(co_await try_to_read(*client), "end_of_stream");
  co_await group.wait();
  co_await client->close();
  co_await listener->close();
}

CONTRACT_TEST(Adoption, RefusedOnAnotherShard) {
  const auto listener = co_await listen_on_loopback();
  const auto client = co_await connect_to(listener->address());
  auto pending = (co_await listener->accept({})).value();
  co_await on(process.shard(ShardId(1)), [moved = std::move(pending)] { moved->refuse(); });
  EXPECT_EQ(co_await try_to_read(*client), "connection_reset");
  co_await client->close();
  co_await listener->close();
}

CONTRACT_TEST(Adoption, ConnectionsBetweenShards) {
  const auto listener = co_await listen_on_loopback();
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { co_await serve_echo(co_await accept_from(*listener)); });
  const std::string sent = pattern(1U << 20);
  const bool same =
      co_await on(process.shard(ShardId(1)), [&, address = listener->address()]() -> Task<bool> {
        const auto client = co_await connect_to(address);
        TaskGroup writing;
        writing.spawn([&](Cancel) -> Task<void> { EXPECT_EQ(co_await try_to_write(*client, sent), "ok"); });
        const bool echoed = co_await read_exactly(*client, sent.size()) == sent;
        co_await writing.wait();
        co_await client->close();
        co_return echoed;
      });
  EXPECT_TRUE(same);
  co_await group.wait();
  co_await listener->close();
}

CONTRACT_TEST(Adoption, ManyConnectionsAtOnce) {
  constexpr int kConnections = 300;
  const auto listener = co_await listen_on_loopback();
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    TaskGroup serving;
    for (int i = 0; i < kConnections; ++i) serving.spawn(serve_echo(co_await accept_from(*listener)));
    co_await serving.wait();
  });
  int good = 0;
  for (int i = 0; i < kConnections; ++i) {
    group.spawn([&, i](Cancel) -> Task<void> {
      const auto client = co_await connect_to(listener->address());
      const std::string sent = pattern(1000 + static_cast<std::size_t>(i), static_cast<std::uint64_t>(i));
      EXPECT_EQ(co_await try_to_write(*client, sent), "ok");
      if (co_await read_exactly(*client, sent.size()) == sent) ++good;
      co_await client->close();
    });
  }
  co_await group.wait();
  EXPECT_EQ(good, kConnections);
  co_await listener->close();
}

// --- Connecting ---------------------------------------------------------------------------------------------

CONTRACT_TEST(Connecting, WhereNobodyListensIsRefused) {
  const auto stream = co_await network().connect(co_await deserted_address(), {}, {});
  EXPECT_EQ(outcome(stream), "connection_refused");
  EXPECT_NE(stream.error().text().find("127.0.0.1"), std::string_view::npos);
}

CONTRACT_TEST(Connecting, GivesUpWhenNobodyAnswersInTime) {
  FullListener full;
  co_await full.fill();
  const Instant before = this_shard().exact_now();
  const auto stream = co_await network().connect(full.listener->address(), {.timeout = milliseconds(30)}, {});
  EXPECT_EQ(outcome(stream), "timed_out");
  EXPECT_GE(this_shard().exact_now() - before, milliseconds(30));
  co_await full.close();
}

CONTRACT_TEST(Connecting, CanBeCancelledOnTheWay) {
  FullListener full;
  co_await full.fill();
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel inner) -> Task<void> {
    seen = outcome(co_await network().connect(full.listener->address(), {}, inner));
  });
  (void)co_await sleep_for(milliseconds(2));
  EXPECT_EQ(seen, "");
  co_await group.stop();
  EXPECT_EQ(seen, "cancelled");
  co_await full.close();
}

CONTRACT_TEST(Connecting, MayWaitForEver) {
  const auto listener = co_await listen_on_loopback();
  const auto client = co_await connect_to(listener->address(), {.timeout = Duration::max()});
  co_await client->close();
  co_await listener->close();
}

CONTRACT_TEST(Connecting, ARequestThatCameFirstStopsItBeforeItBegins) {
  const auto listener = co_await listen_on_loopback();
  CancelSource source;
  source.request();
  EXPECT_EQ(outcome(co_await network().connect(listener->address(), {}, source.token())), "cancelled");
  co_await listener->close();
}

CONTRACT_TEST(Connecting, FromAnAddressOfOnesChoice) {
  const Address from = co_await deserted_address();
  const auto listener = co_await listen_on_loopback();
  const auto client = co_await connect_to(listener->address(), {.from = from});
  EXPECT_EQ(client->local_address(), from);
  const auto server = co_await accept_from(*listener);
  EXPECT_EQ(server->peer_address(), from);
  co_await client->abort();
  co_await server->close();
  const auto any_port = co_await connect_to(listener->address(), {.from = Address::loopback(0)});
  EXPECT_EQ(any_port->local_address().with_port(0), Address::loopback(0));
  EXPECT_NE(any_port->local_address().port(), 0);
  co_await any_port->close();
  co_await listener->close();
}

CONTRACT_TEST(Connecting, OnlyFromAddressesOfThisMachine) {
  const auto listener = co_await listen_on_loopback();
  const auto stream =
      co_await network().connect(listener->address(), {.from = Address::ipv4({192, 0, 2, 1}, 0)}, {});
  EXPECT_EQ(outcome(stream), "address_unavailable");
  co_await listener->close();
}

CONTRACT_TEST(Connecting, NotFromAnotherFamily) {
  const auto listener = co_await listen_on_loopback();
  const auto stream = co_await network().connect(
      listener->address(), {.from = Address::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0)}, {});
  EXPECT_EQ(outcome(stream), "invalid_argument");
  co_await listener->close();
}

// --- Names --------------------------------------------------------------------------------------------------

CONTRACT_TEST(Resolving, ALiteralAddressIsItsOwnAnswer) {
  EXPECT_EQ((co_await network().resolve("127.0.0.1", 9092, {})).value(),
            std::vector<Address>{Address::loopback(9092)});
  EXPECT_EQ((co_await network().resolve("::1", 7, {})).value(),
            std::vector<Address>{Address::parse("[::1]:7").value()});
}

CONTRACT_TEST(Resolving, LocalhostIsThisMachine) {
  const auto addresses = (co_await network().resolve("localhost", 9092, {})).value();
  EXPECT_TRUE(std::ranges::all_of(addresses, [](const Address& address) { return address.port() == 9092; }));
  EXPECT_NE(std::ranges::find(addresses, Address::loopback(9092)), addresses.end());
}

CONTRACT_TEST(Resolving, WhatCannotBeANameIsRefused) {
  EXPECT_EQ(outcome(co_await network().resolve("", 1, {})), "invalid_argument");
  EXPECT_EQ(outcome(co_await network().resolve(std::string(256, 'a'), 1, {})), "invalid_argument");
  EXPECT_EQ(outcome(co_await network().resolve(std::string("a\0b", 3), 1, {})), "invalid_argument");
}

CONTRACT_TEST(Resolving, ManyQuestionsAtOnceAllAreAnswered) {
  int answers = 0;
  TaskGroup group(cancel);
  for (int i = 0; i < 50; ++i) {
    group.spawn([&](Cancel) -> Task<void> {
      answers += static_cast<int>((co_await network().resolve("localhost", 1, {})).ok());
    });
  }
  co_await group.wait();
  EXPECT_EQ(answers, 50);
}

CONTRACT_TEST(Resolving, AQuestionCanBeGivenUpAtAnyTime) {
  for (int turns = 0; turns < 20; ++turns) {
    std::string seen;
    TaskGroup group(cancel);
    group.spawn([&](Cancel inner) -> Task<void> {
      seen = outcome(co_await network().resolve("localhost", 1, inner));
    });
    for (int i = 0; i < turns; ++i) co_await yield();
    co_await group.stop();
    EXPECT_TRUE(seen == "cancelled" || seen == "ok") << seen;
  }
}

}  // namespace
}  // namespace ottla::contract
