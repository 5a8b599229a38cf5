// An end of a connection that is on no shard: accepted and not yet adopted, or on its way from one shard to another.
//
// Promises are runtime/network.h's own.
#pragma once

#include <memory>

#include "runtime/network.h"
#include "sim/connection.h"

namespace ottla::sim {

class SimulatedPendingStream final : public PendingStream {
 public:
  explicit SimulatedPendingStream(Endpoint& endpoint)
      : endpoint_(&endpoint), local_(endpoint.local()), peer_(endpoint.other().local()) {}
  ~SimulatedPendingStream() override;

  Address peer_address() const override { return peer_; }
  Address local_address() const override { return local_; }
  Result<std::unique_ptr<Stream>> adopt() override;
  void refuse() override;

 private:
  Endpoint* endpoint_;  // null once adopted or refused
  const Address local_;
  const Address peer_;
};

}  // namespace ottla::sim
