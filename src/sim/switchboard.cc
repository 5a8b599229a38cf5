#include "sim/switchboard.h"

#include <algorithm>
#include <utility>

#include "sim/host.h"
#include "sim/simulated_listener.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

bool is_any(const Address& address) {
  return std::ranges::all_of(address.ip(), [](std::uint8_t byte) { return byte == 0; });
}

bool is_loopback(const Address& address) {
  const auto ip = address.ip();
  if (address.family() == Address::Family::ipv4) return ip[0] == 127;
  return std::ranges::all_of(ip.first(15), [](std::uint8_t byte) { return byte == 0; }) && ip[15] == 1;
}

bool same_ip(const Address& a, const Address& b) {
  return a.family() == b.family() && std::ranges::equal(a.ip(), b.ip());
}

// Whether both would be reached by some address.
bool overlap(const SimulatedListener& listener, const Address& wanted, bool ipv6_only) {
  const Address& bound = listener.address();
  if (bound.family() == wanted.family()) return same_ip(bound, wanted) || is_any(bound) || is_any(wanted);
  const bool bound_takes_both =
      bound.family() == Address::Family::ipv6 && is_any(bound) && !listener.ipv6_only();
  const bool wanted_takes_both = wanted.family() == Address::Family::ipv6 && is_any(wanted) && !ipv6_only;
  return bound_takes_both || wanted_takes_both;
}

bool reaches(const SimulatedListener& listener, const Address& address) {
  const Address& bound = listener.address();
  if (bound.family() == Address::Family::local || address.family() == Address::Family::local) {
    return bound == address;
  }
  if (bound.port() != address.port()) return false;
  if (bound.family() == address.family()) return is_any(bound) || same_ip(bound, address);
  return bound.family() == Address::Family::ipv6 && is_any(bound) && !listener.ipv6_only();
}

}  // namespace

Switchboard::Switchboard(World& world, std::uint64_t seed) : world_(world), random_(seed) {}
Switchboard::~Switchboard() = default;

const NetworkOptions& Switchboard::options() const {
  return world_.options().network;
}

Link Switchboard::default_link(bool loopback) const {
  Link link;
  link.latency = loopback ? options().loopback : options().link;
  link.bytes_per_second = options().bytes_per_second;
  return link;
}

void Switchboard::add_host(Host& host) {
  hosts_.push_back(std::make_unique<HostEntry>(host));
  links_.resize(hosts_.size());
  for (std::size_t from = 0; from < links_.size(); ++from) {
    while (links_[from].size() < hosts_.size()) {
      links_[from].push_back(default_link(links_[from].size() == from));
    }
  }
}

Link& Switchboard::link(const Host& from, const Host& to) {
  return links_[from.index()][to.index()];
}

void Switchboard::set_closed(const Host& from, const Host& to, bool closed) {
  Link& way = link(from, to);
  if (&from == &to || way.closed == closed) return;
  way.closed = closed;
  if (closed || connections_.empty()) return;
  for (Connection* connection = &connections_.front(); connection != nullptr;
       connection = connections_.next(*connection)) {
    for (std::size_t side = 0; side < 2; ++side) connection->pipe(side).try_again();
  }
}

void Switchboard::reset_qualities() {
  for (std::size_t from = 0; from < links_.size(); ++from) {
    for (std::size_t to = 0; to < links_.size(); ++to) {
      const bool closed = links_[from][to].closed;
      links_[from][to] = default_link(from == to);
      links_[from][to].closed = closed;
    }
  }
}

std::size_t Switchboard::reset_connections(const Host& host, std::size_t count) {
  std::vector<Endpoint*> candidates;
  IntrusiveList<Endpoint, HostEndpointsTag>& list = hosts_[host.index()]->endpoints;
  if (list.empty()) return 0;
  for (Endpoint* endpoint = &list.front(); endpoint != nullptr; endpoint = list.next(*endpoint)) {
    if (endpoint->failure() || endpoint->other().gone() || &endpoint->other().host() == &host) continue;
    candidates.push_back(endpoint);
  }
  std::size_t reset = 0;
  while (reset < count && !candidates.empty()) {
    const std::size_t pick = random_.below(candidates.size());
    Endpoint* endpoint = candidates[pick];
    candidates[pick] = candidates.back();
    candidates.pop_back();
    endpoint->send_reset_here();
    endpoint->other().send_reset_here();
    ++reset;
  }
  world_.strikes().add(Strike::connection_reset, reset);
  return reset;
}

void Switchboard::process_died(Host& host, bool silently) {
  HostEntry& entry = *hosts_[host.index()];
  for (SimulatedListener* listener : entry.listeners) listener->withdraw_all();
  entry.listeners.clear();
  while (!entry.endpoints.empty()) {
    Endpoint& endpoint = entry.endpoints.front();
    if (!silently) {
      endpoint.close();
      continue;
    }
    Endpoint& other = endpoint.other();
    other.start_keep_alive();
    endpoint.lose();
  }
}

void Switchboard::host_is_back(Host& host) {
  if (connections_.empty()) return;
  for (Connection* connection = &connections_.front(); connection != nullptr;
       connection = connections_.next(*connection)) {
    for (std::size_t side = 0; side < 2; ++side) {
      Endpoint& end = connection->end(side);
      if (end.state() == Endpoint::State::lost && &end.host() == &host) end.incoming().try_again();
    }
  }
}

void Switchboard::forget_all() {
  while (!connections_.empty()) delete &connections_.pop_front();
  connection_count_ = 0;
}

bool Switchboard::is_local(const Host& host, const Address& address) const {
  return is_any(address) || is_loopback(address) || same_ip(address, host.address(0)) ||
         same_ip(address, host.address6(0));
}

std::uint16_t Switchboard::free_port(HostEntry& entry) {
  for (;;) {
    const std::uint16_t port = entry.next_port;
    entry.next_port = port == 60999 ? 32768 : static_cast<std::uint16_t>(port + 1);
    const auto taken = [&](const SimulatedListener* listener) { return listener->address().port() == port; };
    if (!std::ranges::any_of(entry.listeners, taken)) return port;
  }
}

Result<void> Switchboard::add_listener(SimulatedListener& listener, const Address& wanted, bool ipv6_only,
                                       Address& bound) {
  HostEntry& entry = *hosts_[listener.host().index()];
  bound = wanted;
  if (wanted.family() != Address::Family::local) {
    if (!is_local(entry.host, wanted)) {
      return Error(Errc::address_unavailable, "bind " + wanted.to_string() + ": not an address of this host");
    }
    if (wanted.port() == 0) bound = wanted.with_port(free_port(entry));
    for (const SimulatedListener* other : entry.listeners) {
      if (other->address().family() == Address::Family::local || other->address().port() != bound.port())
        continue;
      if (overlap(*other, bound, ipv6_only)) {
        return Error(Errc::address_in_use, "bind " + bound.to_string() + ": somebody listens there");
      }
    }
  }
  entry.listeners.push_back(&listener);
  return {};
}

void Switchboard::remove_listener(SimulatedListener& listener) {
  std::erase(hosts_[listener.host().index()]->listeners, &listener);
}

SimulatedListener* Switchboard::find_listener(const Host& host, const Address& address) {
  SimulatedListener* found = nullptr;
  for (SimulatedListener* listener : hosts_[host.index()]->listeners) {
    if (!reaches(*listener, address)) continue;
    if (found == nullptr || same_ip(listener->address(), address)) found = listener;
  }
  return found;
}

Host* Switchboard::owner_of(Host& from, const Address& address) {
  if (address.family() == Address::Family::local || is_local(from, address)) return &from;
  for (const auto& entry : hosts_) {
    if (same_ip(address, entry->host.address(0)) || same_ip(address, entry->host.address6(0))) {
      return &entry->host;
    }
  }
  return nullptr;
}

Address Switchboard::source_address(Host& from, const Address& target) {
  if (target.family() == Address::Family::local) return Address::local("");
  const std::uint16_t port = free_port(*hosts_[from.index()]);
  if (is_any(target) || is_loopback(target)) {
    if (target.family() == Address::Family::ipv4) return Address::loopback(port);
    return Address::parse("[::1]:0").value().with_port(port);
  }
  return target.family() == Address::Family::ipv4 ? from.address(port) : from.address6(port);
}

Host* Switchboard::find_host(std::string_view name) {
  return world_.find_host(name);
}

Connection& Switchboard::connect(const Connection::End& first, const Connection::End& second) {
  auto* connection = new Connection(*this, next_connection_++, first, second);
  connections_.push_back(*connection);
  ++connection_count_;
  hosts_[first.host.index()]->endpoints.push_back(connection->end(0));
  hosts_[second.host.index()]->endpoints.push_back(connection->end(1));
  return *connection;
}

void Switchboard::release_if_done(Connection& connection) {
  if (!connection.end(0).gone() || !connection.end(1).gone()) return;
  --connection_count_;
  delete &connection;
}

}  // namespace ottla::sim
