#include "bench/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <future>

#include "bench/measure.h"
#include "runtime/task_group.h"

namespace ottla::bench {

int listen_on_loopback(std::uint16_t& port, int backlog) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  check(::bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0, "bind");
  check(::listen(listener, backlog) == 0, "listen");
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  port = ntohs(address.sin_port);
  return listener;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  check(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int accept_from(int listener, bool blocking) {
  const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK));
  check(fd >= 0, "accept");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

void send_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    check(sent > 0, "send");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

void receive_all(int fd, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), 0);
    check(got > 0, "recv");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

Server::Server(int connections, Serve serve) {
  std::promise<std::uint16_t> listening;
  std::future<std::uint16_t> port = listening.get_future();
  thread_ = std::thread([this, connections, serve = std::move(serve), &listening] {
    in_process(1, [&](Process&, Cancel) -> Task<double> {
      auto listener = (co_await this_shard().network().listen(Address::loopback(0))).value();
      listening.set_value(listener->address().port());
      TaskGroup group;
      std::vector<std::unique_ptr<Stream>> streams;
      for (int i = 0; i < connections; ++i) {
        auto pending = (co_await listener->accept({})).value();
        streams.push_back(pending->adopt().value());
      }
      (void)co_await streams.front()->wait_readable({});
      const double start = thread_cpu_ns();
      for (auto& stream : streams) group.spawn(serve(std::move(stream)));
      co_await group.wait();
      cpu_ns_ = thread_cpu_ns() - start;
      co_await listener->close();
      co_return 0;
    });
  });
  port_ = port.get();
}

void Server::join() {
  if (thread_.joinable()) thread_.join();
}

double Server::cpu_ns() {
  join();
  return cpu_ns_;
}

}  // namespace ottla::bench
