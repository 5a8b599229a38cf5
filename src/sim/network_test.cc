#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint16_t kPort = 9;

// A connection between two hosts, with a script at each end. What each end saw is text.
struct NetworkTest : testing::Test {
  using Script = std::function<Task<void>(Stream&, std::string&, Cancel)>;

  explicit NetworkTest(WorldOptions options = {}) : world(3, options) {}

  void run(Script at_a, Script at_b) {
    b.start([this, at_b](Process&, Cancel cancel) -> Task<int> {
      auto listener = (co_await this_shard().network().listen(b.address(kPort))).value();
      auto pending = co_await listener->accept(cancel);
      if (pending.ok()) {
        auto stream = (*pending)->adopt().value();
        co_await at_b(*stream, b_saw, cancel);
        co_await stream->close();
      }
      co_await listener->close();
      co_return 0;
    });
    a.start([this, at_a](Process&, Cancel cancel) -> Task<int> {
      (void)co_await sleep_for(milliseconds(1));
      auto stream = co_await this_shard().network().connect(b.address(kPort), {}, cancel);
      if (!stream.ok()) {
        a_saw = name_of(stream.error().code());
        co_return 1;
      }
      co_await at_a(**stream, a_saw, cancel);
      co_await (*stream)->close();
      co_return 0;
    });
  }
  void settle(Duration limit = seconds(1000)) {
    (void)world.run_until([this] { return !a.running() && !b.running(); }, limit);
  }

  static Script send(std::string text) {
    return [text](Stream& stream, std::string& saw, Cancel cancel) -> Task<void> {
      const Result<void> sent = co_await stream.write(Chain(Slice::copy_of(text)), cancel);
      saw += sent.ok() ? "sent" : name_of(sent.error().code());
    };
  }
  static Script read_all(std::size_t* reads = nullptr) {
    return [reads](Stream& stream, std::string& saw, Cancel cancel) -> Task<void> {
      std::array<std::byte, 4096> buffer;
      for (;;) {
        const Result<std::size_t> got = co_await stream.read(std::span(buffer), cancel);
        if (!got.ok()) {
          saw += " " + std::string(name_of(got.error().code()));
          co_return;
        }
        if (reads != nullptr) ++*reads;
        saw.append(reinterpret_cast<const char*>(buffer.data()), *got);
      }
    };
  }
  // Never reads, never writes.
  static Script idle() {
    return [](Stream&, std::string& saw, Cancel cancel) -> Task<void> {
      (void)co_await sleep_for(std::chrono::hours(10), cancel);
      saw += "idle";
    };
  }

  World world;
  Host& a = world.add_host("a");
  Host& b = world.add_host("b");
  std::string a_saw;
  std::string b_saw;
};

TEST_F(NetworkTest, BytesAndTheEndArrive) {
  run(send("hello"), read_all());
  settle();
  EXPECT_EQ(b_saw, "hello end_of_stream");
  EXPECT_EQ(world.network().connection_count(), 0U);
}

TEST_F(NetworkTest, AClosedLinkHoldsBytesUntilItOpens) {
  run(send("hello"), read_all());
  (void)world.run_until([this] { return world.network().connection_count() > 0; }, seconds(1));
  world.network().set_closed(a, b, true);
  (void)world.run_for(seconds(1));
  EXPECT_EQ(b_saw, "");
  EXPECT_GT(world.strikes()[Strike::bytes_held], 0U);
  world.network().set_closed(a, b, false);
  settle(seconds(1));
  EXPECT_EQ(b_saw, "hello end_of_stream");
}

TEST_F(NetworkTest, ASenderGivesUpOnALinkThatStaysClosed) {
  run(
      [](Stream& stream, std::string& saw, Cancel cancel) -> Task<void> {
        (void)co_await stream.write(Chain(Slice::copy_of("hello")), cancel);
        co_await read_all()(stream, saw, cancel);
      },
      read_all());
  (void)world.run_until([this] { return world.network().connection_count() > 0; }, seconds(1));
  world.network().set_closed(a, b, true);
  (void)world.run_until([this] { return !a.running(); }, seconds(100));
  EXPECT_EQ(a_saw, " timed_out");
}

TEST_F(NetworkTest, AConnectThroughAClosedLinkTimesOut) {
  world.network().set_closed(b, a, true);
  run(send("x"), read_all());
  (void)world.run_until([this] { return !a.running(); }, seconds(100));
  EXPECT_EQ(a_saw, "timed_out");
}

TEST_F(NetworkTest, AConnectCanBeRefused) {
  world.network().link(a, b).refuses_connects = true;
  run(send("x"), read_all());
  (void)world.run_until([this] { return !a.running(); }, seconds(1));
  EXPECT_EQ(a_saw, "connection_refused");
}

TEST_F(NetworkTest, AResetReachesBothEnds) {
  run(read_all(), read_all());
  (void)world.run_until([this] { return world.network().connection_count() > 0; }, seconds(1));
  (void)world.run_for(milliseconds(10));
  EXPECT_EQ(world.network().reset_connections(a, 5), 1U);
  settle(seconds(1));
  EXPECT_EQ(a_saw + b_saw, " connection_reset connection_reset");
}

TEST_F(NetworkTest, AKilledProcessEndsItsConnections) {
  run(read_all(), idle());
  (void)world.run_for(milliseconds(10));
  b.kill();
  (void)world.run_until([this] { return !a.running(); }, seconds(1));
  EXPECT_EQ(a_saw, " end_of_stream");
}

TEST_F(NetworkTest, AMachineWithoutPowerSaysNothingUntilItIsBack) {
  run(read_all(), idle());
  (void)world.run_for(milliseconds(10));
  b.cut_power();
  (void)world.run_for(seconds(30));
  EXPECT_EQ(a_saw, "");
  (void)world.run_until([this] { return !a.running(); }, seconds(200));
  EXPECT_EQ(a_saw, " timed_out");
}

TEST_F(NetworkTest, AMachineThatIsBackKnowsNoOldConnection) {
  run(
      [](Stream& stream, std::string& saw, Cancel cancel) -> Task<void> {
        (void)co_await sleep_for(seconds(1));
        (void)co_await stream.write(Chain(Slice::copy_of("x")), cancel);
        co_await read_all()(stream, saw, cancel);
      },
      idle());
  (void)world.run_for(milliseconds(10));
  b.cut_power();
  (void)world.run_for(seconds(5));
  EXPECT_EQ(a_saw, "");
  b.restart();
  (void)world.run_until([this] { return !a.running(); }, seconds(5));
  EXPECT_EQ(a_saw, " connection_reset");
  EXPECT_GT(world.strikes()[Strike::peer_vanished], 0U);
}

TEST_F(NetworkTest, ReadsCanBeLimitedToOneByte) {
  world.network().link(a, b).read_limit = 1;
  std::size_t reads = 0;
  run(send("hello"), read_all(&reads));
  settle();
  EXPECT_EQ(reads, 5U);
  EXPECT_EQ(b_saw, "hello end_of_stream");
}

TEST_F(NetworkTest, ASlowLinkTakesItsTime) {
  Link& link = world.network().link(a, b);
  link.bytes_per_second = 1000;
  run(send(std::string(2000, 'x')), read_all());
  const Instant begin = world.now();
  settle();
  EXPECT_GE(world.now() - begin, seconds(2));
  EXPECT_EQ(b_saw.size(), 2000 + std::string(" end_of_stream").size());
}

TEST_F(NetworkTest, AWriterWaitsForAReaderWhoDoesNotRead) {
  run(send(std::string(1'000'000, 'x')), idle());
  (void)world.run_for(seconds(10));
  EXPECT_EQ(a_saw, "");
  b.kill();
  (void)world.run_until([this] { return !a.running(); }, seconds(5));
  EXPECT_EQ(a_saw, "connection_reset");
}

TEST_F(NetworkTest, BytesLeftUnreadTurnTheEndIntoAReset) {
  run(
      [](Stream& stream, std::string& saw, Cancel cancel) -> Task<void> {
        co_await send("never read")(stream, saw, cancel);
        co_await read_all()(stream, saw, cancel);
      },
      [](Stream& stream, std::string&, Cancel cancel) -> Task<void> {
        (void)co_await stream.wait_readable(cancel);
      });
  settle();
  EXPECT_EQ(a_saw, "sent connection_reset");
}

TEST_F(NetworkTest, HostsAreFoundByName) {
  std::string seen;
  a.start([&](Process&, Cancel cancel) -> Task<int> {
    const auto found = co_await this_shard().network().resolve("b", 5, cancel);
    seen = found.ok() ? found->front().to_string() : std::string(name_of(found.error().code()));
    const auto nobody = co_await this_shard().network().resolve("nobody", 5, cancel);
    seen += nobody.ok() ? "?" : " " + std::string(name_of(nobody.error().code()));
    co_return 0;
  });
  (void)world.run_until([this] { return !a.running(); }, seconds(5));
  EXPECT_EQ(seen, "10.0.0.2:5 not_found");
}

}  // namespace
}  // namespace ottla::sim
