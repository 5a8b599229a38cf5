// fuzz: base runtime
//
// Any text: what parses as an address must print as a text that parses to the same and prints alike, and numbers
// must mean what the system's own reader takes them for, which also says what must be refused.

#include "runtime/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/invariant.h"

namespace ottla {
namespace {

// The bytes that inet_pton reads out of `host`.
template <std::size_t size>
std::optional<std::array<std::uint8_t, size>> oracle(int family, std::string_view host) {
  std::array<std::uint8_t, size> bytes{};
  if (host.find('\0') != std::string_view::npos) return std::nullopt;
  if (::inet_pton(family, std::string(host).c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

void check_round_trip(const Address& address) {
  const std::string text = address.to_string();
  const Result<Address> again = Address::parse(text);
  OTTLA_INVARIANT(again.ok(), "printed what does not parse", text);
  OTTLA_INVARIANT(*again == address, "printed what parses to another", text);
  OTTLA_INVARIANT(again->to_string() == text, "prints in two ways", text);
}

void check_host(std::string_view host) {
  const auto plain = oracle<4>(AF_INET, host);
  const Result<Address> ipv4 = Address::parse(std::string(host) + ":1");
  const bool is_ipv4 = ipv4.ok() && ipv4->family() == Address::Family::ipv4;
  OTTLA_INVARIANT(is_ipv4 == plain.has_value(), "an IPv4 address or not", host);
  OTTLA_INVARIANT(!plain || std::ranges::equal(ipv4->ip(), *plain), "another IPv4 address", host);

  if (host.find('%') != std::string_view::npos) return;
  const auto long_one = oracle<16>(AF_INET6, host);
  const Result<Address> ipv6 = Address::parse('[' + std::string(host) + "]:1");
  OTTLA_INVARIANT(ipv6.ok() == long_one.has_value(), "an IPv6 address or not", host);
  OTTLA_INVARIANT(!long_one || std::ranges::equal(ipv6->ip(), *long_one), "another IPv6 address", host);
}

void check(std::string_view input) {
  if (const Result<Address> parsed = Address::parse(input); parsed.ok()) check_round_trip(*parsed);
  if (!input.starts_with("unix:") && input.find('[') == std::string_view::npos) check_host(input);
}

}  // namespace
}  // namespace ottla

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  ottla::check(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
