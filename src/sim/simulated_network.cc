#include "sim/simulated_network.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "runtime/sleep.h"
#include "runtime/when.h"
#include "sim/host.h"
#include "sim/incarnation.h"
#include "sim/simulated_listener.h"
#include "sim/simulated_stream.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

constexpr Duration kKnockAgain = std::chrono::seconds(1);
constexpr Duration kLongestWait = std::chrono::hours(24 * 365);  // so that no deadline overflows

// From the first knock until the answer is back: one event at a time, in the frame that waits.
class ConnectAttempt final : public WaitNode, private SimEvent {
 public:
  ConnectAttempt(ShardHome& home, Address target, Host* host, ConnectOptions options, Cancel cancel)
      : home_(home), target_(std::move(target)), host_(host), options_(std::move(options)), cancel_(cancel) {}
  ~ConnectAttempt() = default;

  bool await_ready() {
    if (cancel_.requested()) result_ = Errc::cancelled;
    return !result_->ok();
  }
  void await_suspend(std::coroutine_handle<> waiting) {
    suspend(waiting, cancel_);
    travel(to_target_latency());
  }
  Result<Endpoint*> await_resume() {
    if (was_cancelled()) return Errc::cancelled;
    return std::move(*result_);
  }

 private:
  Latency to_target_latency() {
    if (host_ == nullptr) return home_.world().options().network.link;
    return home_.world().network().link(home_.host(), *host_).latency;
  }
  void travel(const Latency& latency) {
    home_.world().schedule_in(*this, latency.draw(home_.world().network().random()));
  }
  void happen() override {
    if (answered_) return finish();
    if (host_ == nullptr) return answer(Error(Errc::unreachable, "connect to " + target_.to_string()));
    Switchboard& network = home_.world().network();
    const Link& link = network.link(home_.host(), *host_);
    if (link.closed || network.link(*host_, home_.host()).closed || !host_->powered()) {
      home_.world().strikes().add(Strike::bytes_held);
      return home_.world().schedule_in(*this, kKnockAgain);
    }
    SimulatedListener* listener = network.find_listener(*host_, target_);
    if (listener == nullptr || link.refuses_connects) {
      return answer(Error(Errc::connection_refused, "connect to " + target_.to_string()));
    }
    if (listener->backlog_is_full()) return home_.world().schedule_in(*this, kKnockAgain);
    const Address local =
        options_.from ? from_address(network) : network.source_address(home_.host(), target_);
    Connection& connection = network.connect({home_.host(), local, options_.socket},
                                             {*host_, target_, listener->accepted_options()});
    listener->arrived(connection.end(1));
    answer(&connection.end(0));
  }
  Address from_address(Switchboard& network) {
    if (options_.from->family() == Address::Family::local || options_.from->port() != 0)
      return *options_.from;
    return options_.from->with_port(network.source_address(home_.host(), target_).port());
  }
  void answer(Result<Endpoint*> result) {
    answered_ = true;
    result_ = std::move(result);
    travel(to_target_latency());
  }
  void finish() {
    home_.enter([this] { grant(); });
  }
  void on_cancel() override {
    SimEvent::cancel();
    if (answered_ && result_->ok()) (**result_)->abort();
    WaitNode::on_cancel();
  }

  ShardHome& home_;
  const Address target_;
  Host* const host_;
  const ConnectOptions options_;
  const Cancel cancel_;
  bool answered_ = false;
  std::optional<Result<Endpoint*>> result_ = nullptr;
};

}  // namespace

Task<Result<std::unique_ptr<Listener>>> SimulatedNetwork::listen(Address address, ListenOptions options) {
  if (!home_.may_use_door("network.listen")) co_return Errc::closed;
  co_return SimulatedListener::open(home_, std::move(address), options);
}

Task<Result<std::unique_ptr<Stream>>> SimulatedNetwork::connect(Address address, ConnectOptions options,
                                                                Cancel cancel) {
  if (!home_.may_use_door("network.connect")) co_return Errc::closed;
  if (cancel.requested()) co_return Errc::cancelled;
  Switchboard& network = home_.world().network();
  if (options.from) {
    if (options.from->family() != address.family()) {
      co_return Error(Errc::invalid_argument, "connect to " + address.to_string() + " from " +
                                                  options.from->to_string() +
                                                  ": the address families differ");
    }
    if (network.owner_of(home_.host(), *options.from) != &home_.host()) {
      co_return Error(Errc::address_unavailable, "bind " + options.from->to_string());
    }
  }
  if (address.family() == Address::Family::local && !home_.host().disk().status(address.path()).ok()) {
    co_return Error(Errc::not_found, "connect to " + address.to_string());
  }
  home_.trace(TraceKind::connect, address.port(), 0, [&] { return "to " + address.to_string(); });
  Host* host = network.owner_of(home_.host(), address);
  const Duration timeout = std::min(options.timeout, kLongestWait);
  Result<Endpoint*> endpoint =
      co_await with_timeout(timeout, cancel, [&](Cancel inner) -> Task<Result<Endpoint*>> {
        co_return co_await ConnectAttempt(home_, address, host, options, inner);
      });
  if (!endpoint.ok()) {
    if (endpoint.error() != Errc::timed_out) co_return std::move(endpoint).error();
    co_return Error(Errc::timed_out, "connect to " + address.to_string() + ": no answer in time");
  }
  co_return std::make_unique<SimulatedStream>(home_, **endpoint);
}

Task<Result<std::vector<Address>>> SimulatedNetwork::resolve(std::string host, std::uint16_t port,
                                                             Cancel cancel) {
  if (!home_.may_use_door("network.resolve")) co_return Errc::closed;
  if (cancel.requested()) co_return Errc::cancelled;
  constexpr std::size_t kLongestName = 253;
  if (host.empty() || host.size() > kLongestName || host.find('\0') != std::string::npos) {
    co_return Error(Errc::invalid_argument, "resolve \"" + host + "\": no name looks like that");
  }
  const std::string bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (Result<Address> literal = Address::parse(bracketed + ":" + std::to_string(port)); literal.ok()) {
    co_return std::vector<Address>{std::move(*literal)};
  }
  OTTLA_CO_CHECK(
      co_await sleep_for(home_.world().options().network.link.draw(home_.world().random()), cancel));
  if (host == "localhost") {
    co_return std::vector<Address>{Address::loopback(port),
                                   Address::parse("[::1]:0").value().with_port(port)};
  }
  const Host* found = home_.world().network().find_host(host);
  if (found == nullptr) co_return Error(Errc::not_found, "resolve " + host);
  co_return std::vector<Address>{found->address(port)};
}

}  // namespace ottla::sim
