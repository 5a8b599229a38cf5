// A shard's door to the simulated network.
//
// Promises are runtime/network.h's own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/network.h"

namespace ottla::sim {

class ShardHome;

class SimulatedNetwork final : public Network {
 public:
  explicit SimulatedNetwork(ShardHome& home) : home_(home) {}

  Task<Result<std::unique_ptr<Listener>>> listen(Address address, ListenOptions options) override;
  Task<Result<std::unique_ptr<Stream>>> connect(Address address, ConnectOptions options,
                                                Cancel cancel) override;
  Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, Cancel cancel) override;

 private:
  ShardHome& home_;
};

}  // namespace ottla::sim
