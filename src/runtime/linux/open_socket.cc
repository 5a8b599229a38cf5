#include "runtime/linux/open_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "runtime/linux/socket_address.h"
#include "runtime/shard.h"

namespace ottla {
namespace {

int domain_of(Address::Family family) {
  switch (family) {
    case Address::Family::ipv4:
      return AF_INET;
    case Address::Family::ipv6:
      return AF_INET6;
    case Address::Family::local:
      return AF_UNIX;
  }
  return AF_UNSPEC;
}

int clamp_to_int(std::uint32_t bytes) {
  return static_cast<int>(std::min<std::uint32_t>(bytes, std::numeric_limits<int>::max()));
}

}  // namespace

OpenSocket::~OpenSocket() {
  const Shard* shard = Shard::current_or_null();
  if (fd_ >= 0 && (shard == nullptr || !shard->killed())) ::close(fd_);
}

Result<OpenSocket> OpenSocket::make(Address::Family family) {
  const int fd = ::socket(domain_of(family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Error::from_errno(errno, "socket");
  return OpenSocket(fd);
}

Result<void> OpenSocket::set(int level, int name, int value, const char* what) {
  if (::setsockopt(fd_, level, name, &value, sizeof value) == 0) return {};
  return Error::from_errno(errno, "set socket option", what);
}

Result<void> OpenSocket::apply(const SocketOptions& options, Address::Family family) {
  if (options.send_buffer) {
    OTTLA_CHECK(set(SOL_SOCKET, SO_SNDBUF, clamp_to_int(*options.send_buffer), "SO_SNDBUF"));
  }
  if (options.receive_buffer) {
    OTTLA_CHECK(set(SOL_SOCKET, SO_RCVBUF, clamp_to_int(*options.receive_buffer), "SO_RCVBUF"));
  }
  if (family == Address::Family::local) return {};
  if (options.keep_alive) OTTLA_CHECK(set(SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE"));
  if (options.no_delay) OTTLA_CHECK(set(IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY"));
  return {};
}

Result<void> OpenSocket::bind(const Address& address) {
  OTTLA_TRY(const SocketAddress name, SocketAddress::of(address));
  if (::bind(fd_, name.get(), name.size()) == 0) return {};
  return Error::from_errno(errno, "bind to", address.to_string());
}

}  // namespace ottla
