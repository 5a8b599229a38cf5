#include "sim/simulated_listener.h"

#include <utility>

#include "sim/host.h"
#include "sim/incarnation.h"
#include "sim/simulated_stream.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

// Accepted, and not yet on any shard.
class SimulatedPendingStream final : public PendingStream {
 public:
  explicit SimulatedPendingStream(Endpoint& endpoint)
      : endpoint_(&endpoint), local_(endpoint.local()), peer_(endpoint.other().local()) {}
  ~SimulatedPendingStream() override {
    if (endpoint_ == nullptr) return;
    const Shard* shard = Shard::current_or_null();
    OTTLA_INVARIANT(shard != nullptr && shard->killed(), "a connection was neither adopted nor refused",
                    peer_);
  }

  Address peer_address() const override { return peer_; }
  Address local_address() const override { return local_; }
  Result<std::unique_ptr<Stream>> adopt() override {
    if (Shard::current().killed()) return Errc::closed;
    OTTLA_INVARIANT(endpoint_ != nullptr, "a connection was adopted or refused twice", peer_);
    Incarnation& process = endpoint_->host().incarnation();
    ShardHome& home = process.home(Shard::current().id().raw());
    return std::make_unique<SimulatedStream>(home, *std::exchange(endpoint_, nullptr));
  }
  void refuse() override {
    if (Shard::current().killed()) return;
    OTTLA_INVARIANT(endpoint_ != nullptr, "a connection was adopted or refused twice", peer_);
    std::exchange(endpoint_, nullptr)->abort();
  }

 private:
  Endpoint* endpoint_;
  const Address local_;
  const Address peer_;
};

}  // namespace

Result<std::unique_ptr<Listener>> SimulatedListener::open(ShardHome& home, Address address,
                                                          ListenOptions options) {
  std::unique_ptr<SimulatedListener> listener(new SimulatedListener(home, options));
  Switchboard& network = home.world().network();
  if (address.family() == Address::Family::local) {
    if (network.find_listener(home.host(), address) != nullptr) {
      return Error(Errc::address_in_use, "bind " + address.to_string() + ": somebody listens there");
    }
    OTTLA_CHECK(home.host().disk().make_socket(address.path()));
  }
  OTTLA_CHECK(network.add_listener(*listener, address, options.ipv6_only, listener->address_));
  listener->closed_ = false;
  ++home.shard().open_doors().sockets;
  home.trace(TraceKind::accept, listener->address_.port(), 0,
             [&] { return "listens on " + listener->address_.to_string(); });
  return std::unique_ptr<Listener>(std::move(listener));
}

SimulatedListener::~SimulatedListener() {
  if (closed_ || home_.shard().killed()) return;
  OTTLA_INVARIANT(false, "a listener died before it was closed", address_);
}

Host& SimulatedListener::host() {
  return home_.host();
}

Task<Result<std::unique_ptr<PendingStream>>> SimulatedListener::accept(Cancel cancel) {
  if (!home_.may_use_door("listener.accept")) co_return Errc::closed;
  OTTLA_INVARIANT(!accepting_, "two accepts of one listener at a time", address_);
  accepting_ = true;
  Result<void> waited;
  while (!shut_ && waited.ok() && backlog_.empty()) waited = co_await arrival_.wait(cancel);
  accepting_ = false;
  quiet_.wake_all();
  if (shut_) co_return Errc::closed;
  if (!waited.ok()) co_return std::move(waited).error();
  if (cancel.requested()) co_return Errc::cancelled;
  Endpoint* endpoint = backlog_.front();
  backlog_.pop_front();
  home_.trace(TraceKind::accept, endpoint->connection().number(), 1, [&] {
    return "#" + std::to_string(endpoint->connection().number()) + " from " +
           endpoint->other().local().to_string();
  });
  co_return std::make_unique<SimulatedPendingStream>(*endpoint);
}

void SimulatedListener::arrived(Endpoint& endpoint) {
  backlog_.push_back(&endpoint);
  home_.enter([this] { arrival_.wake_all(); });
}

void SimulatedListener::withdraw_all() {
  backlog_.clear();
}

Task<void> SimulatedListener::close() {
  if (!home_.may_use_door("listener.close")) co_return;
  shut_ = true;
  arrival_.wake_all();
  while (accepting_) co_await quiet_.wait();
  if (closed_) co_return;
  closed_ = true;
  home_.world().network().remove_listener(*this);
  --home_.shard().open_doors().sockets;
  while (!backlog_.empty()) {
    Endpoint* endpoint = backlog_.front();
    backlog_.pop_front();
    endpoint->abort();
  }
  if (address_.family() == Address::Family::local) home_.host().disk().remove_socket(address_.path());
}

}  // namespace ottla::sim
