// One open file.
//
// Lifetime:    close() must have ended before it is destroyed (on a killed shard, destruction is silent).
// Concurrency: confined to its shard. Reads run side by side; writes one at a time, in the order of the
// calls:
//              what is appended while a write is in flight is written together after it. sync() waiters share
//              one fdatasync, which covers every write that had ended before it began.
// Invariants:  1. size() is where the next append goes: it counts what was queued and did not fail
//              2. after a failed sync, every later sync fails with Errc::sync_failed
// Errors:      no_space, io_error, read_only... A failed append, write_at or truncate takes along each of
//              them that was queued behind it: it fails with the same code, unwritten, and no hole is left.
//              size() is back at what had ended before; what lies there and behind is unknown, and the next
//              append overwrites it. Changes of a file opened for reading are invalid_argument; calls after
//              close() are closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/chain.h"
#include "base/range.h"
#include "base/result.h"
#include "runtime/task.h"

namespace ottla {

// A range source that lies in a file: streams send it without copying, others read it.
class FileRangeSource : public RangeSource {
 public:
  // Exactly `into.size()` bytes, or Errc::truncated at the end of the file. On any shard.
  virtual Task<Result<void>> read_at(std::uint64_t offset, std::span<std::byte> into) = 0;
  // For another shard, and called there: the same bytes under a source of that shard, which holds
  // `keep_alive`.
  virtual Claim<RangeSource> foreign_view(Claim<Block> keep_alive) const = 0;

 protected:
  FileRangeSource() : RangeSource(Kind::file) {}
};

// A file in memory, for small indexes. Writes through bytes() are durable after flush().
//
// Lifetime: independent of its File; close() must have ended before it is destroyed. While it lives, a
//           truncation below its end is refused as busy. bytes() of a file opened for reading must not be
//           written.
class Mapping {
 public:
  virtual ~Mapping() = default;
  virtual std::span<std::byte> bytes() = 0;
  virtual Task<Result<void>> flush() = 0;
  virtual Task<void> close() = 0;
};

class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  virtual std::uint64_t size() const = 0;
  // Writes at size(); gives the offset of the first byte. The chain must be in memory.
  virtual Task<Result<std::uint64_t>> append(Chain chain) = 0;
  // Overwrites, or extends, at a place of its own.
  virtual Task<Result<void>> write_at(std::uint64_t offset, Chain chain) = 0;
  // Fewer bytes than asked for only at the end of the file; 0 there.
  virtual Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) = 0;
  // What was written before the call is durable afterwards.
  virtual Task<Result<void>> sync() = 0;
  // Cuts off, or extends with zeros. In order with the writes.
  virtual Task<Result<void>> truncate(std::uint64_t size) = 0;
  // Reserves disk space; size() stays.
  virtual Task<Result<void>> preallocate(std::uint64_t size) = 0;

  // True when reading this range may have to wait for the disk.
  virtual bool would_block(std::uint64_t offset, std::uint64_t length) = 0;
  // Brings the range into the page cache, off the shard.
  virtual Task<Result<void>> warm(std::uint64_t offset, std::uint64_t length) = 0;
  // A piece of a chain. close() waits until all such pieces are given back.
  virtual Range range(std::uint64_t offset, std::uint64_t length) = 0;
  // Maps the first `size` bytes, growing the file to that size if it is smaller. Takes real disk space for
  // all of them, since a full disk could only kill the process later: grow indexes by steps.
  virtual Task<Result<std::unique_ptr<Mapping>>> map(std::uint64_t size) = 0;

  // Waits for what is in flight and for ranges that are out. Does not sync.
  virtual Task<void> close() = 0;
};

}  // namespace ottla
