#include "sim/world.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/cross_shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"

namespace ottla::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Answers every connection with what it sends, until it is asked to stop.
Task<void> serve_one(std::unique_ptr<Stream> stream, Cancel cancel) {
  std::array<std::byte, 256> buffer;
  for (;;) {
    const Result<std::size_t> got = co_await stream->read(std::span(buffer), cancel);
    if (!got.ok()) break;
    if (!(co_await stream->write(Chain(Slice::copy_of(std::span(buffer).first(*got))), cancel)).ok()) break;
  }
  co_await stream->close();
}

Task<int> echo_server(Process&, Cancel cancel) {
  auto listener = (co_await this_shard().network().listen(Address::ipv4({0, 0, 0, 0}, 7))).value();
  TaskGroup group(cancel);
  for (;;) {
    auto pending = co_await listener->accept(cancel);
    if (!pending.ok()) break;
    group.spawn([stream = (*pending)->adopt().value()](Cancel inner) mutable -> Task<void> {
      co_await serve_one(std::move(stream), inner);
    });
  }
  co_await listener->close();
  co_await group.stop();
  co_return 0;
}

// Counts in a file, durably, one a round trip to the server. Starts again at what the file holds.
Task<Result<void>> count_one(File& file, Address server, Cancel cancel) {
  ConnectOptions options;
  options.timeout = seconds(1);
  OTTLA_CO_TRY(auto stream, co_await this_shard().network().connect(server, options, cancel));
  Result<void> sent = co_await stream->write(Chain(Slice::copy_of("ping")), cancel);
  std::array<std::byte, 4> answer;
  std::size_t got = 0;
  while (sent.ok() && got < answer.size()) {
    const Result<std::size_t> more = co_await stream->read(std::span(answer).subspan(got), cancel);
    if (!more.ok()) {
      sent = more.error();
    } else {
      got += *more;
    }
  }
  co_await stream->close();
  if (!sent.ok()) co_return sent;
  OTTLA_CO_CHECK(co_await file.append(Chain(Slice::copy_of("x"))));
  co_return co_await file.sync();
}

ProcessMain counter(Address server) {
  return [server](Process&, Cancel cancel) -> Task<int> {
    auto file = (co_await this_shard().files().open("/count", kOpenOrCreate)).value();
    (void)co_await this_shard().files().sync_directory("/");
    while (!cancel.requested()) {
      if (!(co_await count_one(*file, server, cancel)).ok())
        (void)co_await sleep_for(milliseconds(10), cancel);
    }
    co_await file->close();
    co_return 0;
  };
}

std::uint64_t counted(Host& host) {
  const Result<FileStatus> status = host.disk().status("/count");
  return status.ok() ? status->size : 0;
}

struct EchoWorld {
  explicit EchoWorld(std::uint64_t seed) : world(seed) {
    server.start(echo_server);
    client.start(counter(server.address(7)));
  }
  World world;
  Host& server = world.add_host("server");
  Host& client = world.add_host("client");
};

TEST(World, ProcessesTalkAndKeepWhatTheySynced) {
  EchoWorld echo(1);
  EXPECT_TRUE(echo.world.run_until([&] { return counted(echo.client) >= 100; }, seconds(10)));
  EXPECT_TRUE(echo.world.violations().empty());
}

TEST(World, TheSameSeedGivesTheSameTrace) {
  const auto run = [](std::uint64_t seed) {
    EchoWorld echo(seed);
    (void)echo.world.run_for(seconds(1));
    return std::pair(echo.world.trace().hash(), echo.world.steps());
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

TEST(World, AStopLeavesNothingBehind) {
  EchoWorld echo(2);
  (void)echo.world.run_for(milliseconds(50));
  echo.server.request_stop();
  echo.client.request_stop();
  EXPECT_TRUE(
      echo.world.run_until([&] { return !echo.server.running() && !echo.client.running(); }, seconds(10)));
  EXPECT_TRUE(echo.world.violations().empty());
  EXPECT_EQ(echo.world.network().connection_count(), 0U);
}

TEST(World, AKillAtAnyStepIsSurvived) {
  for (std::size_t steps = 0; steps < 400; ++steps) {
    EchoWorld echo(3);
    for (std::size_t i = 0; i < steps; ++i) echo.world.step();
    Host& victim = steps % 2 == 0 ? echo.server : echo.client;
    if (steps % 3 == 0) {
      victim.cut_power();
    } else {
      victim.kill();
    }
    victim.restart();
    const std::uint64_t before = counted(echo.client);
    ASSERT_TRUE(echo.world.run_until([&] { return counted(echo.client) > before + 3; }, seconds(300)))
        << steps;
    ASSERT_TRUE(echo.world.violations().empty()) << echo.world.violations().front();
  }
}

TEST(World, ASignalKillsOnceSignalsMay) {
  World world(4);
  Host& host = world.add_host("a");
  host.start([](Process& process, Cancel cancel) -> Task<int> {
    (void)co_await process.next_signal(cancel);
    process.let_signals_kill();
    (void)co_await process.next_signal(cancel);  // never comes
    co_return 0;
  });
  (void)world.run_for(milliseconds(1));
  host.signal(Signal::terminate);
  (void)world.run_for(milliseconds(1));
  EXPECT_TRUE(host.running());
  host.signal(Signal::terminate);
  EXPECT_FALSE(host.running());
  EXPECT_EQ(host.exit_code(), std::nullopt);
  EXPECT_TRUE(world.violations().empty());
}

}  // namespace
}  // namespace ottla::sim
