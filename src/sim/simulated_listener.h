// A simulated listening socket and what it accepted.
//
// Promises are runtime/network.h's own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "runtime/event.h"
#include "runtime/network.h"
#include "sim/connection.h"

namespace ottla::sim {

class ShardHome;

class SimulatedListener final : public Listener {
 public:
  // Binds; on the shard of `home`.
  static Result<std::unique_ptr<Listener>> open(ShardHome& home, Address address, ListenOptions options);
  ~SimulatedListener() override;

  Task<Result<std::unique_ptr<PendingStream>>> accept(Cancel cancel) override;
  Address address() const override { return address_; }
  Task<void> close() override;

  bool ipv6_only() const { return options_.ipv6_only; }
  const SocketOptions& accepted_options() const { return options_.accepted; }
  bool backlog_is_full() const { return backlog_.size() > options_.backlog; }
  // A connection arrived, on no shard.
  void arrived(Endpoint& endpoint);
  // The endpoint died before it was accepted.
  void withdraw_all();
  Host& host();

 private:
  SimulatedListener(ShardHome& home, ListenOptions options) : home_(home), options_(options) {}

  ShardHome& home_;
  const ListenOptions options_;
  Address address_;
  std::deque<Endpoint*> backlog_;
  Event arrival_;
  Event quiet_;
  bool accepting_ = false;
  bool shut_ = false;
  bool closed_ = true;
};

}  // namespace ottla::sim
