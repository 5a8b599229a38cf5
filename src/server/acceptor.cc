#include "server/acceptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/invariant.h"
#include "config/node_key.h"
#include "runtime/cross_shard.h"
#include "runtime/sleep.h"
#include "runtime/stream.h"
#include "runtime/timed_wait.h"

namespace ottla::server {
namespace {

// Who came too fast is held for a moment before being sent away; so many at once, others go at once.
constexpr std::size_t kMostBeingSentAway = 1000;
constexpr std::chrono::milliseconds kPauseOfClosing(100);

std::int64_t now_ms() {
  return std::chrono::floor<std::chrono::milliseconds>(this_shard().exact_now().time_since_epoch()).count();
}

// What the kernel is asked for; nothing when it decides.
std::optional<std::uint32_t> buffer_size(const config::NodeConfig& config,
                                         config::NodeKey<std::int32_t> key) {
  if (!config.is_set(key.row().name)) return std::nullopt;
  const std::int32_t bytes = config.get(key);
  if (bytes <= 0) return std::nullopt;
  return static_cast<std::uint32_t>(bytes);
}

// Where an endpoint listens: a name is looked up, and IPv4 preferred, as the reference does it.
Task<Result<Address>> address_of(config::Endpoint endpoint, Cancel cancel) {
  const auto port = static_cast<std::uint16_t>(endpoint.port);
  OTTLA_CO_TRY(const std::vector<Address> found,
               co_await this_shard().network().resolve(endpoint.host, port, cancel));
  const auto ipv4 = std::ranges::find(found, Address::Family::ipv4, &Address::family);
  if (ipv4 != found.end()) co_return *ipv4;
  if (!found.empty()) co_return found.front();
  co_return Error(Errc::not_found, "the host '" + endpoint.host + "' has no address");
}

// Alterations are taken with ports that no machine has, as the reference takes them.
Task<Result<std::unique_ptr<Listener>>> bind(config::Endpoint endpoint, ListenOptions options) {
  if (endpoint.port < 0 || endpoint.port > std::numeric_limits<std::uint16_t>::max()) {
    co_return Error(Errc::invalid_argument, "there is no such port");
  }
  Network& network = this_shard().network();
  if (!endpoint.host.empty()) {
    OTTLA_CO_TRY(Address address, co_await address_of(endpoint, {}));
    co_return co_await network.listen(std::move(address), options);
  }
  // Every interface: IPv6 takes IPv4 too, where there is IPv6 at all.
  const auto port = static_cast<std::uint16_t>(endpoint.port);
  auto both = co_await network.listen(Address::ipv6({}, port), options);
  if (both.ok() || both.error() == Errc::address_in_use) co_return both;
  co_return co_await network.listen(Address::ipv4({0, 0, 0, 0}, port), options);
}

}  // namespace

ListenOptions listen_options(const config::NodeConfig& config) {
  ListenOptions options;
  options.accepted.send_buffer = buffer_size(config, config::node_key<"socket.send.buffer.bytes">);
  options.accepted.receive_buffer = buffer_size(config, config::node_key<"socket.receive.buffer.bytes">);
  options.backlog = static_cast<std::uint32_t>(config.get(config::node_key<"socket.listen.backlog.size">));
  return options;
}

Acceptor::Acceptor(ConnectionLimits limits, std::vector<Place> places, Logger log)
    : home_(this_shard()),
      brokers_{.limits = limits},
      controllers_{.limits = limits},
      places_(std::move(places)),
      log_(log) {}

Task<Result<Address>> Acceptor::open(config::Endpoint endpoint, ListenerTerms terms,
                                     const config::NodeConfig* config) {
  OTTLA_CO_TRY(const Gate::Pass pass, altering_.enter());
  const ListenOptions options = listen_options(*config);
  auto listener = co_await bind(endpoint, options);
  if (!listener.ok()) {
    co_return std::move(listener).error().with_context(
        fmt::format("cannot listen on {}://{}:{}", endpoint.listener, endpoint.host, endpoint.port));
  }
  const Address address = (*listener)->address();
  side(terms.kind).limits.add_listener(terms.name);
  doors_.push_back(std::make_unique<Door>(std::move(*listener), std::move(terms)));
  if (side(doors_.back()->terms.kind).accepts) begin(*doors_.back());
  co_return address;
}

void Acceptor::start(ListenerKind kind) {
  // A node may be stopped while it comes up.
  if (altering_.closed() || std::exchange(side(kind).accepts, true)) return;
  for (const auto& door : doors_) {
    if (door->terms.kind == kind) begin(*door);
  }
}

void Acceptor::begin(Door& door) {
  door.accepting.spawn([this, at = &door](Cancel cancel) { return accept_all(*at, cancel); });
}

Task<void> Acceptor::close(ListenerKind kind, std::string name) {
  const Result<Gate::Pass> pass = altering_.enter();
  const auto is_meant = [&](const auto& door) {
    return door->terms.kind == kind && door->terms.name == name;
  };
  const auto found = std::ranges::find_if(doors_, is_meant);
  if (!pass.ok() || found == doors_.end()) co_return;
  const std::unique_ptr<Door> door = std::move(*found);
  doors_.erase(found);
  co_await door->accepting.stop();
  co_await door->listener->close();
  ConnectionLimits& limits = side(kind).limits;
  while (limits.count_of(name) > 0 && !altering_.closed()) {
    for (const Place& each : places_) {
      co_await on(*each.shard,
                  [connections = each.connections, kind, name] { connections->order().end_all(kind, name); });
    }
    // One that was handed over a moment ago may not stand in its shard's order yet.
    if (limits.count_of(name) > 0) static_cast<void>(co_await wait_at_most(changed_, kPauseOfClosing, {}));
  }
  if (limits.count_of(name) == 0) limits.remove_listener(name);
}

Task<void> Acceptor::accept_all(Door& door, Cancel cancel) {
  for (;;) {
    Result<std::unique_ptr<PendingStream>> pending = co_await door.listener->accept(cancel);
    if (!pending.ok()) {
      if (pending.error() == Errc::too_many_files) continue;
      co_return;
    }
    const Result<void> may = co_await wait_for_slot(door, cancel);
    if (!may.ok()) {
      (*pending)->refuse();
      co_return;
    }
    co_await place(door, std::move(*pending), cancel);
  }
}

std::vector<Acceptor::Throttles> Acceptor::throttles() {
  const Instant now = this_shard().exact_now();
  std::vector<Throttles> all;
  all.reserve(doors_.size());
  for (const auto& door : doors_) {
    all.push_back({.listener = door->terms.name,
                   .of_listener = door->throttled.value(now),
                   .of_ip = door->throttled_of_ip.value(now)});
  }
  return all;
}

Task<Result<void>> Acceptor::wait_for_slot(Door& door, Cancel cancel) {
  ConnectionLimits& limits = side(door.terms.kind).limits;
  const std::int64_t delay = limits.arrived(door.terms.name, now_ms());
  if (delay > 0) door.throttled.add(static_cast<double>(delay), this_shard().exact_now());
  if (delay > 0) OTTLA_CO_CHECK(co_await sleep_for(std::chrono::milliseconds(delay), cancel));
  while (!limits.has_slot(door.terms.name)) OTTLA_CO_CHECK(co_await changed_.wait(cancel));
  co_return Result<void>();
}

Task<void> Acceptor::place(Door& door, std::unique_ptr<PendingStream> pending, Cancel cancel) {
  using Verdict = ConnectionLimits::Verdict;
  const Address peer = pending->peer_address();
  const ConnectionLimits::Taken taken = side(door.terms.kind).limits.take(door.terms.name, peer, now_ms());
  if (taken.verdict == Verdict::too_fast) {
    door.throttled_of_ip.add(static_cast<double>(taken.delay_ms), this_shard().exact_now());
  }
  if (taken.verdict == Verdict::taken) {
    co_await hand_over(door, std::move(pending));
    begin_shedding(door.terms.kind);
    co_return;
  }
  if (taken.verdict == Verdict::too_many_of_ip) {
    log_.info("rejected a connection: its address has as many as it may", field("peer", peer),
              field("limit", taken.limit));
  }
  if (being_sent_away_ >= kMostBeingSentAway) {
    pending->refuse();
    co_return;
  }
  tasks_.spawn([this, pending = std::move(pending), delay = taken.delay_ms](Cancel inner) mutable {
    return send_away(std::move(pending), delay, inner);
  });
}

Task<void> Acceptor::hand_over(const Door& door, std::unique_ptr<PendingStream> pending) {
  const std::size_t chosen = choose(door.terms.kind);
  ++places_[chosen].open;
  const Address peer = pending->peer_address();
  auto arrival = std::make_unique<Arrival>(std::move(pending), door.terms, peer, this);
  ConnectionSet* connections = places_[chosen].connections;
  co_await on(*places_[chosen].shard, [connections, arrival = std::move(arrival)]() mutable {
    connections->admit(std::move(arrival));
  });
}

Task<void> Acceptor::gone(ShardId from, ListenerTerms terms, Address peer) {
  co_await on(home_, [this, from, terms, peer] { released(from, terms, peer); });
}

Task<std::unique_ptr<Arrival>> Acceptor::pass_on(std::unique_ptr<Arrival> arrival, ShardId from, ShardId to) {
  co_return co_await on(home_, [this, arrival = std::move(arrival), from, to]() mutable {
    return move(std::move(arrival), from, to);
  });
}

// It counts where it goes from the beginning, so that of many that want to go there at once not all do.
Task<std::unique_ptr<Arrival>> Acceptor::move(std::unique_ptr<Arrival> arrival, ShardId from, ShardId to) {
  if (!tasks_.open()) co_return arrival;
  Place& left = place_of(from);
  Place& taken = place_of(to);
  Side& crowd = side(arrival->terms.kind);
  const bool fewer = taken.open <= left.open;
  --left.open;
  ++taken.open;
  ++crowd.travelling;
  std::unique_ptr<Arrival> back = co_await on(
      *taken.shard, [connections = taken.connections, arrival = std::move(arrival), fewer]() mutable {
        return connections->take_over(std::move(arrival), fewer);
      });
  if (back) {
    ++left.open;
    --taken.open;
  }
  --crowd.travelling;
  ++crowd.moves;
  changed_.wake_all();
  co_return back;
}

Acceptor::Place& Acceptor::place_of(ShardId shard) {
  const auto found = std::ranges::find(places_, shard, [](const Place& place) { return place.shard->id(); });
  OTTLA_INVARIANT(found != places_.end(), "a connection is of no shard", shard);
  return *found;
}

Task<void> Acceptor::send_away(std::unique_ptr<PendingStream> pending, std::int64_t delay_ms, Cancel cancel) {
  ++being_sent_away_;
  if (delay_ms > 0) (void)co_await sleep_for(std::chrono::milliseconds(delay_ms), cancel);
  Result<std::unique_ptr<Stream>> stream = pending->adopt();
  if (stream.ok()) co_await (*stream)->close();
  --being_sent_away_;
}

void Acceptor::set_caps(const ConnectionCaps& caps) {
  for (const ListenerKind kind : {ListenerKind::broker, ListenerKind::controller}) {
    side(kind).limits.set_caps(caps);
    begin_shedding(kind);
  }
  changed_.wake_all();
}

void Acceptor::set_ip_rates(const IpRateLookup& rates) {
  brokers_.limits.set_ip_rates(rates);
  controllers_.limits.set_ip_rates(rates);
}

void Acceptor::begin_shedding(ListenerKind kind) {
  if (!side(kind).limits.exceeded() || !tasks_.open() || std::exchange(side(kind).shedding, true)) return;
  tasks_.spawn([this, kind](Cancel cancel) { return shed(kind, cancel); });
}

Task<void> Acceptor::shed(ListenerKind kind, Cancel cancel) {
  Side& crowded = side(kind);
  while (crowded.limits.exceeded() && !cancel.requested()) {
    const std::uint64_t before = crowded.releases;
    const std::uint64_t moves = crowded.moves;
    if (!co_await end_least_recent(kind)) {
      // One that moved meanwhile may have been where nobody looked.
      if (crowded.travelling == 0 && crowded.moves == moves) break;
      if (crowded.travelling > 0) (void)co_await changed_.wait(cancel);
      continue;
    }
    // It counts until it has gone.
    while (crowded.releases == before && (co_await changed_.wait(cancel)).ok()) continue;
  }
  crowded.shedding = false;
}

Task<bool> Acceptor::end_least_recent(ListenerKind kind) {
  const std::string spared(side(kind).limits.spared());
  std::optional<Instant> oldest;
  std::size_t at = 0;
  for (std::size_t each = 0; each < places_.size(); ++each) {
    const std::optional<Instant> used =
        co_await on(*places_[each].shard, [connections = places_[each].connections, kind, spared] {
          return connections->order().least_recent(kind, spared);
        });
    if (!used || (oldest && *oldest <= *used)) continue;
    oldest = used;
    at = each;
  }
  if (!oldest) co_return false;
  co_return co_await on(*places_[at].shard, [connections = places_[at].connections, kind, spared] {
    return connections->order().end_least_recent(kind, spared);
  });
}

std::size_t Acceptor::choose(ListenerKind kind) const {
  if (kind == ListenerKind::controller) return 0;
  const auto least = std::ranges::min_element(places_, {}, &Place::open);
  return static_cast<std::size_t>(least - places_.begin());
}

void Acceptor::released(ShardId from, const ListenerTerms& terms, const Address& peer) {
  --place_of(from).open;
  side(terms.kind).limits.release(terms.name, peer);
  ++side(terms.kind).releases;
  changed_.wake_all();
}

Task<void> Acceptor::stop() {
  co_await altering_.close();
  for (const auto& door : doors_) co_await door->accepting.stop();
  co_await tasks_.stop();
  for (const auto& door : doors_) co_await door->listener->close();
}

}  // namespace ottla::server
