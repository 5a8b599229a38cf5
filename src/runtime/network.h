// The door to other machines: listen, connect, resolve.
//
// Concurrency: one Network a shard; what it makes is confined to that shard, but for PendingStream.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/stream.h"
#include "runtime/task.h"

namespace ottla {

struct SocketOptions {
  bool no_delay = true;
  bool keep_alive = true;
  std::optional<std::uint32_t> send_buffer = {};  // bytes; the system's choice when empty
  std::optional<std::uint32_t> receive_buffer = {};
};

struct ListenOptions {
  SocketOptions accepted = {};
  std::uint32_t backlog = 1024;
  bool ipv6_only = false;  // else [::] also takes IPv4
};

struct ConnectOptions {
  SocketOptions socket = {};
  Duration timeout = std::chrono::seconds(30);
  std::optional<Address> from = {};  // the local address to bind
};

// A connection that belongs to no shard: one that was accepted and is not in use yet, or one that has departed from its
// shard. Goes to any shard of its process.
class PendingStream {
 public:
  virtual ~PendingStream() = default;
  virtual Address peer_address() const = 0;
  virtual Address local_address() const = 0;
  // On the shard that will own it. Call one of the two, once.
  virtual Result<std::unique_ptr<Stream>> adopt() = 0;
  virtual void refuse() = 0;  // the peer sees a reset
};

class Listener {
 public:
  virtual ~Listener() = default;
  // One at a time. Errc::too_many_files when descriptors ran out: the connection waits in the backlog; try
  // again, which waits a moment first.
  virtual Task<Result<std::unique_ptr<PendingStream>>> accept(Cancel cancel) = 0;
  // With the real port when 0 was asked for.
  virtual Address address() const = 0;
  // Ends an accept in flight with Errc::closed; who was not accepted yet is reset.
  virtual Task<void> close() = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  virtual Task<Result<std::unique_ptr<Listener>>> listen(Address address, ListenOptions options) = 0;
  Task<Result<std::unique_ptr<Listener>>> listen(Address address) { return listen(std::move(address), {}); }
  // Waits while the listener's backlog is full.
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Address address, ConnectOptions options,
                                                        Cancel cancel) = 0;
  // All addresses of a name, in the system's order. A literal address needs no question.
  virtual Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, Cancel cancel) = 0;
};

}  // namespace ottla
