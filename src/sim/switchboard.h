// The network of a world: who listens where, what links are like, and every connection.
//
// Concurrency: confined to the world's one thread. Faults change links between steps.
// Invariants:  1. a link goes one way; a partition of two hosts is two closed links
//              2. traffic inside one host knows no faults but short reads
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/intrusive_list.h"
#include "base/result.h"
#include "runtime/random.h"
#include "sim/connection.h"
#include "sim/latency.h"
#include "sim/world_options.h"

namespace ottla::sim {

class Host;
class SimulatedListener;
class World;

struct Link {
  Latency latency;
  std::uint64_t bytes_per_second = 0;
  std::size_t read_limit = 0;     // bytes that one read gets at most; 0: no limit
  bool closed = false;            // nothing comes through
  bool refuses_connects = false;  // as if nobody listened
  bool slowed = false;            // to be counted where it is felt
};

class Switchboard {
 public:
  Switchboard(World& world, std::uint64_t seed);
  Switchboard(const Switchboard&) = delete;
  Switchboard& operator=(const Switchboard&) = delete;
  ~Switchboard();

  World& world() { return world_; }
  Random& random() { return random_; }
  const NetworkOptions& options() const;

  // --- Faults ----------------------------------------------------------------------------------------------
  Link& link(const Host& from, const Host& to);
  // One way. What is under way meanwhile waits.
  void set_closed(const Host& from, const Host& to, bool closed);
  // All links as they were at the beginning, but for being closed.
  void reset_qualities();
  // Resets up to `count` connections of the host, chosen at random; returns how many.
  std::size_t reset_connections(const Host& host, std::size_t count);

  // --- For hosts -------------------------------------------------------------------------------------------
  void add_host(Host& host);
  void process_died(Host& host, bool silently);
  void host_is_back(Host& host);
  void forget_all();

  // --- For doors -------------------------------------------------------------------------------------------
  Result<void> add_listener(SimulatedListener& listener, const Address& wanted, bool ipv6_only,
                            Address& bound);
  void remove_listener(SimulatedListener& listener);
  // Who would be reached there; null when nobody.
  SimulatedListener* find_listener(const Host& host, const Address& address);
  // Whose address this is, as seen from `from`; null when nobody's.
  Host* owner_of(Host& from, const Address& address);
  // The address that a connection to `target` leaves from.
  Address source_address(Host& from, const Address& target);
  Host* find_host(std::string_view name);
  Connection& connect(const Connection::End& first, const Connection::End& second);
  // Deletes the connection if neither end is in use.
  void release_if_done(Connection& connection);
  std::size_t connection_count() const { return connection_count_; }

 private:
  struct HostEntry {
    explicit HostEntry(Host& owner) : host(owner) {}
    Host& host;
    IntrusiveList<Endpoint, HostEndpointsTag> endpoints;
    std::vector<SimulatedListener*> listeners;
    std::uint16_t next_port = 32768;
  };
  Link default_link(bool loopback) const;
  std::uint16_t free_port(HostEntry& entry);
  bool is_local(const Host& host, const Address& address) const;

  World& world_;
  Random random_;
  std::vector<std::unique_ptr<HostEntry>> hosts_;
  std::vector<std::vector<Link>> links_;  // [from][to]
  IntrusiveList<Connection, ConnectionsTag> connections_;
  std::size_t connection_count_ = 0;
  std::uint64_t next_connection_ = 1;
};

}  // namespace ottla::sim
