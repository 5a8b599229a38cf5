#include "runtime/linux/linux_listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/linux/linux_pending_stream.h"
#include "runtime/linux/socket_address.h"
#include "runtime/offload.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla {
namespace {

constexpr Duration kStarvedPause = std::chrono::milliseconds(20);

// The connection that was to be accepted is gone, or was never good; the next one may be.
bool concerns_one_connection(int number) {
  switch (number) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:  // a firewall's answer
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case ETIMEDOUT:
      return true;
    default:
      return false;
  }
}

}  // namespace

class LinuxListener::Use {
 public:
  explicit Use(LinuxListener& listener) : listener_(listener) {
    OTTLA_INVARIANT(!listener.accepting_, "two accepts of one listener at a time", listener.address_);
    listener.accepting_ = true;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    if (Shard::current().killed()) return;  // the listener may be gone before this frame
    listener_.accepting_ = false;
    listener_.quiet_.wake_all();
  }

 private:
  LinuxListener& listener_;
};

Result<std::unique_ptr<Listener>> LinuxListener::open(Poller& poller, OpenSocket socket, const Address& asked,
                                                      UnixPath path) {
  std::unique_ptr<LinuxListener> listener(
      new LinuxListener(poller, socket.fd(), local_address_of(socket.fd(), asked), std::move(path)));
  OTTLA_CHECK(listener->watch_.start());
  (void)socket.hand_over();
  listener->closed_ = false;
  ++Shard::current().open_doors().sockets;
  return std::unique_ptr<Listener>(std::move(listener));
}

LinuxListener::LinuxListener(Poller& poller, int fd, Address address, UnixPath path)
    : watch_(poller, fd), address_(std::move(address)), path_(std::move(path)) {}

LinuxListener::~LinuxListener() {
  if (closed_) return;
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(shard != nullptr && shard->killed(), "a listener died before it was closed", address_);
}

Task<Result<std::unique_ptr<PendingStream>>> LinuxListener::accept(Cancel cancel) {
  const Use use(*this);
  if (starved_) OTTLA_CO_CHECK(co_await pause(cancel));
  if (Shard::current().slice_spent()) co_await yield();  // a full backlog must not hold the shard
  for (;;) {
    OTTLA_CO_CHECK(co_await watch_.until_input(cancel));
    if (auto taken = take_one()) co_return std::move(*taken);
  }
}

std::optional<Result<std::unique_ptr<PendingStream>>> LinuxListener::take_one() {
  for (;;) {
    SocketAddress peer;
    const int fd =
        ::accept4(watch_.fd(), peer.writable(), peer.writable_size(), SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      OpenSocket socket(fd);
      Address local = local_address_of(fd, address_);
      return std::make_unique<LinuxPendingStream>(std::move(socket), std::move(local), peer.to_address());
    }
    if (errno == EAGAIN) {
      watch_.input_is_drained();
      return std::nullopt;
    }
    if (concerns_one_connection(errno)) continue;
    starved_ = true;
    return Error::from_errno(errno, "accept on", address_.to_string());
  }
}

Task<Result<void>> LinuxListener::pause(Cancel cancel) {
  if (watch_.is_shut()) co_return Errc::closed;
  starved_ = false;
  CancelSource either(closing_.token());
  struct Relay final : CancelHook {
    explicit Relay(CancelSource& target) : target(target) {}
    void on_cancel() override { target.request(); }
    CancelSource& target;
  };
  Relay relay(either);
  if (cancel.requested()) co_return Errc::cancelled;
  cancel.attach(relay);
  (void)co_await sleep_for(kStarvedPause, either.token());
  if (watch_.is_shut()) co_return Errc::closed;
  if (cancel.requested()) co_return Errc::cancelled;
  co_return Result<void>();
}

Task<void> LinuxListener::close() {
  watch_.shut();
  closing_.request();
  while (accepting_) co_await quiet_.wait();
  if (closed_) co_return;
  closed_ = true;
  watch_.stop();
  ::close(watch_.fd());
  --Shard::current().open_doors().sockets;
  if (!path_.empty()) co_await offload(HelperKind::disk, [this] { path_.remove(); });
}

}  // namespace ottla
