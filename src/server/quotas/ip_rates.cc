#include "server/quotas/ip_rates.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "metadata/quota_entity.h"
#include "runtime/address.h"

namespace ottla::server {
namespace {

constexpr std::string_view kIp = "ip";
constexpr std::string_view kRate = "connection_creation_rate";

// An address as people write it, without a port.
std::optional<Address> parse_ip(const std::string& text) {
  const bool is_ipv6 = text.find(':') != std::string::npos;
  const Result<Address> address = Address::parse(is_ipv6 ? '[' + text + "]:0" : text + ":0");
  return address.ok() ? std::optional(*address) : std::nullopt;
}

struct Rates {
  std::map<std::string, double, std::less<>> by_ip;
  std::optional<double> otherwise;
};

}  // namespace

IpRateLookup ip_rates(const metadata::QuotasImage& quotas) {
  auto rates = std::make_shared<Rates>();
  for (const auto& [entity, values] : quotas) {
    if (entity.parts.size() != 1 || entity.parts.front().type != kIp) continue;
    const double* rate = values.find(kRate);
    if (rate == nullptr) continue;
    const std::optional<std::string>& name = entity.parts.front().name;
    if (!name) {
      rates->otherwise = *rate;
    } else if (const std::optional<Address> address = parse_ip(*name)) {
      rates->by_ip[ip_key(*address)] = *rate;
    }
  }
  if (rates->by_ip.empty() && !rates->otherwise) return {};
  return [rates = std::move(rates)](const Address& peer) {
    const auto found = rates->by_ip.find(ip_key(peer));
    return found != rates->by_ip.end() ? std::optional(found->second) : rates->otherwise;
  };
}

}  // namespace ottla::server
