// A connected byte stream: a socket, or TLS over one.
//
// Lifetime:    close() must have ended before it is destroyed (on a killed shard, destruction is silent).
// Concurrency: confined to its shard; at most one read and one write at a time, side by side.
// Errors:      end_of_stream when the peer finished in good order; connection_reset, timed_out...; closed on
//              this end's own doing. A cancel that was requested before the call stops it before it begins; a
//              later one leaves the stream usable for reads, and for writes too if nothing of the chain was
//              sent. After a chain that was sent in part, for whatever reason, writes give closed.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/chain.h"
#include "base/result.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla {

class PendingStream;

using ReadVector = std::span<const std::span<std::byte>>;

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // Ends when a read would find bytes, the end, or an error: wait here without pinning a buffer.
  virtual Task<Result<void>> wait_readable(Cancel cancel) = 0;
  // At least one byte, into the spans in order. The spans and what they point to stay alive until it ends.
  virtual Task<Result<std::size_t>> read(ReadVector into, Cancel cancel) = 0;
  Task<Result<std::size_t>> read(std::span<std::byte> into, Cancel cancel = {}) {
    return read_one(into, cancel);
  }
  // The whole chain, memory and file ranges in order. Ends when all of it is handed to the kernel:
  // back-pressure. Errc::truncated when a file ends before its range; Errc::unsupported, before the first byte,
  // for ranges of other kinds.
  virtual Task<Result<void>> write(Chain chain, Cancel cancel = {}) = 0;
  // No more writes: the peer reads end_of_stream after what was written.
  virtual Task<Result<void>> finish_writing() = 0;
  // Ends reads and writes in flight with Errc::closed, then frees everything. Does no harm when called again.
  virtual Task<void> close() = 0;
  // Like close(), but the peer sees a reset rather than an end.
  virtual Task<void> abort() = 0;
  // Leaves this shard, while nobody reads or writes: the connection goes on wherever it is adopted, with what has come
  // meanwhile, and this end is as after close(). Nothing when it has to stay where it is: it has failed, it may not be
  // written to any more, or it is of a kind that cannot leave.
  virtual Task<std::unique_ptr<PendingStream>> depart();

  virtual Address local_address() const = 0;
  virtual Address peer_address() const = 0;

 private:
  // The common case. Where each frame counts, a stream has a way of its own.
  virtual Task<Result<std::size_t>> read_one(std::span<std::byte> into, Cancel cancel) {
    const std::span<std::byte> one[] = {into};
    co_return co_await read(ReadVector(one), cancel);
  }
};

}  // namespace ottla
