#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

#include "base/mutable_buffer.h"
#include "bench/runtime/rows.h"
#include "bench/sockets.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kMessage = 64;
constexpr int kConnections = 1000;
constexpr int kRounds = 60;
constexpr int kSingleRounds = 20'000;

// As a connection of the broker waits: without a buffer of its own.
Task<void> echo(std::unique_ptr<Stream> stream) {
  while ((co_await stream->wait_readable({})).ok()) {
    MutableBuffer buffer = MutableBuffer::on_heap(4 * kMessage);
    const auto got = co_await stream->read(buffer.spare());
    if (!got.ok()) break;
    buffer.commit(*got);
    if (!(co_await stream->write(Chain(buffer.take_front(*got)))).ok()) break;
  }
  co_await stream->close();
}

// Median round trip of one connection, seen by a blocking client.
double round_trip_p50(std::uint16_t port) {
  const int fd = connect_to(port);
  std::array<std::byte, kMessage> message{};
  std::vector<double> trips;
  trips.reserve(kSingleRounds);
  for (int i = 0; i < kSingleRounds; ++i) {
    const double start = now_ns();
    send_all(fd, message);
    receive_all(fd, message);
    trips.push_back((now_ns() - start) / 1000);
  }
  ::close(fd);
  return median(std::move(trips));
}

double our_single() {
  Server server(1, echo);
  return round_trip_p50(server.port());
}

double bare_single() {
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port, 16);
  std::thread server([listener] {
    const int fd = accept_from(listener, true);
    std::array<std::byte, kMessage> message{};
    for (;;) {
      const ssize_t got = ::recv(fd, message.data(), message.size(), 0);
      if (got <= 0) break;
      send_all(fd, std::span(message).first(static_cast<std::size_t>(got)));
    }
    ::close(fd);
  });
  const double p50 = round_trip_p50(port);
  server.join();
  ::close(listener);
  return p50;
}

// All connections send, then all receive; then they leave.
void drive(std::uint16_t port) {
  std::vector<int> clients;
  for (int i = 0; i < kConnections; ++i) clients.push_back(connect_to(port));
  std::array<std::byte, kMessage> message{};
  for (int round = 0; round < kRounds; ++round) {
    for (const int fd : clients) send_all(fd, message);
    for (const int fd : clients) receive_all(fd, message);
  }
  for (const int fd : clients) ::close(fd);
}

constexpr double kEchoes = static_cast<double>(kConnections) * kRounds;

double our_many() {
  Server server(kConnections, echo);
  drive(server.port());
  return kEchoes / (server.cpu_ns() / 1e9) / 1000;
}

double bare_many() {
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port, kConnections);
  double cpu = 0;
  std::thread server([listener, &cpu] {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < kConnections; ++i) {
      epoll_event interest{};
      interest.events = EPOLLIN | EPOLLET;
      interest.data.fd = accept_from(listener, false);
      check(::epoll_ctl(epoll, EPOLL_CTL_ADD, interest.data.fd, &interest) == 0, "epoll_ctl");
    }
    std::array<epoll_event, 256> events{};
    std::array<std::byte, kMessage> message{};
    double start = 0;
    for (int left = kConnections; left > 0;) {
      const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
      if (start == 0) start = thread_cpu_ns();
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        const ssize_t got = ::recv(fd, message.data(), message.size(), 0);
        if (got > 0) {
          send_all(fd, std::span(message).first(static_cast<std::size_t>(got)));
        } else if (got == 0) {
          ::close(fd);
          --left;
        }
      }
    }
    cpu = thread_cpu_ns() - start;
    ::close(epoll);
  });
  drive(port);
  server.join();
  ::close(listener);
  return kEchoes / (cpu / 1e9) / 1000;
}

}  // namespace

void echo_rows(Report& report, int pairs) {
  report.add(measure_pairs("echo 64 B, one connection, p50 / blocking loop", "us", pairs, our_single,
                           bare_single, Goal::ratio_at_most(1.15)));
  report.add(measure_pairs("echo 64 B, 1,000 connections / epoll loop", "k/CPU-s", pairs, our_many, bare_many,
                           Goal::ratio_at_least(0.9)));
}

}  // namespace ottla::bench
