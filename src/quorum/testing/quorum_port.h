// A listener that serves the quorum's own APIs and no others: what two replicas need to talk to each other, for tests.
//
// Use:         QuorumPort port(quorum, "CONTROLLER");  OTTLA_CO_CHECK(co_await port.open(address));
//              …  co_await port.close();
// Lifetime:    the quorum outlives it; close() must have ended before it is destroyed.
// Concurrency: confined to the quorum's shard.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "quorum/metadata_quorum.h"
#include "rpc/server_connection.h"
#include "rpc/service.h"
#include "runtime/network.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla::quorum::testing {

class QuorumPort final : private rpc::Service {
 public:
  QuorumPort(MetadataQuorum& quorum, std::string listener)
      : quorum_(quorum), listener_name_(std::move(listener)) {
    options_.served.listener = protocol::Listener::kController;
  }

  Task<Result<void>> open(Address address);
  Address address() const { return listener_->address(); }
  Task<void> close();

 private:
  bool may_overlap(const protocol::RequestHead& head) const override {
    static_cast<void>(head);
    return false;
  }
  Task<rpc::Answer> serve(rpc::Incoming request, Cancel cancel) override;
  Result<Chain> answer_versions(const rpc::Incoming& request) const;
  Task<Result<Chain>> answer(rpc::Incoming request);
  Task<void> accept(Cancel cancel);
  Task<void> serve_connection(std::unique_ptr<Stream> stream, Cancel cancel);

  MetadataQuorum& quorum_;
  const std::string listener_name_;
  rpc::ServerConnectionOptions options_;
  std::unique_ptr<Listener> listener_;
  TaskGroup tasks_;
};

}  // namespace ottla::quorum::testing
