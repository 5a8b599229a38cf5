#include "sim/simulated_pending_stream.h"

#include <utility>

#include "runtime/shard.h"
#include "sim/host.h"
#include "sim/incarnation.h"
#include "sim/simulated_stream.h"

namespace ottla::sim {

SimulatedPendingStream::~SimulatedPendingStream() {
  if (endpoint_ == nullptr) return;
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(shard != nullptr && shard->killed(), "a connection was neither adopted nor refused", peer_);
}

Result<std::unique_ptr<Stream>> SimulatedPendingStream::adopt() {
  if (Shard::current().killed()) return Errc::closed;
  OTTLA_INVARIANT(endpoint_ != nullptr, "a connection was adopted or refused twice", peer_);
  Incarnation& process = endpoint_->host().incarnation();
  ShardHome& home = process.home(Shard::current().id().raw());
  return std::make_unique<SimulatedStream>(home, *std::exchange(endpoint_, nullptr));
}

void SimulatedPendingStream::refuse() {
  if (Shard::current().killed()) return;
  OTTLA_INVARIANT(endpoint_ != nullptr, "a connection was adopted or refused twice", peer_);
  std::exchange(endpoint_, nullptr)->abort();
}

}  // namespace ottla::sim
