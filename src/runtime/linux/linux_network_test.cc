// What only Linux can show: Unix sockets, IPv6, descriptors that run out, options, kills. What network.h and
// stream.h promise in every world is told in test/contract.
#include "runtime/linux/linux_network.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "runtime/file_system.h"
#include "runtime/linux/linux_clock.h"
#include "runtime/linux/linux_process.h"
#include "runtime/linux/socket_address.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"

namespace ottla {
namespace {

using std::chrono::milliseconds;

template <typename T>
std::string outcome(const Result<T>& result) {
  return result.ok() ? "ok" : std::string(name_of(result.error().code()));
}

// Runs a story on the first shard of a real process.
void run(std::function<Task<void>(Network&)> story) {
  LinuxProcessOptions options;
  options.shards = 1;
  options.catch_signals = false;
  run_linux_process(options, [&](Process&, Cancel) -> Task<int> {
    co_await story(this_shard().network());
    co_return 0;
  });
}

Task<std::string> ask(Stream& from, Stream& to, std::string text) {
  const Result<void> written = co_await from.write(Chain(Slice::copy_of(text)));
  if (!written.ok()) co_return outcome(written);
  std::string got(text.size(), '\0');
  const auto count = co_await to.read(std::as_writable_bytes(std::span(got)));
  co_return count.ok() ? got.substr(0, *count) : outcome(count);
}

// Connects to the listener, sends a word there and one back, and closes both ends.
Task<std::string> visit(Network& network, Listener& listener, Address address) {
  auto client = co_await network.connect(address, {}, {});
  if (!client.ok()) co_return outcome(client);
  auto server = (co_await listener.accept({})).value()->adopt().value();
  const std::string there = co_await ask(**client, *server, "ping");
  const std::string back = co_await ask(*server, **client, "pong");
  const std::string peer = server->peer_address().host();
  co_await (*client)->close();
  co_await server->close();
  co_return there + ' ' + back + ' ' + peer;
}

class UnixSocket : public ::testing::Test {
 protected:
  UnixSocket() {
    std::string name = (std::filesystem::temp_directory_path() / "ottla-unix-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    path_ = name + "/socket";
    address_ = Address::local(path_);
  }
  ~UnixSocket() override { std::filesystem::remove_all(directory_); }

  // Leaves a socket file behind on which nobody listens.
  void leave_a_stale_socket() {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const SocketAddress name = SocketAddress::of(address_).value();
    EXPECT_EQ(::bind(fd, name.get(), name.size()), 0);
    ::close(fd);
  }

  std::filesystem::path directory_;
  std::string path_;
  Address address_;
};

TEST_F(UnixSocket, CarriesBytesAndRemovesItsPath) {
  run([&](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(address_)).value();
    EXPECT_EQ(listener->address(), address_);
    EXPECT_TRUE(std::filesystem::is_socket(path_));
    EXPECT_EQ(co_await visit(network, *listener, address_), "ping pong ");
    co_await listener->close();
    EXPECT_FALSE(std::filesystem::exists(path_));
  });
}

TEST_F(UnixSocket, TakesThePathOfAListenerThatDied) {
  leave_a_stale_socket();
  run([&](Network& network) -> Task<void> {
    EXPECT_EQ(outcome(co_await network.connect(address_, {}, {})), "connection_refused");
    auto listener = (co_await network.listen(address_)).value();
    EXPECT_EQ(co_await visit(network, *listener, address_), "ping pong ");
    co_await listener->close();
  });
}

TEST_F(UnixSocket, LeavesThePathToWhoListensThere) {
  run([&](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(address_)).value();
    EXPECT_EQ(outcome(co_await network.listen(address_)), "address_in_use");
    auto probed = (co_await listener->accept({})).value();  // the look at who is there
    probed->refuse();
    EXPECT_EQ(co_await visit(network, *listener, address_), "ping pong ");
    co_await listener->close();
  });
}

TEST_F(UnixSocket, NeverRemovesWhatIsNoSocket) {
  std::ofstream(path_) << "precious";
  run([&](Network& network) -> Task<void> {
    EXPECT_EQ(outcome(co_await network.listen(address_)), "address_in_use");
  });
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(UnixSocket, LeavesAPathThatSomebodyElseTook) {
  run([&](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(address_)).value();
    std::filesystem::rename(path_, path_ + ".old");
    std::ofstream(path_) << "somebody else's";
    co_await listener->close();
    EXPECT_TRUE(std::filesystem::exists(path_));
  });
}

TEST_F(UnixSocket, WherePathsCannotBe) {
  run([&](Network& network) -> Task<void> {
    EXPECT_EQ(outcome(co_await network.connect(address_, {}, {})), "not_found");
    EXPECT_EQ(outcome(co_await network.listen(Address::local(path_ + "/deeper"))), "not_found");
    EXPECT_EQ(outcome(co_await network.listen(Address::local(std::string(108, 'x')))), "invalid_argument");
    EXPECT_EQ(outcome(co_await network.connect(Address::local(std::string(108, 'x')), {}, {})),
              "invalid_argument");
  });
}

TEST_F(UnixSocket, AFullBacklogIsWaitedForUntilTheDeadline) {
  run([&](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(address_, {.backlog = 1})).value();
    std::vector<std::unique_ptr<Stream>> waiting;
    std::string seen;
    for (;;) {
      auto stream = co_await network.connect(address_, {.timeout = milliseconds(20)}, {});
      seen = outcome(stream);
      if (!stream.ok()) break;
      waiting.push_back(std::move(*stream));
    }
    EXPECT_EQ(seen, "timed_out");
    EXPECT_GE(waiting.size(), 1U);
    for (auto& stream : waiting) co_await stream->close();
    co_await listener->close();
  });
}

// --- IPv6 ---------------------------------------------------------------------------------------------------

class Ipv6 : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream interfaces("/proc/net/if_inet6");
    std::string line;
    std::getline(interfaces, line);
    ASSERT_FALSE(line.empty()) << "this machine has no IPv6: enable it (net.ipv6.conf.lo.disable_ipv6=0)";
  }
  static Address loopback(std::uint16_t port) { return Address::parse("[::1]:0").value().with_port(port); }
  static Address any() { return Address::parse("[::]:0").value(); }
};

TEST_F(Ipv6, CarriesBytes) {
  run([](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(loopback(0))).value();
    EXPECT_EQ(co_await visit(network, *listener, listener->address()), "ping pong ::1");
    co_await listener->close();
  });
}

TEST_F(Ipv6, TakesIpv4TooAndShowsItAsSuch) {
  run([](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(any())).value();
    const std::uint16_t port = listener->address().port();
    EXPECT_EQ(co_await visit(network, *listener, loopback(port)), "ping pong ::1");
    EXPECT_EQ(co_await visit(network, *listener, Address::loopback(port)), "ping pong 127.0.0.1");
    co_await listener->close();
  });
}

TEST_F(Ipv6, OnlyWhenAskedFor) {
  run([](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(any(), {.ipv6_only = true})).value();
    const std::uint16_t port = listener->address().port();
    EXPECT_EQ(co_await visit(network, *listener, loopback(port)), "ping pong ::1");
    EXPECT_EQ(co_await visit(network, *listener, Address::loopback(port)), "connection_refused");
    co_await listener->close();
  });
}

// --- Descriptors --------------------------------------------------------------------------------------------

// Not under UBSan, which opens pipes of its own to look at memory and reports what is sound when it cannot.
#if !__has_feature(undefined_behavior_sanitizer)

// While it lives, this process can open no more files.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(next);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptorsLeft() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Descriptors, WhenTheyRunOutConnectionsWaitAndTryingAgainDoesNotSpin) {
  run([](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(Address::loopback(0))).value();
    auto client = (co_await network.connect(listener->address(), {}, {})).value();
    {
      const NoDescriptorsLeft shortage;
      EXPECT_EQ(outcome(co_await listener->accept({})), "too_many_files");
      const Instant before = this_shard().exact_now();
      EXPECT_EQ(outcome(co_await listener->accept({})), "too_many_files");
      EXPECT_GE(this_shard().exact_now() - before, milliseconds(10));
      EXPECT_EQ(outcome(co_await network.connect(listener->address(), {}, {})), "too_many_files");
      EXPECT_EQ(outcome(co_await network.listen(Address::loopback(0))), "too_many_files");
    }
    auto server = (co_await listener->accept({})).value()->adopt().value();
    EXPECT_EQ(co_await ask(*client, *server, "waited"), "waited");
    co_await client->close();
    co_await server->close();
    co_await listener->close();
  });
}

TEST(Descriptors, AStarvedAcceptCanBeCancelledAndClosed) {
  run([](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(Address::loopback(0))).value();
    auto client = (co_await network.connect(listener->address(), {}, {})).value();
    const NoDescriptorsLeft shortage;
    for (const bool by_close : {false, true}) {
      EXPECT_EQ(outcome(co_await listener->accept({})), "too_many_files");
      std::string seen;
      TaskGroup group;
      group.spawn([&](Cancel cancel) -> Task<void> { seen = outcome(co_await listener->accept(cancel)); });
      co_await yield();
      if (by_close) {
        co_await listener->close();
      } else {
        group.request_cancel();
      }
      co_await group.wait();
      EXPECT_EQ(seen, by_close ? "closed" : "cancelled");
      if (!by_close) EXPECT_EQ(outcome(co_await listener->accept({})), "too_many_files");
    }
    co_await client->close();
  });
}

#endif

// --- Options ------------------------------------------------------------------------------------------------

// The descriptor of the socket between these addresses.
int descriptor_between(const Address& local, const Address& peer) {
  const Address nowhere;
  for (int fd = 0; fd < 1024; ++fd) {
    if (local_address_of(fd, nowhere) == local && peer_address_of(fd, nowhere) == peer) return fd;
  }
  return -1;
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

TEST(Options, ReachBothEnds) {
  run([](Network& network) -> Task<void> {
    for (const bool on : {false, true}) {
      const SocketOptions options{
          .no_delay = on, .keep_alive = on, .send_buffer = 30'000, .receive_buffer = 20'000};
      auto listener = (co_await network.listen(Address::loopback(0), {.accepted = options})).value();
      auto client = (co_await network.connect(listener->address(), {.socket = options}, {})).value();
      auto server = (co_await listener->accept({})).value()->adopt().value();
      for (const Stream* stream : {client.get(), server.get()}) {
        const int fd = descriptor_between(stream->local_address(), stream->peer_address());
        EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_NODELAY), static_cast<int>(on));
        EXPECT_EQ(option(fd, SOL_SOCKET, SO_KEEPALIVE), static_cast<int>(on));
        EXPECT_EQ(option(fd, SOL_SOCKET, SO_SNDBUF), 60'000);  // Linux doubles what it is given
        EXPECT_EQ(option(fd, SOL_SOCKET, SO_RCVBUF), 40'000);
        EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
      }
      co_await client->close();
      co_await server->close();
      co_await listener->close();
    }
  });
}

// --- Cost ---------------------------------------------------------------------------------------------------

TEST(Cost, AWarmEchoAllocatesNoFrames) {
  run([](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(Address::loopback(0))).value();
    auto client = (co_await network.connect(listener->address(), {}, {})).value();
    auto server = (co_await listener->accept({})).value()->adopt().value();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(co_await ask(*client, *server, "warm"), "warm");
    const auto before = this_shard().frames().mallocs();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(co_await ask(*client, *server, "warm"), "warm");
#if !__has_feature(address_sanitizer)
    EXPECT_EQ(this_shard().frames().mallocs(), before);
#else
    EXPECT_GT(this_shard().frames().mallocs(), before);  // each frame is its own, so that misuse shows
#endif
    co_await client->close();
    co_await server->close();
    co_await listener->close();
  });
}

TEST(Cost, ASocketThatIsAlwaysReadyLetsOthersRun) {
  run([](Network& network) -> Task<void> {
    auto listener = (co_await network.listen(Address::loopback(0))).value();
    auto client = (co_await network.connect(listener->address(), {}, {})).value();
    auto server = (co_await listener->accept({})).value()->adopt().value();
    constexpr std::size_t kBytes = 30'000;  // these fit into the buffers, so that no read has to wait
    EXPECT_TRUE((co_await client->write(Chain(Slice::copy_of(std::string(kBytes, 'x'))))).ok());
    int turns = 0;
    TaskGroup group;
    group.spawn([&](Cancel cancel) -> Task<void> {
      for (; !cancel.requested(); ++turns) co_await yield();
    });
    std::byte byte;
    for (std::size_t i = 0; i < kBytes; ++i) EXPECT_TRUE((co_await server->read(std::span(&byte, 1))).ok());
    EXPECT_GE(turns, 2);
    co_await group.stop();
    co_await client->close();
    co_await server->close();
    co_await listener->close();
  });
}

// Here rather than in /tmp, which may lie in memory.
std::string place_for_a_file() {
  std::string path = "ottla-cold-XXXXXX";
  ::close(::mkstemp(path.data()));
  return path;
}

// On the disk, and not in the page cache.
Task<std::unique_ptr<File>> cold_file(std::string path, std::string bytes) {
  auto file = (co_await this_shard().files().open(path, kReadWrite)).value();
  EXPECT_TRUE((co_await file->append(Chain(Slice::copy_of(bytes)))).ok());
  EXPECT_TRUE((co_await file->sync()).ok());
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
  ::close(fd);
  co_return file;
}

TEST(ColdFiles, AreSentWhole) {
  const std::string path = place_for_a_file();
  run([&path](Network& network) -> Task<void> {
    const std::string bytes(3'000'000, 'c');
    auto file = co_await cold_file(path, bytes);
    auto listener = (co_await network.listen(Address::loopback(0))).value();
    auto client = (co_await network.connect(listener->address(), {}, {})).value();
    auto server = (co_await listener->accept({})).value()->adopt().value();
    TaskGroup group;
    group.spawn([&](Cancel) -> Task<void> {
      EXPECT_TRUE((co_await client->write(Chain(file->range(0, bytes.size())))).ok());
      co_await client->close();
    });
    std::string got(bytes.size(), '\0');
    std::size_t filled = 0;
    while (filled < got.size()) {
      const auto count = co_await server->read(std::as_writable_bytes(std::span(got)).subspan(filled));
      if (!count.ok()) break;
      filled += *count;
    }
    EXPECT_TRUE(got == bytes);
    co_await group.wait();
    co_await server->close();
    co_await listener->close();
    co_await file->close();
  });
  std::filesystem::remove(path);
}

TEST(ColdFiles, WhatFollowsIsReadAhead) {
  const std::string path = place_for_a_file();
  run([&path](Network& network) -> Task<void> {
    constexpr std::uint64_t kPart = 1 << 20;
    auto file = co_await cold_file(path, std::string(8 * kPart, 'c'));
    auto listener = (co_await network.listen(Address::loopback(0))).value();
    auto client = (co_await network.connect(listener->address(), {}, {})).value();
    auto server = (co_await listener->accept({})).value()->adopt().value();
    std::vector<std::byte> room(kPart);
    for (std::uint64_t part = 0; part < 4; ++part) {
      TaskGroup group;
      group.spawn([&](Cancel) -> Task<void> {
        EXPECT_TRUE((co_await client->write(Chain(file->range(part * kPart, kPart)))).ok());
      });
      for (std::uint64_t got = 0; got < kPart;)
        got += (co_await server->read(std::span(room))).value_or(kPart);
      co_await group.wait();
      // Nobody has asked for it yet.
      for (int i = 0; i < 10'000 && file->would_block((part + 1) * kPart, kPart); ++i) {
        (void)co_await sleep_for(std::chrono::milliseconds(1));
      }
      EXPECT_FALSE(file->would_block((part + 1) * kPart, kPart)) << part;
    }
    co_await client->close();
    co_await server->close();
    co_await listener->close();
    co_await file->close();
  });
  std::filesystem::remove(path);
}

// --- Bugs of callers ----------------------------------------------------------------------------------------

TEST(NetworkDeathTest, AStreamDiesOnlyAfterItsClose) {
  EXPECT_DEATH(run([](Network& network) -> Task<void> {
                 auto listener = (co_await network.listen(Address::loopback(0))).value();
                 auto client = (co_await network.connect(listener->address(), {}, {})).value();
               }),
               "a stream died before it was closed");
}

TEST(NetworkDeathTest, AListenerDiesOnlyAfterItsClose) {
  EXPECT_DEATH(run([](Network& network) -> Task<void> {
                 auto listener = (co_await network.listen(Address::loopback(0))).value();
               }),
               "a listener died before it was closed");
}

TEST(NetworkDeathTest, APendingStreamIsAdoptedOrRefused) {
  EXPECT_DEATH(run([](Network& network) -> Task<void> {
                 auto listener = (co_await network.listen(Address::loopback(0))).value();
                 auto client = (co_await network.connect(listener->address(), {}, {})).value();
                 auto pending = (co_await listener->accept({})).value();
                 pending.reset();
               }),
               "neither adopted nor refused");
}

TEST(NetworkDeathTest, AStreamHasOneReader) {
  EXPECT_DEATH(
      run([](Network& network) -> Task<void> {
        auto listener = (co_await network.listen(Address::loopback(0))).value();
        auto client = (co_await network.connect(listener->address(), {}, {})).value();
        TaskGroup group;
        for (int i = 0; i < 2; ++i) {
          group.spawn([&](Cancel cancel) -> Task<void> { (void)co_await client->wait_readable(cancel); });
        }
        co_await group.wait();
      }),
      "two operations in one direction of a stream");
}

// --- Kill ---------------------------------------------------------------------------------------------------

class NoMessages final : public Waker {
 public:
  void wake() override {}
};

// Everything that suspends, in one life: pending accept, connects, reads, writes, a stream given to another task.
Task<void> busy_life(Network& network) {
  auto listener = (co_await network.listen(Address::loopback(0))).value();
  TaskGroup group;
  group.spawn([&](Cancel cancel) -> Task<void> {
    auto server = (co_await listener->accept(cancel)).value()->adopt().value();
    TaskGroup inner;
    inner.spawn([&](Cancel) -> Task<void> {
      std::vector<std::byte> room(1000);
      while ((co_await server->read(std::span(room))).ok()) {
      }
    });
    auto never = co_await listener->accept(cancel);
    co_await inner.wait();
    co_await server->close();
  });
  auto client = (co_await network.connect(listener->address(), {}, {})).value();
  // Its frame dies after this one, and so after its stream.
  this_shard().root().spawn(
      [](Stream* stream) -> Task<void> { (void)co_await stream->wait_readable({}); }(client.get()));
  for (int i = 0; i < 5; ++i) (void)co_await client->write(Chain(Slice::copy_of(std::string(5000, 'x'))));
  (void)co_await sleep_for(std::chrono::hours(1));
  co_await client->close();
  co_await group.stop();
  co_await listener->close();
}

TEST(Kill, AtAnyStepDestroysFramesInSilence) {
  for (int steps = 0; steps < 30; ++steps) {
    LinuxClock clock;
    Poller poller;
    LinuxNetwork network(poller);
    Outside outside;
    outside.clock = &clock;
    outside.network = &network;
    NoMessages waker;
    Shard shard(ShardId(0), outside, waker, 1);
    {
      const Shard::Scope scope(shard);
      shard.root().spawn(busy_life(network));
      for (int i = 0; i < steps; ++i) {
        shard.poll();
        if (!shard.run_one()) poller.wait(milliseconds(1));
      }
    }
    shard.go_inert();
    shard.destroy_frames();
    EXPECT_EQ(shard.frames().live(), 0);
  }
}

}  // namespace
}  // namespace ottla
