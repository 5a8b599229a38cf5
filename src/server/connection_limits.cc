#include "server/connection_limits.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace ottla::server {
namespace {

constexpr std::int64_t kIdleMs = std::int64_t{3600} * 1000;

}  // namespace

std::string ip_key(const Address& address) {
  const auto ip = address.ip();
  return std::string(ip.begin(), ip.end());
}

ConnectionLimits::ConnectionLimits(ConnectionCaps caps, RateWindows windows, std::string protected_listener)
    : caps_(std::move(caps)), windows_(windows), protected_(std::move(protected_listener)), rate_(windows) {}

void ConnectionLimits::set_ip_rates(IpRateLookup rates) {
  ip_rates_ = std::move(rates);
}

void ConnectionLimits::add_listener(std::string_view name) {
  listeners_.try_emplace(std::string(name), PerListener{.rate = Rate(windows_)});
}

void ConnectionLimits::remove_listener(std::string_view name) {
  const auto found = listeners_.find(name);
  if (found == listeners_.end()) return;
  OTTLA_INVARIANT(found->second.count == 0, "a listener was removed that has connections", name,
                  found->second.count);
  listeners_.erase(found);
}

std::int64_t ConnectionLimits::arrived(std::string_view listener, std::int64_t now_ms) {
  std::int64_t delay = 0;
  if (!is_protected(listener)) {
    rate_.record(1, now_ms);
    delay = rate_.throttle_ms(caps_.rate_per_second, now_ms);
  }
  const auto found = listeners_.find(listener);
  OTTLA_INVARIANT(found != listeners_.end(), "a connection of a listener that nobody added", listener);
  found->second.rate.record(1, now_ms);
  const std::int64_t own = found->second.rate.throttle_ms(caps_of(listener).rate_per_second, now_ms);
  return bounded(std::max(delay, own));
}

bool ConnectionLimits::has_slot(std::string_view listener) const {
  if (count_of(listener) >= static_cast<std::size_t>(caps_of(listener).most)) return false;
  return is_protected(listener) || total_ < static_cast<std::size_t>(caps_.most);
}

ConnectionLimits::Taken ConnectionLimits::take(std::string_view listener, const Address& peer,
                                               std::int64_t now_ms) {
  const auto found = listeners_.find(listener);
  OTTLA_INVARIANT(found != listeners_.end(), "a connection of a listener that nobody added", listener);
  const std::string key = ip_key(peer);
  if (const std::optional<double> quota = ip_rates_ ? ip_rates_(peer) : std::nullopt) {
    PerIp& ip = ips_.try_emplace(key, PerIp{.rate = Rate(windows_)}).first->second;
    ip.last_ms = now_ms;
    ip.rate.record(1, now_ms);
    if (const std::int64_t delay = bounded(ip.rate.throttle_ms(*quota, now_ms)); delay > 0) {
      // It never came: it counts for nobody's rate.
      ip.rate.record(-1, now_ms);
      if (!is_protected(listener)) rate_.record(-1, now_ms);
      found->second.rate.record(-1, now_ms);
      return {.verdict = Verdict::too_fast, .delay_ms = delay};
    }
  }
  const auto limit = caps_.most_of_ip.find(key);
  const std::int32_t most = limit != caps_.most_of_ip.end() ? limit->second : caps_.most_per_ip;
  const auto open = counts_.find(key);
  if ((open != counts_.end() ? open->second : 0) >= most) {
    return {.verdict = Verdict::too_many_of_ip, .limit = most};
  }
  ++counts_[key];
  ++total_;
  ++found->second.count;
  return {};
}

void ConnectionLimits::release(std::string_view listener, const Address& peer) {
  const auto found = listeners_.find(listener);
  const auto ip = counts_.find(ip_key(peer));
  OTTLA_INVARIANT(found != listeners_.end() && found->second.count > 0 && total_ > 0 && ip != counts_.end(),
                  "a connection was released that was not taken", listener, total_);
  --found->second.count;
  --total_;
  if (--ip->second == 0) counts_.erase(ip);
}

bool ConnectionLimits::exceeded() const {
  return total_ > static_cast<std::size_t>(caps_.most);
}

std::size_t ConnectionLimits::count_of(std::string_view listener) const {
  const auto found = listeners_.find(listener);
  return found != listeners_.end() ? found->second.count : 0;
}

void ConnectionLimits::forget_idle(std::int64_t now_ms) {
  std::erase_if(ips_, [now_ms](const auto& each) { return now_ms - each.second.last_ms >= kIdleMs; });
}

ConnectionCaps::OfListener ConnectionLimits::caps_of(std::string_view listener) const {
  const auto found = caps_.listeners.find(listener);
  return found != caps_.listeners.end() ? found->second : ConnectionCaps::OfListener();
}

std::int64_t ConnectionLimits::bounded(std::int64_t throttle_ms) const {
  return std::min(throttle_ms, windows_.length_ms);
}

}  // namespace ottla::server
