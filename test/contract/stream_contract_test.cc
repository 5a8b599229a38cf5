// What src/runtime/stream.h promises, in both worlds.
#include "runtime/stream.h"

#include <array>
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

// --- Bytes --------------------------------------------------------------------------------------------------

CONTRACT_TEST(StreamBytes, WhatIsWrittenIsReadBothWays) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.client, "hello"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 5), "hello");
  EXPECT_EQ(co_await try_to_write(*pair.server, "good day"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.client, 8), "good day");
  co_await pair.close();
}

CONTRACT_TEST(StreamBytes, AnEmptyChainIsWrittenAtOnce) {
  StreamPair pair = co_await make_pair();
  EXPECT_TRUE((co_await pair.client->write(Chain())).ok());
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 1), "x");
  co_await pair.close();
}

CONTRACT_TEST(StreamBytes, SpansAreFilledInOrder) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.client, "abcdefghij"), "ok");
  (void)co_await pair.server->wait_readable({});
  std::string text(10, '.');
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(text));
  const std::array<std::span<std::byte>, 4> spans = {bytes.first(1), bytes.subspan(1, 0), bytes.subspan(1, 2),
                                                     bytes.subspan(3)};
  const std::size_t count = (co_await pair.server->read(ReadVector(spans), {})).value();
  EXPECT_EQ(text.substr(0, count), std::string("abcdefghij").substr(0, count));
  EXPECT_EQ(text.substr(count), std::string(10 - count, '.'));
  EXPECT_EQ(co_await read_exactly(*pair.server, 10 - count), std::string("abcdefghij").substr(count));
  co_await pair.close();
}

CONTRACT_TEST(StreamBytes, MoreSpansThanASystemCallTakes) {
  StreamPair pair = co_await make_pair();
  const std::string sent = pattern(3000);
  std::string text(sent.size(), '\0');
  std::vector<std::span<std::byte>> spans;
  for (std::size_t i = 0; i < text.size(); ++i)
    spans.push_back(std::as_writable_bytes(std::span(text)).subspan(i, 1));
  EXPECT_EQ(co_await try_to_write(*pair.client, sent), "ok");
  for (std::size_t at = 0; at < text.size();) {
    at += (co_await pair.server->read(ReadVector(spans).subspan(at), {})).value();
  }
  EXPECT_EQ(text, sent);
  co_await pair.close();
}

CONTRACT_TEST(StreamBytes, AMegabyteInOneByteReads) {
  StreamPair pair = co_await make_pair();
  const std::string sent = pattern(1U << 20);
  std::string received;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    EXPECT_EQ(co_await try_to_write(*pair.client, sent), "ok");
    EXPECT_TRUE((co_await pair.client->finish_writing()).ok());
  });
  for (;;) {
    std::byte byte;
    const auto count = co_await pair.server->read(std::span(&byte, 1));
    if (!count.ok()) break;
    EXPECT_EQ(*count, 1U);
    received.push_back(static_cast<char>(byte));
  }
  EXPECT_TRUE(received == sent);
  co_await group.wait();
  co_await pair.close();
}

CONTRACT_TEST(StreamBytes, AChainOfManyPiecesKeepsItsOrder) {
  StreamPair pair = co_await make_pair();
  const std::string sent = pattern(300'000);
  Chain chain;
  for (std::size_t at = 0, step = 1; at < sent.size(); at += step, step = step % 1500 + 1) {
    chain.append(Slice::copy_of(std::string_view(sent).substr(at, step)));
  }
  EXPECT_EQ(chain.size(), sent.size());
  TaskGroup group(cancel);
  group.spawn(
      [&](Cancel) -> Task<void> { EXPECT_TRUE((co_await pair.client->write(std::move(chain))).ok()); });
  EXPECT_TRUE(co_await read_exactly(*pair.server, sent.size()) == sent);
  co_await group.wait();
  co_await pair.close();
}

CONTRACT_TEST(StreamBytes, ReadersAndWritersSideBySideInBothDirections) {
  StreamPair pair = co_await make_pair(kSmallBuffers);
  const std::string there = pattern(4U << 20, 1);
  const std::string back = pattern(4U << 20, 2);
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { EXPECT_EQ(co_await try_to_write(*pair.client, there), "ok"); });
  group.spawn([&](Cancel) -> Task<void> { EXPECT_EQ(co_await try_to_write(*pair.server, back), "ok"); });
  group.spawn(
      [&](Cancel) -> Task<void> { EXPECT_TRUE(co_await read_exactly(*pair.server, there.size()) == there); });
  group.spawn(
      [&](Cancel) -> Task<void> { EXPECT_TRUE(co_await read_exactly(*pair.client, back.size()) == back); });
  co_await group.wait();
  co_await pair.close();
}

CONTRACT_TEST(StreamBytes, NoOptionChangesWhatArrives) {
  for (const bool on : {false, true}) {
    StreamPair pair = co_await make_pair(
        {.no_delay = on, .keep_alive = on, .send_buffer = on ? 4096U : 1U << 20, .receive_buffer = 8192});
    const std::string sent = pattern(100'000);
    TaskGroup group(cancel);
    group.spawn([&](Cancel) -> Task<void> { EXPECT_EQ(co_await try_to_write(*pair.client, sent), "ok"); });
    EXPECT_TRUE(co_await read_exactly(*pair.server, sent.size()) == sent);
    co_await group.wait();
    co_await pair.close();
  }
}

// --- Waiting ------------------------------------------------------------------------------------------------

CONTRACT_TEST(StreamWaiting, AReadWaitsForTheFirstByte) {
  StreamPair pair = co_await make_pair();
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = co_await read_exactly(*pair.server, 1); });
  (void)co_await sleep_for(milliseconds(2));
  EXPECT_EQ(seen, "");
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "ok");
  co_await group.wait();
  EXPECT_EQ(seen, "x");
  co_await pair.close();
}

CONTRACT_TEST(StreamWaiting, WaitReadableEndsWithTheFirstByteAndTakesNone) {
  StreamPair pair = co_await make_pair();
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = outcome(co_await pair.server->wait_readable({})); });
  (void)co_await sleep_for(milliseconds(2));
  EXPECT_EQ(seen, "");
  EXPECT_EQ(co_await try_to_write(*pair.client, "xy"), "ok");
  co_await group.wait();
  EXPECT_EQ(seen, "ok");
  EXPECT_EQ(outcome(co_await pair.server->wait_readable({})), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 1), "x");
  EXPECT_EQ(outcome(co_await pair.server->wait_readable({})), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 1), "y");
  co_await pair.close();
}

CONTRACT_TEST(StreamWaiting, WaitReadableWaitsAgainOnceAllIsRead) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "ok");
  (void)co_await sleep_for(milliseconds(2));  // the byte is announced
  EXPECT_EQ(co_await read_exactly(*pair.server, 1),
            "x");  // no room was left: more may be there for all it knows
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = outcome(co_await pair.server->wait_readable({})); });
  (void)co_await sleep_for(milliseconds(2));
  EXPECT_EQ(seen, "");
  EXPECT_EQ(co_await try_to_write(*pair.client, "y"), "ok");
  co_await group.wait();
  EXPECT_EQ(seen, "ok");
  co_await pair.close();
}

CONTRACT_TEST(StreamWaiting, AWriterWaitsForASlowReader) {
  StreamPair pair = co_await make_pair(kSmallBuffers);
  const std::string sent = pattern(kMoreThanFits);
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = co_await try_to_write(*pair.client, sent); });
  (void)co_await sleep_for(milliseconds(5));
  EXPECT_EQ(seen, "");
  EXPECT_TRUE(co_await read_exactly(*pair.server, sent.size() / 4) == sent.substr(0, sent.size() / 4));
  (void)co_await sleep_for(milliseconds(5));
  EXPECT_EQ(seen, "");
  EXPECT_TRUE(co_await read_exactly(*pair.server, sent.size() * 3 / 4) == sent.substr(sent.size() / 4));
  co_await group.wait();
  EXPECT_EQ(seen, "ok");
  co_await pair.close();
}

CONTRACT_TEST(StreamWaiting, AHugeTransferLetsOthersRun) {
  StreamPair pair = co_await make_pair();
  const std::string sent = pattern(16U << 20);
  bool done = false;
  int turns = 0;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    EXPECT_EQ(co_await try_to_write(*pair.client, sent), "ok");
    EXPECT_TRUE((co_await pair.client->finish_writing()).ok());
  });
  group.spawn([&](Cancel) -> Task<void> {
    EXPECT_EQ((co_await read_all(*pair.server)).size(), sent.size() + std::string("[end_of_stream]").size());
    done = true;
  });
  while (!done) {
    ++turns;
    co_await yield();
  }
  EXPECT_GE(turns, 4);
  co_await group.wait();
  co_await pair.close();
}

// --- The end ------------------------------------------------------------------------------------------------

CONTRACT_TEST(StreamEnd, FinishedWritingIsTheEndAndTheOtherWayStaysOpen) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.client, "question"), "ok");
  EXPECT_TRUE((co_await pair.client->finish_writing()).ok());
  EXPECT_EQ(co_await read_all(*pair.server), "question[end_of_stream]");
  EXPECT_EQ(co_await try_to_read(*pair.server), "end_of_stream");  // and again
  EXPECT_EQ(co_await try_to_write(*pair.server, "answer"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.client, 6), "answer");
  EXPECT_TRUE((co_await pair.server->finish_writing()).ok());
  EXPECT_EQ(co_await try_to_read(*pair.client), "end_of_stream");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, NothingCanBeWrittenAfterFinishing) {
  StreamPair pair = co_await make_pair();
  EXPECT_TRUE((co_await pair.client->finish_writing()).ok());
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "closed");
  EXPECT_TRUE((co_await pair.client->finish_writing()).ok());  // twice does no harm
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, AnEndWakesAWaitingReader) {
  StreamPair pair = co_await make_pair();
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = co_await read_all(*pair.server); });
  EXPECT_EQ(co_await try_to_write(*pair.client, "last words"), "ok");
  (void)co_await sleep_for(milliseconds(2));
  EXPECT_TRUE((co_await pair.client->finish_writing()).ok());
  co_await group.wait();
  EXPECT_EQ(seen, "last words[end_of_stream]");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, IsSeenWhenItCameTogetherWithTheLastBytes) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.client, "last words"), "ok");
  EXPECT_TRUE((co_await pair.client->finish_writing()).ok());
  (void)co_await sleep_for(milliseconds(3));  // both are announced before the first read
  EXPECT_EQ(co_await read_all(*pair.server), "last words[end_of_stream]");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, WaitReadableEndsAtTheEnd) {
  StreamPair pair = co_await make_pair();
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = outcome(co_await pair.server->wait_readable({})); });
  (void)co_await sleep_for(milliseconds(2));
  EXPECT_TRUE((co_await pair.client->finish_writing()).ok());
  co_await group.wait();
  EXPECT_EQ(seen, "ok");
  EXPECT_EQ(co_await try_to_read(*pair.server), "end_of_stream");
  EXPECT_EQ(outcome(co_await pair.server->wait_readable({})), "ok");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, ACloseIsAnEndForThePeer) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.client, "bye"), "ok");
  co_await pair.client->close();
  EXPECT_EQ(co_await read_all(*pair.server), "bye[end_of_stream]");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, AnAbortIsAResetForThePeer) {
  StreamPair pair = co_await make_pair();
  co_await pair.client->abort();
  EXPECT_EQ(co_await try_to_read(*pair.server), "connection_reset");
  EXPECT_EQ(co_await try_to_read(*pair.server), "connection_reset");  // it stays one
  EXPECT_EQ(co_await try_to_write(*pair.server, "x"), "connection_reset");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, AResetWakesReaderAndWriter) {
  StreamPair pair = co_await make_pair(kSmallBuffers);
  std::string read;
  std::string written;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { read = co_await try_to_read(*pair.server); });
  group.spawn(
      [&](Cancel) -> Task<void> { written = co_await try_to_write(*pair.server, pattern(kMoreThanFits)); });
  (void)co_await sleep_for(milliseconds(5));
  co_await pair.client->abort();
  co_await group.wait();
  EXPECT_EQ(read, "connection_reset");
  EXPECT_EQ(written, "connection_reset");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, AResetThatAWriterFoundIsOneForTheReaderToo) {
  StreamPair pair = co_await make_pair(kSmallBuffers);
  std::string written;
  TaskGroup group(cancel);
  group.spawn(
      [&](Cancel) -> Task<void> { written = co_await try_to_write(*pair.server, pattern(kMoreThanFits)); });
  (void)co_await sleep_for(milliseconds(5));
  co_await pair.client->abort();
  co_await group.wait();
  EXPECT_EQ(written, "connection_reset");
  EXPECT_EQ(co_await try_to_read(*pair.server), "connection_reset");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, WaitReadableEndsAtAResetWhichReadThenTells) {
  StreamPair pair = co_await make_pair();
  co_await pair.client->abort();
  EXPECT_EQ(outcome(co_await pair.server->wait_readable({})), "ok");
  EXPECT_EQ(outcome(co_await pair.server->wait_readable({})), "ok");
  EXPECT_EQ(co_await try_to_read(*pair.server), "connection_reset");
  co_await pair.close();
}

CONTRACT_TEST(StreamEnd, WritesToAPeerThatIsGoneFailInTheEnd) {
  StreamPair pair = co_await make_pair();
  co_await pair.server->close();
  std::string seen = "ok";
  while (seen == "ok") {
    seen = co_await try_to_write(*pair.client, "anybody there?");
    co_await yield();
  }
  EXPECT_EQ(seen, "connection_reset");
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "connection_reset");
  co_await pair.close();
}

// --- Closing this end ---------------------------------------------------------------------------------------

CONTRACT_TEST(StreamClose, EndsWhatIsInFlightThenFreesEverything) {
  StreamPair pair = co_await make_pair(kSmallBuffers);
  std::string read;
  std::string written;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { read = co_await try_to_read(*pair.client); });
  group.spawn(
      [&](Cancel) -> Task<void> { written = co_await try_to_write(*pair.client, pattern(kMoreThanFits)); });
  (void)co_await sleep_for(milliseconds(5));
  co_await pair.client->close();
  EXPECT_EQ(read, "closed");  // both had ended before close() did
  EXPECT_EQ(written, "closed");
  co_await group.wait();
  co_await pair.close();
}

CONTRACT_TEST(StreamClose, EndsAWaitForBytes) {
  StreamPair pair = co_await make_pair();
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { seen = outcome(co_await pair.client->wait_readable({})); });
  co_await yield();
  co_await pair.client->close();
  EXPECT_EQ(seen, "closed");
  co_await group.wait();
  co_await pair.close();
}

CONTRACT_TEST(StreamClose, EverythingAfterwardsIsClosed) {
  StreamPair pair = co_await make_pair();
  const Address local = pair.client->local_address();
  EXPECT_EQ(co_await try_to_write(*pair.server, "unread"), "ok");
  (void)co_await pair.client->wait_readable({});
  co_await pair.client->close();
  EXPECT_EQ(co_await try_to_read(*pair.client), "closed");
  EXPECT_EQ(outcome(co_await pair.client->wait_readable({})), "closed");
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "closed");
  EXPECT_EQ(outcome(co_await pair.client->finish_writing()), "closed");
  EXPECT_EQ(pair.client->local_address(), local);
  co_await pair.client->close();  // twice does no harm
  co_await pair.client->abort();
  co_await pair.close();
}

CONTRACT_TEST(StreamClose, TheSocketsOfAShardAreCounted) {
  const auto before = this_shard().open_doors().sockets;
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(this_shard().open_doors().sockets, before + 2);
  co_await pair.client->close();
  EXPECT_EQ(this_shard().open_doors().sockets, before + 1);
  co_await pair.server->abort();
  EXPECT_EQ(this_shard().open_doors().sockets, before);
}

// --- Cancelling ---------------------------------------------------------------------------------------------

CONTRACT_TEST(StreamCancel, ARequestThatCameFirstStopsEverythingBeforeItBegins) {
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(co_await try_to_write(*pair.client, "kept"), "ok");
  (void)co_await pair.server->wait_readable({});
  CancelSource source;
  source.request();
  EXPECT_EQ(co_await try_to_read(*pair.server, source.token()), "cancelled");
  EXPECT_EQ(outcome(co_await pair.server->wait_readable(source.token())), "cancelled");
  EXPECT_EQ(co_await try_to_write(*pair.client, "never sent ", source.token()), "cancelled");
  EXPECT_EQ(co_await try_to_write(*pair.client, " and more"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 13), "kept and more");
  co_await pair.close();
}

CONTRACT_TEST(StreamCancel, ACancelledReadLeavesTheStreamUsable) {
  StreamPair pair = co_await make_pair();
  std::string read;
  std::string waited;
  CancelSource source;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { read = co_await try_to_read(*pair.server, source.token()); });
  group.spawn(
      [&](Cancel) -> Task<void> { waited = outcome(co_await pair.client->wait_readable(source.token())); });
  co_await yield();
  source.request();
  co_await group.wait();
  EXPECT_EQ(read, "cancelled");
  EXPECT_EQ(waited, "cancelled");
  EXPECT_EQ(co_await try_to_write(*pair.client, "still here"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 10), "still here");
  EXPECT_EQ(co_await try_to_write(*pair.server, "so am I"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.client, 7), "so am I");
  co_await pair.close();
}

CONTRACT_TEST(StreamCancel, AWriteCutShortLeavesOnlyReads) {
  StreamPair pair = co_await make_pair(kSmallBuffers);
  const std::string sent = pattern(kMoreThanFits);
  std::string written;
  CancelSource source;
  TaskGroup group(cancel);
  group.spawn(
      [&](Cancel) -> Task<void> { written = co_await try_to_write(*pair.client, sent, source.token()); });
  EXPECT_TRUE(co_await read_exactly(*pair.server, 1000) == sent.substr(0, 1000));
  source.request();
  co_await group.wait();
  EXPECT_EQ(written, "cancelled");
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "closed");
  EXPECT_EQ(outcome(co_await pair.client->finish_writing()), "closed");
  EXPECT_EQ(co_await try_to_write(*pair.server, "reads go on"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.client, 11), "reads go on");
  co_await pair.client->close();
  const std::string rest = co_await read_all(*pair.server);
  EXPECT_TRUE(
      sent.substr(1000).starts_with(rest.substr(0, rest.rfind('['))));  // a prefix, and no byte of another
  co_await pair.close();
}

CONTRACT_TEST(StreamCancel, AWriteThatSentNothingLeavesTheStreamUsable) {
  StreamPair pair = co_await make_pair(kSmallBuffers);
  CancelSource source;
  std::size_t written = 0;
  std::string last;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {  // single bytes are never sent in part
    while ((last = co_await try_to_write(*pair.client, "x", source.token())) == "ok") ++written;
  });
  for (std::size_t before = 1; before != written;) {  // until the way there is full
    before = written;
    (void)co_await sleep_for(milliseconds(5));
  }
  source.request();
  co_await group.wait();
  EXPECT_EQ(last, "cancelled");
  EXPECT_EQ(co_await read_exactly(*pair.server, written), std::string(written, 'x'));
  EXPECT_EQ(co_await try_to_write(*pair.client, "yz"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 2), "yz");
  co_await pair.close();
}

}  // namespace
}  // namespace ottla::contract
