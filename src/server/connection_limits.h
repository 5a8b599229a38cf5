// How many connections a node takes, from whom and how fast: decides, and counts what was decided. Nothing here waits.
//
// Use:         limits.arrived(listener, now) → wait so long;  while (!limits.has_slot(listener)) wait for a change;
//              limits.take(listener, peer, now) → accepted, or refused, perhaps after a delay;  limits.release(…)
// Lifetime:    of a node's listeners of one kind; copied only before they are added.
// Concurrency: confined to one shard, on which all of a node's listeners accept.
// Invariants:  1. each connection that was taken is counted for the node, its listener and its address until released
//              2. the listener between brokers has its slots when other listeners have used up the node's
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/address.h"
#include "server/quotas/rate.h"

namespace ottla::server {

// The bytes of an address without its port.
std::string ip_key(const Address& address);

struct ConnectionCaps {
  struct OfListener {
    std::int32_t most = INT32_MAX;             // max.connections with the listener's prefix
    std::int32_t rate_per_second = INT32_MAX;  // max.connection.creation.rate with it
  };
  std::int32_t most = INT32_MAX;
  std::int32_t rate_per_second = INT32_MAX;
  std::int32_t most_per_ip = INT32_MAX;
  std::map<std::string, std::int32_t, std::less<>> most_of_ip;  // by ip_key()
  std::map<std::string, OfListener, std::less<>> listeners;     // by name, in upper case
};

// Of addresses, from client quotas of type ip; nothing: no quota.
using IpRateLookup = std::function<std::optional<double>(const Address&)>;

class ConnectionLimits {
 public:
  // `protected_listener`: the one between brokers.
  ConnectionLimits(ConnectionCaps caps, RateWindows windows, std::string protected_listener);

  void set_caps(ConnectionCaps caps) { caps_ = std::move(caps); }
  void set_ip_rates(IpRateLookup rates);
  void add_listener(std::string_view name);
  // None of its connections is left.
  void remove_listener(std::string_view name);

  // One more knocks at the listener: for how many milliseconds it must wait.
  std::int64_t arrived(std::string_view listener, std::int64_t now_ms);
  bool has_slot(std::string_view listener) const;

  enum class Verdict : std::uint8_t { taken, too_many_of_ip, too_fast };
  struct Taken {
    Verdict verdict = Verdict::taken;
    std::int64_t delay_ms = 0;  // before one that was too fast is sent away
    std::int32_t limit = 0;     // of the address, when there were too many
  };
  Taken take(std::string_view listener, const Address& peer, std::int64_t now_ms);
  void release(std::string_view listener, const Address& peer);
  // More are open than the node may have: those that are not between brokers give one up.
  bool exceeded() const;
  // Whose connections are spared then; empty when there is no other listener.
  std::string_view spared() const { return is_protected(protected_) ? std::string_view(protected_) : ""; }

  std::size_t count() const { return total_; }
  std::size_t count_of(std::string_view listener) const;
  // Rates of addresses that nothing came from for a long time.
  void forget_idle(std::int64_t now_ms);

 private:
  struct PerListener {
    std::size_t count = 0;
    Rate rate;
  };
  struct PerIp {
    Rate rate;
    std::int64_t last_ms = 0;
  };

  bool is_protected(std::string_view listener) const {
    return listener == protected_ && listeners_.size() > 1;
  }
  ConnectionCaps::OfListener caps_of(std::string_view listener) const;
  std::int64_t bounded(std::int64_t throttle_ms) const;

  ConnectionCaps caps_;
  const RateWindows windows_;
  const std::string protected_;
  IpRateLookup ip_rates_;
  std::size_t total_ = 0;
  Rate rate_;
  std::map<std::string, PerListener, std::less<>> listeners_;
  std::map<std::string, std::int32_t, std::less<>> counts_;  // by ip_key()
  std::map<std::string, PerIp, std::less<>> ips_;            // of addresses with a quota
};

}  // namespace ottla::server
