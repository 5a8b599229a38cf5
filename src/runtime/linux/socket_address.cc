#include "runtime/linux/socket_address.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>

namespace ottla {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedIpv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

Result<SocketAddress> SocketAddress::of(const Address& address) {
  SocketAddress out;
  switch (address.family()) {
    case Address::Family::ipv4: {
      auto& ip = reinterpret_cast<sockaddr_in&>(out.storage_);
      ip.sin_family = AF_INET;
      ip.sin_port = htons(address.port());
      std::memcpy(&ip.sin_addr, address.ip().data(), 4);
      out.size_ = sizeof ip;
      break;
    }
    case Address::Family::ipv6: {
      auto& ip = reinterpret_cast<sockaddr_in6&>(out.storage_);
      ip.sin6_family = AF_INET6;
      ip.sin6_port = htons(address.port());
      ip.sin6_scope_id = address.scope();
      std::memcpy(&ip.sin6_addr, address.ip().data(), 16);
      out.size_ = sizeof ip;
      break;
    }
    case Address::Family::local: {
      auto& local = reinterpret_cast<sockaddr_un&>(out.storage_);
      const std::string& path = address.path();
      if (path.empty() || path.size() >= sizeof local.sun_path || path.find('\0') != std::string::npos) {
        return Error(Errc::invalid_argument, "socket path \"" + path + "\": has 1 to 107 bytes and no zero");
      }
      local.sun_family = AF_UNIX;
      std::ranges::copy(path, local.sun_path);
      out.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
      break;
    }
  }
  return out;
}

Address SocketAddress::to_address() const {
  if (storage_.ss_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(storage_);
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &ip.sin_addr, bytes.size());
    return Address::ipv4(bytes, ntohs(ip.sin_port));
  }
  if (storage_.ss_family == AF_INET6) {
    const auto& ip = reinterpret_cast<const sockaddr_in6&>(storage_);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &ip.sin6_addr, bytes.size());
    if (std::equal(kMappedIpv4.begin(), kMappedIpv4.end(), bytes.begin())) {
      return Address::ipv4({bytes[12], bytes[13], bytes[14], bytes[15]}, ntohs(ip.sin6_port));
    }
    return Address::ipv6(bytes, ntohs(ip.sin6_port), ip.sin6_scope_id);
  }
  const auto& local = reinterpret_cast<const sockaddr_un&>(storage_);
  const std::size_t room =
      size_ > offsetof(sockaddr_un, sun_path) ? size_ - offsetof(sockaddr_un, sun_path) : 0;
  return Address::local(std::string(local.sun_path, ::strnlen(local.sun_path, room)));
}

Address local_address_of(int fd, const Address& otherwise) {
  SocketAddress name;
  return ::getsockname(fd, name.writable(), name.writable_size()) == 0 ? name.to_address() : otherwise;
}

Address peer_address_of(int fd, const Address& otherwise) {
  SocketAddress name;
  return ::getpeername(fd, name.writable(), name.writable_size()) == 0 ? name.to_address() : otherwise;
}

}  // namespace ottla
