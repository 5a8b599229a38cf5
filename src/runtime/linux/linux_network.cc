#include "runtime/linux/linux_network.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "runtime/linux/linux_listener.h"
#include "runtime/linux/linux_stream.h"
#include "runtime/linux/open_socket.h"
#include "runtime/linux/socket_address.h"
#include "runtime/linux/unix_path.h"
#include "runtime/offload.h"
#include "runtime/when.h"

namespace ottla {
namespace {

// Between two knocks at a Unix socket whose backlog is full: no event tells when it has room.
constexpr Duration kKnockAgain = std::chrono::milliseconds(2);
// So that "for ever" can be added to a time.
constexpr Duration kLongestWait = std::chrono::hours(24 * 365);

Result<void> start_listening(OpenSocket& socket, const Address& address, const ListenOptions& options,
                             UnixPath& path) {
  if (address.family() == Address::Family::local) {
    OTTLA_TRY(path, UnixPath::bind(socket, address));
  } else {
    OTTLA_CHECK(socket.bind(address));
  }
  const auto backlog = std::min<std::uint32_t>(options.backlog, std::numeric_limits<int>::max());
  if (::listen(socket.fd(), static_cast<int>(backlog)) == 0) return {};
  const int number = errno;
  path.remove();
  return Error::from_errno(number, "listen on", address.to_string());
}

Result<OpenSocket> prepare_listener(const Address& address, const ListenOptions& options) {
  OTTLA_TRY(OpenSocket socket, OpenSocket::make(address.family()));
  OTTLA_CHECK(socket.apply(options.accepted, address.family()));
  if (address.family() == Address::Family::local) return socket;
  OTTLA_CHECK(socket.set(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"));
  if (address.family() == Address::Family::ipv6) {
    OTTLA_CHECK(socket.set(IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0, "IPV6_V6ONLY"));
  }
  return socket;
}

Result<OpenSocket> prepare_connection(const Address& address, const ConnectOptions& options) {
  OTTLA_TRY(OpenSocket socket, OpenSocket::make(address.family()));
  OTTLA_CHECK(socket.apply(options.socket, address.family()));
  if (!options.from) return socket;
  if (options.from->family() != address.family()) {
    return Error(Errc::invalid_argument, "connect to " + address.to_string() + " from " +
                                             options.from->to_string() + ": the address families differ");
  }
  if (address.family() != Address::Family::local && options.from->port() == 0) {
    OTTLA_CHECK(socket.set(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1, "IP_BIND_ADDRESS_NO_PORT"));
  }
  OTTLA_CHECK(socket.bind(*options.from));
  return socket;
}

// Empty while neither is decided.
std::optional<Result<void>> outcome_of_connect(int fd, const Address& address) {
  int number = 0;
  socklen_t size = sizeof number;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
  if (number != 0) return Error::from_errno(number, "connect to", address.to_string());
  SocketAddress peer;
  if (::getpeername(fd, peer.writable(), peer.writable_size()) != 0) return std::nullopt;
  return Result<void>();
}

Task<Result<void>> wait_until_connected(Poller& poller, int fd, Address address, Cancel cancel) {
  SocketWatch watch(poller, fd);
  OTTLA_CO_CHECK(watch.start());
  for (;;) {
    watch.output_is_drained();
    Result<void> waited = co_await watch.until_output(cancel);
    std::optional<Result<void>> outcome;
    if (!waited.ok()) {
      outcome = std::move(waited);
    } else {
      outcome = outcome_of_connect(fd, address);
    }
    if (!outcome) continue;
    watch.stop();
    co_return std::move(*outcome);
  }
}

Task<Result<void>> establish(Poller& poller, int fd, Address address, Cancel cancel) {
  OTTLA_CO_TRY(const SocketAddress name, SocketAddress::of(address));
  while (::connect(fd, name.get(), name.size()) != 0) {
    if (errno == EINPROGRESS || errno == EINTR) {
      co_return co_await wait_until_connected(poller, fd, std::move(address), cancel);
    }
    if (errno != EAGAIN || address.family() != Address::Family::local) {
      co_return Error::from_errno(errno, "connect to", address.to_string());
    }
    OTTLA_CO_CHECK(co_await sleep_for(kKnockAgain, cancel));
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<std::unique_ptr<Listener>>> LinuxNetwork::listen(Address address, ListenOptions options) {
  OTTLA_CO_TRY(OpenSocket socket, prepare_listener(address, options));
  UnixPath path;
  if (address.family() == Address::Family::local) {  // this touches directories
    OTTLA_CO_CHECK(co_await offload(HelperKind::disk, [&socket, &address, &options, &path] {
      return start_listening(socket, address, options, path);
    }));
  } else {
    OTTLA_CO_CHECK(start_listening(socket, address, options, path));
  }
  co_return LinuxListener::open(poller_, std::move(socket), address, std::move(path));
}

Task<Result<std::unique_ptr<Stream>>> LinuxNetwork::connect(Address address, ConnectOptions options,
                                                            Cancel cancel) {
  if (cancel.requested()) co_return Errc::cancelled;
  OTTLA_CO_TRY(OpenSocket socket, prepare_connection(address, options));
  Result<void> established = co_await with_timeout(
      std::min(options.timeout, kLongestWait), cancel,
      [this, &socket, &address](Cancel inner) { return establish(poller_, socket.fd(), address, inner); });
  if (!established.ok()) {
    if (established.error() != Errc::timed_out || !established.error().text().empty()) {
      co_return std::move(established).error();
    }
    co_return Error(Errc::timed_out, "connect to " + address.to_string() + ": no answer in time");
  }
  Address local = local_address_of(socket.fd(), address);
  Address peer = peer_address_of(socket.fd(), address);
  if (address.family() != Address::Family::local && local == peer) {
    // Nobody listens, and the system chose that very port for this end: the socket is connected to itself.
    co_return Error(Errc::connection_refused, "connect to " + address.to_string() + ": nobody listens there");
  }
  co_return LinuxStream::open(poller_, socket.hand_over(), std::move(local), std::move(peer));
}

Task<Result<std::vector<Address>>> LinuxNetwork::resolve(std::string host, std::uint16_t port,
                                                         Cancel cancel) {
  return lookup_.resolve(std::move(host), port, cancel);
}

}  // namespace ottla
