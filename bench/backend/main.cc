// Does io_uring pay here? Bare loops over epoll and over io_uring do the same work in turns; what counts is the
// server's own CPU time. The answer decides whether the runtime gets a second back end (docs/decisions/).
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "bench/backend/uring.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "bench/sockets.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kMessage = 64;
constexpr int kConnections = 1000;
constexpr int kRounds = 60;

// RUSAGE_THREAD, or RUSAGE_SELF where the kernel's own workers (io_uring hands them what may block) count too.
double cpu_seconds(int whose) {
  rusage usage{};
  ::getrusage(whose, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Connected pairs over loopback TCP.
struct Pairs {
  std::vector<int> clients;
  std::vector<int> servers;

  explicit Pairs(int count) {
    std::uint16_t port = 0;
    const int listener = listen_on_loopback(port, count);
    for (int i = 0; i < count; ++i) {
      clients.push_back(connect_to(port));
      servers.push_back(accept_from(listener, false));
    }
    ::close(listener);
  }
  Pairs(const Pairs&) = delete;
  Pairs& operator=(const Pairs&) = delete;
  ~Pairs() {
    for (const int fd : clients) ::close(fd);
    for (const int fd : servers) ::close(fd);
  }
};

// Every connection sends, then every one receives: the server always has many ready at once.
void drive(const Pairs& pairs) {
  std::array<std::byte, kMessage> message{};
  for (int round = 0; round < kRounds; ++round) {
    for (const int fd : pairs.clients)
      check(::send(fd, message.data(), message.size(), 0) == kMessage, "send");
    for (const int fd : pairs.clients)
      check(::recv(fd, message.data(), message.size(), MSG_WAITALL) == kMessage, "recv");
  }
}

void serve_epoll(const Pairs& pairs) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (const int fd : pairs.servers) {
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLET;
    interest.data.fd = fd;
    check(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &interest) == 0, "epoll_ctl");
  }
  std::array<epoll_event, 256> events{};
  std::array<std::byte, kMessage> message{};
  for (int left = kRounds * kConnections; left > 0;) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (::recv(fd, message.data(), message.size(), 0) != kMessage) continue;
      check(::send(fd, message.data(), message.size(), MSG_NOSIGNAL) == kMessage, "send");
      --left;
    }
  }
  ::close(epoll);
}

void serve_uring(const Pairs& pairs) {
  Uring ring(2048);
  std::vector<std::array<std::byte, kMessage>> buffers(pairs.servers.size());
  const auto queue = [&](std::uint8_t operation, std::size_t index) {
    io_uring_sqe* entry = ring.next_entry();
    while (entry == nullptr) {
      ring.enter(0);
      entry = ring.next_entry();
    }
    entry->opcode = operation;
    entry->fd = pairs.servers[index];
    entry->addr = reinterpret_cast<std::uint64_t>(buffers[index].data());
    entry->len = kMessage;
    entry->user_data = index * 2 + (operation == IORING_OP_SEND ? 1 : 0);
  };
  for (std::size_t i = 0; i < pairs.servers.size(); ++i) queue(IORING_OP_RECV, i);
  for (int left = kRounds * kConnections; left > 0;) {
    ring.enter(1);
    while (const io_uring_cqe* done = ring.peek()) {
      const std::size_t index = done->user_data / 2;
      const bool sent = done->user_data % 2 == 1;
      check(done->res == static_cast<int>(kMessage), "io_uring operation");
      ring.seen();
      if (sent) --left;
      queue(sent ? IORING_OP_RECV : IORING_OP_SEND, index);
    }
  }
}

template <typename Serve>
double echo_cpu_ns(Serve serve) {
  const Pairs pairs(kConnections);
  double cpu = 0;
  std::thread server([&] {
    const double before = cpu_seconds(RUSAGE_THREAD);
    serve(pairs);
    cpu = cpu_seconds(RUSAGE_THREAD) - before;
  });
  drive(pairs);
  server.join();
  return cpu * 1e9 / (kRounds * kConnections);
}

constexpr std::size_t kAppend = 128 * 1024;
constexpr int kAppends = 2000;

int fresh_file() {
  char path[] = "/tmp/ottla-bench-XXXXXX";
  const int fd = ::mkstemp(path);
  check(fd >= 0, "mkstemp");
  ::unlink(path);
  return fd;
}

double append_cpu_us(bool uring) {
  const int fd = fresh_file();
  const std::vector<std::byte> bytes(kAppend);
  const double before = cpu_seconds(RUSAGE_SELF);
  if (uring) {
    Uring ring(8);
    for (int i = 0; i < kAppends; ++i) {
      io_uring_sqe* entry = ring.next_entry();
      entry->opcode = IORING_OP_WRITE;
      entry->fd = fd;
      entry->addr = reinterpret_cast<std::uint64_t>(bytes.data());
      entry->len = kAppend;
      entry->off = static_cast<std::uint64_t>(i) * kAppend;
      ring.enter(1);
      check(ring.peek()->res == static_cast<int>(kAppend), "io_uring write");
      ring.seen();
    }
  } else {
    for (int i = 0; i < kAppends; ++i) {
      check(::pwrite(fd, bytes.data(), kAppend, static_cast<off_t>(i) * static_cast<off_t>(kAppend)) ==
                static_cast<ssize_t>(kAppend),
            "pwrite");
    }
  }
  const double cpu = cpu_seconds(RUSAGE_SELF) - before;
  ::close(fd);
  return cpu * 1e6 / kAppends;
}

int run() {
  try {
    const Uring probe(8);
  } catch (const std::system_error& error) {
    std::printf("io_uring is refused here: %s\n", error.what());
    return 1;
  }
  Report report("backend");
  Row echo = measure_pairs(
      "echo 64 B, 1000 connections (CPU)", "ns/op", 7, [] { return echo_cpu_ns(serve_uring); },
      [] { return echo_cpu_ns(serve_epoll); }, Goal::ratio_at_most(0.85));
  report.add(std::move(echo));
  report.add(measure_pairs(
      "append 128 KiB (CPU, workers included)", "us/op", 7, [] { return append_cpu_us(true); },
      [] { return append_cpu_us(false); }, Goal::ratio_at_most(0.85)));
  return report.finish();
}

}  // namespace
}  // namespace ottla::bench

int main() {
  return ottla::bench::run();
}
