// Two endpoints and what travels between them. Lives as long as one of its ends is in use.
//
// Lifetime:    owned by the Switchboard; deletes itself there when both ends are gone.
// Concurrency: confined to the world's one thread.
// Invariants:  1. an end is unclaimed (nobody adopted it yet), open, closed (its system would answer with a
//                 reset), or lost (its machine died and says nothing)
//              2. a stream that stands here is alive
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/error.h"
#include "base/intrusive_list.h"
#include "runtime/address.h"
#include "runtime/network.h"
#include "sim/pipe.h"

namespace ottla::sim {

class Connection;
class Host;
class SimulatedStream;
class Switchboard;

class Endpoint final : public ListHook<struct HostEndpointsTag>, private SimEvent {
 public:
  enum class State : std::uint8_t { unclaimed, open, closed, lost };

  Endpoint(Connection& connection, Host& host, Address local)
      : connection_(connection), host_(host), local_(std::move(local)) {}

  Host& host() { return host_; }
  const Address& local() const { return local_; }
  State state() const { return state_; }
  bool gone() const { return state_ == State::closed || state_ == State::lost; }
  const std::optional<Error>& failure() const { return failure_; }
  inline Endpoint& other();
  inline Pipe& outgoing();
  inline Pipe& incoming();
  Connection& connection() { return connection_; }

  void adopt(SimulatedStream& stream) {
    stream_ = &stream;
    state_ = State::open;
  }
  // Its stream has left its shard; another one will stand here.
  void depart() { stream_ = nullptr; }
  // The process lets go in good order: the other end sees the end of the stream, or a reset when bytes were
  // left unread. The endpoint may be gone afterwards.
  void close();
  // The same with a reset in any case.
  void abort();
  // The machine is gone; nobody is told.
  void lose();
  // A reset leaves for this end; it arrives after the link's latency.
  void send_reset_here();
  // Reads and writes end with `error` from now on.
  void fail(Error error);
  void on_readable();
  void on_writable();

  // The other end's machine has died: notices some time from now, if it keeps the connection alive.
  void start_keep_alive();

 private:
  struct KeepAlive final : SimEvent {
    explicit KeepAlive(Endpoint& owner) : endpoint(owner) {}
    void happen() override;
    Endpoint& endpoint;
  };

  void happen() override;  // a reset arrives
  void let_go(State state);

  Connection& connection_;
  Host& host_;
  const Address local_;
  State state_ = State::unclaimed;
  SimulatedStream* stream_ = nullptr;
  std::optional<Error> failure_;
  KeepAlive keep_alive_{*this};
};

class Connection final : public ListHook<struct ConnectionsTag> {
 public:
  struct End {
    Host& host;
    Address local;
    SocketOptions options;
  };
  Connection(Switchboard& switchboard, std::uint64_t number, const End& first, const End& second);

  Switchboard& switchboard() { return switchboard_; }
  std::uint64_t number() const { return number_; }
  Endpoint& end(std::size_t side) { return ends_[side]; }
  Pipe& pipe(std::size_t side) { return pipes_[side]; }
  std::size_t side_of(const Endpoint& endpoint) const { return &endpoint == &ends_[0] ? 0 : 1; }
  const SocketOptions& options(std::size_t side) const { return options_[side]; }

 private:
  Switchboard& switchboard_;
  const std::uint64_t number_;
  std::array<SocketOptions, 2> options_;
  std::array<Endpoint, 2> ends_;
  std::array<Pipe, 2> pipes_;  // pipes_[i] carries what ends_[i] sends
};

inline Endpoint& Endpoint::other() {
  return connection_.end(1 - connection_.side_of(*this));
}
inline Pipe& Endpoint::outgoing() {
  return connection_.pipe(connection_.side_of(*this));
}
inline Pipe& Endpoint::incoming() {
  return connection_.pipe(1 - connection_.side_of(*this));
}

}  // namespace ottla::sim
