// A listening socket: TCP or Unix.
//
// Lifetime:    as Listener; the path of a Unix socket is removed at close().
// Concurrency: confined to its shard, one accept at a time; the pending streams go where they like.
// Invariants:  when descriptors or memory ran out, the next accept waits a moment first, so that a caller who
//              simply tries again does not spin.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "runtime/event.h"
#include "runtime/linux/open_socket.h"
#include "runtime/linux/socket_watch.h"
#include "runtime/linux/unix_path.h"
#include "runtime/network.h"

namespace ottla {

class LinuxListener final : public Listener {
 public:
  // Takes over a socket that listens already.
  static Result<std::unique_ptr<Listener>> open(Poller& poller, OpenSocket socket, const Address& asked,
                                                UnixPath path);
  ~LinuxListener() override;

  Task<Result<std::unique_ptr<PendingStream>>> accept(Cancel cancel) override;
  Address address() const override { return address_; }
  Task<void> close() override;

 private:
  class Use;

  LinuxListener(Poller& poller, int fd, Address address, UnixPath path);
  // Empty when nobody knocks.
  std::optional<Result<std::unique_ptr<PendingStream>>> take_one();
  Task<Result<void>> pause(Cancel cancel);

  SocketWatch watch_;
  const Address address_;
  UnixPath path_;
  bool accepting_ = false;  // an accept is in flight
  bool starved_ = false;    // the last accept found no descriptor or memory: take_one
  bool closed_ = true;      // there is no descriptor: open, close
  CancelSource closing_;    // ends the pause of a starved accept: close
  Event quiet_;             // woken when an accept ends: close waits for it
};

}  // namespace ottla
