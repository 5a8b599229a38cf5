// Bare sockets for the baselines and the drivers of the socket rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/network.h"
#include "runtime/process.h"
#include "runtime/task.h"

namespace ottla::bench {

int listen_on_loopback(std::uint16_t& port, int backlog);
int connect_to(std::uint16_t port);
int accept_from(int listener, bool blocking);
void send_all(int fd, std::span<const std::byte> bytes);
void receive_all(int fd, std::span<std::byte> bytes);

// A real process of one shard on a thread of its own that listens on loopback and serves until all its clients are
// gone.
class Server {
 public:
  using Serve = std::function<Task<void>(std::unique_ptr<Stream>)>;
  // Accepts `connections`, each served by `serve`.
  Server(int connections, Serve serve);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { join(); }

  std::uint16_t port() const { return port_; }
  // CPU nanoseconds of the serving thread from the first byte on; joins.
  double cpu_ns();

 private:
  void join();

  std::uint16_t port_ = 0;
  double cpu_ns_ = 0;
  std::thread thread_;
};

}  // namespace ottla::bench
