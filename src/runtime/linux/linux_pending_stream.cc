#include "runtime/linux/linux_pending_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include "runtime/linux/linux_network.h"
#include "runtime/linux/linux_stream.h"
#include "runtime/shard.h"

namespace ottla {

LinuxPendingStream::~LinuxPendingStream() {
  if (socket_.fd() < 0) return;
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(shard != nullptr && shard->killed(), "a connection was neither adopted nor refused", peer_);
  (void)socket_.hand_over();
}

Result<std::unique_ptr<Stream>> LinuxPendingStream::adopt() {
  OTTLA_INVARIANT(socket_.fd() >= 0, "a connection was adopted or refused twice", peer_);
  auto* network = dynamic_cast<LinuxNetwork*>(&Shard::current().network());
  OTTLA_INVARIANT(network != nullptr, "a connection was adopted in another world", peer_);
  return LinuxStream::open(network->poller(), socket_.hand_over(), local_, peer_);
}

void LinuxPendingStream::refuse() {
  OTTLA_INVARIANT(socket_.fd() >= 0, "a connection was adopted or refused twice", peer_);
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(socket_.hand_over());
}

}  // namespace ottla
