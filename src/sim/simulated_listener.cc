#include "sim/simulated_listener.h"

#include <utility>

#include "sim/host.h"
#include "sim/simulated_pending_stream.h"
#include "sim/world.h"

namespace ottla::sim {
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
