// A socket on no shard's poller: accepted and not yet adopted, or on its way from one shard to another.
//
// Lifetime:    adopted or refused before it is destroyed, but on a killed shard: there the peer hears of it when the
//              process is gone.
// Concurrency: in one shard's hands at a time.
#pragma once

#include <memory>
#include <utility>

#include "runtime/linux/open_socket.h"
#include "runtime/network.h"

namespace ottla {

class LinuxPendingStream final : public PendingStream {
 public:
  LinuxPendingStream(OpenSocket socket, Address local, Address peer)
      : socket_(std::move(socket)), local_(std::move(local)), peer_(std::move(peer)) {}
  ~LinuxPendingStream() override;

  Address peer_address() const override { return peer_; }
  Address local_address() const override { return local_; }
  Result<std::unique_ptr<Stream>> adopt() override;
  void refuse() override;

 private:
  OpenSocket socket_;
  const Address local_;
  const Address peer_;
};

}  // namespace ottla
