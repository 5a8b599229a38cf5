#include "runtime/address.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace ottla {
namespace {

constexpr std::string_view kLocalPrefix = "unix:";

template <typename Number>
std::optional<Number> parse_number(std::string_view text, int base, std::size_t max_digits) {
  if (text.empty() || text.size() > max_digits) return std::nullopt;
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::array<std::uint8_t, 4>> parse_ipv4(std::string_view text) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return std::nullopt;
    const std::string_view digits = text.substr(0, dot);
    const auto number = parse_number<std::uint8_t>(digits, 10, 3);
    // Some read 010 as ten, others as eight: nobody may have meant it.
    if (!number || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    bytes[i] = *number;
    if (i < 3) text.remove_prefix(dot + 1);
  }
  return bytes;
}

// The groups of one side of "::", or of the whole; false when malformed. Only at the address's end may the last
// 32 bits have IPv4's form.
bool parse_groups(std::string_view text, bool at_end, std::array<std::uint16_t, 8>& groups,
                  std::size_t& count) {
  count = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (group.find('.') != std::string_view::npos) {
      const auto tail = parse_ipv4(text);
      if (!tail || !at_end || count > 6) return false;
      groups[count++] = static_cast<std::uint16_t>((*tail)[0] << 8 | (*tail)[1]);
      groups[count++] = static_cast<std::uint16_t>((*tail)[2] << 8 | (*tail)[3]);
      return true;
    }
    const auto number = parse_number<std::uint16_t>(group, 16, 4);
    if (!number || count == 8) return false;
    groups[count++] = *number;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
  }
  return true;
}

std::optional<std::array<std::uint8_t, 16>> parse_ipv6(std::string_view text) {
  std::array<std::uint16_t, 8> front{};
  std::array<std::uint16_t, 8> back{};
  std::size_t front_count = 0;
  std::size_t back_count = 0;
  const std::size_t gap = text.find("::");
  const bool whole = gap == std::string_view::npos;
  if (!parse_groups(text.substr(0, gap), whole, front, front_count)) return std::nullopt;
  if (whole) {
    if (front_count != 8) return std::nullopt;
  } else {
    if (!parse_groups(text.substr(gap + 2), true, back, back_count)) return std::nullopt;
    if (front_count + back_count > 7) return std::nullopt;
    std::copy_n(back.begin(), back_count, front.end() - static_cast<std::ptrdiff_t>(back_count));
  }
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < front.size(); ++i) {
    bytes[2 * i] = static_cast<std::uint8_t>(front[i] >> 8);
    bytes[2 * i + 1] = static_cast<std::uint8_t>(front[i] & 0xff);
  }
  return bytes;
}

std::string show_ipv6(std::span<const std::uint8_t> bytes) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  std::size_t best = 8;
  std::size_t best_length = 1;  // a single zero group is written out
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < 8;) {
    if (i == best) {
      out += "::";
      i += best_length;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16).ptr;
    out.append(digits.data(), end);
    ++i;
  }
  return out;
}

}  // namespace

Address Address::ipv4(std::array<std::uint8_t, 4> bytes, std::uint16_t port) {
  Address address;
  std::ranges::copy(bytes, address.ip_.begin());
  address.port_ = port;
  return address;
}

Address Address::ipv6(std::array<std::uint8_t, 16> bytes, std::uint16_t port, std::uint32_t scope) {
  Address address;
  address.family_ = Family::ipv6;
  address.ip_ = bytes;
  address.port_ = port;
  address.scope_ = scope;
  return address;
}

Address Address::local(std::string path) {
  Address address;
  address.family_ = Family::local;
  address.path_ = std::move(path);
  return address;
}

Result<Address> Address::parse(std::string_view text) {
  const auto refuse = [text](std::string_view why) -> Error {
    return Error(Errc::invalid_argument, "address \"" + std::string(text) + "\": " + std::string(why));
  };
  if (text.starts_with(kLocalPrefix)) {
    const std::string_view path = text.substr(kLocalPrefix.size());
    if (path.empty() || path.size() > 107 || path.find('\0') != std::string_view::npos) {
      return refuse("a socket path has 1 to 107 bytes, none of them zero");
    }
    return local(std::string(path));
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("expected HOST:PORT");
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1), 10, 5);
  if (!port) return refuse("the port is a number from 0 to 65535");
  const std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    std::string_view inner = host.substr(1, host.size() - 2);
    std::uint32_t scope = 0;
    if (const std::size_t percent = inner.find('%'); percent != std::string_view::npos) {
      const auto number = parse_number<std::uint32_t>(inner.substr(percent + 1), 10, 10);
      if (!number) return refuse("the scope behind % is a number");
      scope = *number;
      inner = inner.substr(0, percent);
    }
    const auto bytes = parse_ipv6(inner);
    if (!bytes) return refuse("not an IPv6 address");
    return ipv6(*bytes, *port, scope);
  }
  const auto bytes = parse_ipv4(host);
  if (!bytes) return refuse("not an IPv4 address (IPv6 stands in brackets; names are resolved elsewhere)");
  return ipv4(*bytes, *port);
}

Address Address::with_port(std::uint16_t port) const {
  Address copy = *this;
  copy.port_ = port;
  return copy;
}

std::string Address::host() const {
  switch (family_) {
    case Family::local:
      return path_;
    case Family::ipv6:
      return scope_ == 0 ? show_ipv6(ip_) : show_ipv6(ip_) + '%' + std::to_string(scope_);
    case Family::ipv4:
      break;
  }
  std::string out = std::to_string(ip_[0]);
  for (std::size_t i = 1; i < 4; ++i) out += '.' + std::to_string(ip_[i]);
  return out;
}

std::string Address::to_string() const {
  switch (family_) {
    case Family::local:
      return std::string(kLocalPrefix) + path_;
    case Family::ipv6:
      return '[' + host() + "]:" + std::to_string(port_);
    case Family::ipv4:
      break;
  }
  return host() + ':' + std::to_string(port_);
}

}  // namespace ottla
