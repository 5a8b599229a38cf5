#include "runtime/linux/unix_path.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/linux/socket_address.h"

namespace ottla {
namespace {

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Removes the socket at the address if nobody listens on it; false when it must stay.
bool remove_stale(const Address& address) {
  const std::string& path = address.path();
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT;
  if (!S_ISSOCK(found.st_mode)) return false;
  const Result<SocketAddress> name = SocketAddress::of(address);
  const Result<OpenSocket> probe = OpenSocket::make(Address::Family::local);
  if (!name.ok() || !probe.ok()) return false;
  if (::connect(probe->fd(), name->get(), name->size()) == 0 || errno != ECONNREFUSED) return false;
  struct stat again{};
  if (::lstat(path.c_str(), &again) != 0) return errno == ENOENT;
  return same_file(found, again) && ::unlink(path.c_str()) == 0;
}

}  // namespace

Result<UnixPath> UnixPath::bind(OpenSocket& socket, const Address& address) {
  Result<void> bound = socket.bind(address);
  if (!bound.ok() && bound.error() == Errc::address_in_use && remove_stale(address)) {
    bound = socket.bind(address);
  }
  OTTLA_CHECK(std::move(bound));
  UnixPath path;
  path.path_ = address.path();
  struct stat made{};
  if (::lstat(path.path_.c_str(), &made) != 0) return Error::from_errno(errno, "look at", path.path_);
  path.device_ = made.st_dev;
  path.inode_ = made.st_ino;
  return path;
}

void UnixPath::remove() {
  struct stat found{};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == inode_) (void)::unlink(path_.c_str());
  path_.clear();
}

}  // namespace ottla
