// A socket's descriptor between its making and its use: made, prepared by options, handed on or closed.
//
// Lifetime: closes what was not handed over; on a killed shard it does nothing, as all doors there.
#pragma once

#include <utility>

#include "base/result.h"
#include "runtime/network.h"

namespace ottla {

class OpenSocket {
 public:
  explicit OpenSocket(int fd) : fd_(fd) {}
  OpenSocket(OpenSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenSocket& operator=(OpenSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OpenSocket();

  // A non-blocking stream socket for addresses of this family.
  static Result<OpenSocket> make(Address::Family family);

  int fd() const { return fd_; }
  // Whoever calls this closes it.
  [[nodiscard]] int hand_over() { return std::exchange(fd_, -1); }

  Result<void> set(int level, int name, int value, const char* what);
  // Accepted sockets inherit what their listener was given.
  Result<void> apply(const SocketOptions& options, Address::Family family);
  Result<void> bind(const Address& address);

 private:
  int fd_;
};

}  // namespace ottla
