// A connected socket: TCP or Unix.
//
// Reads and writes try at once and wait only when the kernel has nothing, so that the steady state makes no
// system call but the transfer itself and allocates nothing beyond recycled frames.
//
// Lifetime:    as in runtime/stream.h.
// Concurrency: confined to its shard.
// Invariants:  1. bytes leave in the order of the chain: memory by sendmsg, file ranges by sendfile
//              2. a file range that is not in the page cache is read on a helper's thread before it is sent, and what
//                 follows it meanwhile
//              3. an error of the socket is remembered, since the kernel tells each only once
// Errors:      as in runtime/stream.h; truncated when a file ends before its range, unsupported for ranges of
//              remote objects. A chain that failed half way leaves nothing more to write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "runtime/event.h"
#include "runtime/linux/read_ahead.h"
#include "runtime/linux/socket_watch.h"
#include "runtime/stream.h"

namespace ottla {

class LinuxStream final : public Stream {
 public:
  // Takes over `fd`, closed if it cannot be watched.
  static Result<std::unique_ptr<Stream>> open(Poller& poller, int fd, Address local, Address peer);
  ~LinuxStream() override;

  Task<Result<void>> wait_readable(Cancel cancel) override;
  Task<Result<std::size_t>> read(ReadVector into, Cancel cancel) override;
  Task<Result<void>> write(Chain chain, Cancel cancel) override;
  Task<Result<void>> finish_writing() override;
  Task<void> close() override;
  Task<void> abort() override;
  Task<std::unique_ptr<PendingStream>> depart() override;

  Address local_address() const override { return local_; }
  Address peer_address() const override { return peer_; }

 private:
  class Use;
  // Empty when the socket would block.
  using Transferred = std::optional<Result<std::size_t>>;

  LinuxStream(Poller& poller, int fd, Address local, Address peer);

  Task<Result<std::size_t>> read_one(std::span<std::byte> into, Cancel cancel) override;
  Transferred receive(ReadVector into);
  Transferred send_front(const Chain& chain, std::uint64_t resident);
  Transferred outcome_of(std::int64_t count, const char* operation);
  std::uint64_t resident_part(const Range& range);
  Task<Result<void>> make_resident(Range range);
  static bool outstays(std::uint8_t& operations);
  std::optional<Error> why_not_writable(const Chain& chain) const;

  SocketWatch watch_;
  bool reading_ = false;                // a read or wait_readable is in flight
  bool writing_ = false;                // a write or finish_writing is in flight
  bool finished_ = false;               // no more writes: finish_writing
  bool closed_ = true;                  // there is no descriptor: open, close
  std::uint8_t eager_reads_ = 0;        // in a row: outstays
  std::uint8_t eager_writes_ = 0;       // in a row: outstays
  std::optional<Error> failure_;        // the socket's error, for both directions: receive, outcome_of
  std::optional<Error> write_failure_;  // why nothing more can be written: outcome_of, write
  std::unique_ptr<ReadAhead> ahead_;    // from the first part on that was not in the page cache
  Event quiet_;                         // woken when an operation ends: close waits for it
  const Address local_;
  const Address peer_;
};

}  // namespace ottla
