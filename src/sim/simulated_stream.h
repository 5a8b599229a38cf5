// The simulated end of a connection as a process sees it.
//
// Promises are runtime/stream.h's own.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "runtime/event.h"
#include "runtime/stream.h"
#include "sim/connection.h"

namespace ottla::sim {

class ShardHome;

class SimulatedStream final : public Stream {
 public:
  // On the shard of `home`.
  SimulatedStream(ShardHome& home, Endpoint& endpoint);
  ~SimulatedStream() override;

  Task<Result<void>> wait_readable(Cancel cancel) override;
  Task<Result<std::size_t>> read(ReadVector into, Cancel cancel) override;
  Task<Result<void>> write(Chain chain, Cancel cancel) override;
  Task<Result<void>> finish_writing() override;
  Task<void> close() override;
  Task<void> abort() override;
  Task<std::unique_ptr<PendingStream>> depart() override;
  Address local_address() const override { return local_; }
  Address peer_address() const override { return peer_; }

  // From the network, on no shard.
  void wake_reader();
  void wake_writer();

 private:
  class Use;
  bool has_input() const;
  std::size_t take(ReadVector into);
  std::size_t limit_of_read(std::size_t wanted, std::size_t readable);
  std::optional<Error> why_not_writable() const;
  void send_memory(Chain& chain);
  Task<Result<void>> send_range(Chain& chain);
  void push(std::size_t sent);
  Task<void> end(bool reset);

  ShardHome& home_;
  Endpoint* endpoint_;  // null once closed
  const Address local_;
  const Address peer_;
  bool reading_ = false;
  bool writing_ = false;
  bool shut_ = false;
  std::optional<Error> write_failure_;
  Event readable_;
  Event writable_;
  Event quiet_;
};

}  // namespace ottla::sim
