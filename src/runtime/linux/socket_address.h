// An Address in the form in which the kernel's socket calls take and give it.
#pragma once

#include <sys/socket.h>

#include "base/result.h"
#include "runtime/address.h"

namespace ottla {

class SocketAddress {
 public:
  SocketAddress() = default;  // room for the kernel to write into
  // Errc::invalid_argument when a path is too long for a socket's name.
  static Result<SocketAddress> of(const Address& address);

  int family() const { return storage_.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

  // For calls that fill in an address.
  sockaddr* writable() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t* writable_size() { return &size_; }

  // An IPv4 address that came in through an IPv6 socket is shown as IPv4. What is neither an IP address nor a
  // path is a socket without a name: an empty path.
  Address to_address() const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = sizeof(sockaddr_storage);
};

// The two ends of a socket. An end that is gone shows as the address that was given instead.
Address local_address_of(int fd, const Address& otherwise);
Address peer_address_of(int fd, const Address& otherwise);

}  // namespace ottla
