// Reads a run of a segment in chunks of whole batches, one chunk ahead: while one is worked on, the next one is read.
//
// Use:         fetch();  while (!(chunk = take()).empty()) { … work on it beside fetch() … }
// Lifetime:    the file stays open meanwhile; a chunk stands until the take() after the next one.
// Concurrency: confined to the file's shard; a chunk may be read on another thread while fetch() is under way.
// Invariants:  chunks follow each other without a gap, and none is empty before the end
// Errors:      corrupt, with the position, where something else than a batch begins, one reaches beyond the end, or the
//              checksum of a large one does not hold.
// Memory:      two buffers of `buffer_size`; one grows when a batch is larger than it. For one above kBelieved it does
//              once the checksum has held, since a length that rotted may say anything.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "runtime/file.h"
#include "runtime/task.h"

namespace ottla::storage {

class BatchChunks {
 public:
  static constexpr std::size_t kBelieved = std::size_t{1} << 20;

  // From the beginning of a batch to the end of one.
  BatchChunks(File& file, std::uint64_t begin, std::uint64_t end, std::size_t buffer_size)
      : file_(file), end_(end), buffer_size_(buffer_size) {
    buffers_[0].position = begin;
  }

  Task<Result<void>> fetch();
  // What the last fetch() got; empty at the end.
  std::span<const std::byte> take();
  // Where in the segment the chunk that was taken last begins.
  std::uint64_t position() const { return buffers_[current_].position; }

 private:
  struct Buffer {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t capacity = 0;
    std::size_t filled = 0;
    std::size_t whole = 0;       // bytes of whole batches, from the beginning
    std::uint64_t position = 0;  // in the segment

    std::span<const std::byte> batches() const { return {bytes.get(), whole}; }
    void hold(std::size_t size);
  };

  std::uint64_t left_of(const Buffer& buffer) const { return end_ - buffer.position - buffer.filled; }
  Task<Result<void>> fill(Buffer& buffer);
  // Of the batch at the buffer's beginning, read piece by piece.
  Task<Result<void>> check(std::uint64_t position, std::size_t size);
  // How many bytes there have to be to get any further.
  Result<std::size_t> measure(Buffer& buffer) const;

  File& file_;
  const std::uint64_t end_;
  const std::size_t buffer_size_;
  std::array<Buffer, 2> buffers_;
  std::size_t current_ = 0;
};

}  // namespace ottla::storage
