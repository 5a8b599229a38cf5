// What src/runtime/stream.h promises about chains that hold ranges of files, in both worlds.
#include <string>

#include "runtime/cross_shard.h"
#include "runtime/file_system.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "runtime/travel.h"
#include "test/contract/stream_pair.h"
#include "test/contract/world_under_test.h"

namespace ottla::contract {
namespace {

using std::chrono::milliseconds;

Task<std::unique_ptr<File>> make_file(const Place& place, std::string bytes) {
  auto file = (co_await this_shard().files().open(place.directory + "/ranges", kOpenOrCreate)).value();
  EXPECT_EQ(outcome(co_await file->append(chain_of(bytes))), "ok");
  co_return file;
}

// Bytes of an object store, say: nothing that a stream can send by itself.
class RemoteSource final : public RangeSource {
 public:
  RemoteSource() : RangeSource(Kind::remote) {}

 private:
  void unclaimed() noexcept override {}
};

CONTRACT_TEST(StreamFiles, MemoryAndFileRangesLeaveInOrder) {
  const std::string bytes = pattern(200'000);
  const auto file = co_await make_file(place, bytes);
  StreamPair pair = co_await make_pair();
  Chain chain = chain_of("head ");
  chain.append(file->range(10, 5));
  chain.append(Slice::copy_of(" between "));
  chain.append(file->range(0, 200'000));
  chain.append(file->range(4095, 2));
  chain.append(Slice::copy_of(" tail"));
  const std::string expected =
      "head " + bytes.substr(10, 5) + " between " + bytes + bytes.substr(4095, 2) + " tail";
  TaskGroup group(cancel);
  group.spawn(
      [&](Cancel) -> Task<void> { EXPECT_EQ(outcome(co_await pair.client->write(std::move(chain))), "ok"); });
  EXPECT_TRUE(co_await read_exactly(*pair.server, expected.size()) == expected);
  co_await group.wait();
  co_await pair.close();
  co_await file->close();
}

CONTRACT_TEST(StreamFiles, ASlowReaderHoldsBackAFileToo) {
  const std::string bytes = pattern(kMoreThanFits);
  const auto file = co_await make_file(place, bytes);
  StreamPair pair = co_await make_pair(kSmallBuffers);
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    seen = outcome(co_await pair.client->write(Chain(file->range(0, bytes.size()))));
  });
  (void)co_await sleep_for(milliseconds(5));
  EXPECT_EQ(seen, "");
  EXPECT_TRUE(co_await read_exactly(*pair.server, bytes.size()) == bytes);
  co_await group.wait();
  EXPECT_EQ(seen, "ok");
  co_await pair.close();
  co_await file->close();
}

CONTRACT_TEST(StreamFiles, AFileThatEndsBeforeItsRangeIsAnError) {
  const auto file = co_await make_file(place, "short");
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(outcome(co_await pair.client->write(Chain(file->range(0, 100)))), "truncated");
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "closed");  // part of the chain was sent
  EXPECT_EQ(co_await read_exactly(*pair.server, 5), "short");
  co_await pair.close();
  co_await file->close();
}

CONTRACT_TEST(StreamFiles, ARangeBehindTheEndSendsNothing) {
  const auto file = co_await make_file(place, "short");
  StreamPair pair = co_await make_pair();
  EXPECT_EQ(outcome(co_await pair.client->write(Chain(file->range(50, 100)))), "truncated");
  EXPECT_EQ(co_await try_to_write(*pair.client, "still usable"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 12), "still usable");
  co_await pair.close();
  co_await file->close();
}

CONTRACT_TEST(StreamFiles, ClosingEndsATransferAndGivesTheRangeBack) {
  const auto file = co_await make_file(place, pattern(kMoreThanFits));
  StreamPair pair = co_await make_pair(kSmallBuffers);
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    seen = outcome(co_await pair.client->write(Chain(file->range(0, kMoreThanFits))));
  });
  (void)co_await sleep_for(milliseconds(5));
  co_await pair.client->close();
  EXPECT_EQ(seen, "closed");
  co_await group.wait();
  co_await file->close();  // waits for all ranges
  co_await pair.close();
}

CONTRACT_TEST(StreamFiles, ACancelEndsATransferAndGivesTheRangeBack) {
  const auto file = co_await make_file(place, pattern(kMoreThanFits));
  StreamPair pair = co_await make_pair(kSmallBuffers);
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel inner) -> Task<void> {
    seen = outcome(co_await pair.client->write(Chain(file->range(0, kMoreThanFits)), inner));
  });
  (void)co_await read_exactly(*pair.server, 1000);
  co_await group.stop();
  EXPECT_EQ(seen, "cancelled");
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "closed");
  co_await file->close();
  co_await pair.close();
}

CONTRACT_TEST(StreamFiles, AResetEndsATransfer) {
  const auto file = co_await make_file(place, pattern(kMoreThanFits));
  StreamPair pair = co_await make_pair(kSmallBuffers);
  std::string seen;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    seen = outcome(co_await pair.client->write(Chain(file->range(0, kMoreThanFits))));
  });
  (void)co_await read_exactly(*pair.server, 1000);
  co_await pair.server->abort();
  co_await group.wait();
  EXPECT_EQ(seen, "connection_reset");
  EXPECT_EQ(outcome(co_await pair.client->write(Chain(file->range(0, 10)))), "connection_reset");
  co_await pair.close();
  co_await file->close();
}

CONTRACT_TEST(StreamFiles, ARangeOfAnotherShardIsSentToo) {
  const std::string bytes = pattern(100'000);
  const auto file = co_await make_file(place, bytes);
  const auto listener = co_await listen_on_loopback();
  std::unique_ptr<Stream> here;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    here = co_await accept_from(*listener);
    EXPECT_TRUE(co_await read_all(*here) == "head" + bytes + "[end_of_stream]");
  });
  Chain chain = chain_of("head");
  chain.append(file->range(0, bytes.size()));
  co_await on(process.shard(ShardId(1)),
              [address = listener->address(), moved = Travelling(std::move(chain))]() mutable -> Task<void> {
                const auto there = co_await connect_to(address);
                EXPECT_EQ(outcome(co_await there->write(std::move(moved).arrive())), "ok");
                co_await there->close();
              });
  co_await group.wait();
  co_await here->close();
  co_await listener->close();
  co_await file->close();
}

CONTRACT_TEST(StreamFiles, RangesOfOtherKindsAreRefusedBeforeTheFirstByte) {
  RemoteSource remote;
  StreamPair pair = co_await make_pair();
  Chain chain = chain_of("never sent");
  chain.append(Range(Claim<RangeSource>::share(&remote), 0, 10));
  EXPECT_EQ(outcome(co_await pair.client->write(std::move(chain))), "unsupported");
  EXPECT_EQ(co_await try_to_write(*pair.client, "x"), "ok");
  EXPECT_EQ(co_await read_exactly(*pair.server, 1), "x");
  co_await pair.close();
}

}  // namespace
}  // namespace ottla::contract
