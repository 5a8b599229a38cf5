// The file system's side of a Unix socket: its path is taken from a listener that died, and removed at the end.
//
// Concurrency: calls block on directories: for helper threads.
// Invariants:  nothing is removed but a socket that refused a connection, or that this listener made.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "runtime/linux/open_socket.h"

namespace ottla {

class UnixPath {
 public:
  UnixPath() = default;  // of a socket without a path
  // Binds `socket` to the path, where a stale socket may lie. Errc::address_in_use when somebody listens there,
  // or when what lies there is no socket.
  static Result<UnixPath> bind(OpenSocket& socket, const Address& address);

  bool empty() const { return path_.empty(); }
  // Unless somebody else took the path meanwhile.
  void remove();

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace ottla
