// Where a socket listens or connects: IPv4, IPv6 or a Unix path. A value without I/O; names are resolved by
// Network.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ottla {

class Address {
 public:
  enum class Family : std::uint8_t { ipv4, ipv6, local };

  Address() = default;  // 0.0.0.0:0
  static Address ipv4(std::array<std::uint8_t, 4> bytes, std::uint16_t port);
  static Address ipv6(std::array<std::uint8_t, 16> bytes, std::uint16_t port, std::uint32_t scope = 0);
  static Address local(std::string path);
  static Address loopback(std::uint16_t port) { return ipv4({127, 0, 0, 1}, port); }
  // "127.0.0.1:9092", "[::1]:9092", "unix:/run/ottla.sock". Numbers only.
  static Result<Address> parse(std::string_view text);

  Family family() const { return family_; }
  std::span<const std::uint8_t> ip() const { return {ip_.data(), family_ == Family::ipv4 ? 4U : 16U}; }
  std::uint16_t port() const { return port_; }
  std::uint32_t scope() const { return scope_; }
  const std::string& path() const { return path_; }
  Address with_port(std::uint16_t port) const;

  // The host part as people write it: "127.0.0.1", "::1", or the path.
  std::string host() const;
  // What parse() reads.
  std::string to_string() const;

  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  Family family_ = Family::ipv4;
  std::uint16_t port_ = 0;
  std::uint32_t scope_ = 0;
  std::array<std::uint8_t, 16> ip_{};
  std::string path_;
};

}  // namespace ottla
