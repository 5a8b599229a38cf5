// Reads a segment from front to back, whole batches at a time.
//
// Use:         while (true) { OTTLA_CO_TRY(const auto batch, co_await scan.next()); if (!batch) break; … }
// Lifetime:    the file stays open meanwhile; a batch's bytes stand until the next call.
// Concurrency: confined to the file's shard. Yields when its slice is spent.
// Errors:      corrupt, where something else than a whole batch begins: position() is where. Checksums are for the
//              caller to look at, except for those of batches that are larger than kBuffer.
// Memory:      a buffer of kBuffer bytes, or as large as the largest batch whose checksum holds. Bytes lie in it as their
//              pages do in the file: a processor copies pages to pages far faster than across their borders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>

#include "base/result.h"
#include "runtime/file.h"
#include "runtime/task.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

class SegmentScan {
 public:
  static constexpr std::size_t kBuffer = std::size_t{1} << 20;

  SegmentScan(File& file, std::uint64_t begin, std::uint64_t end)
      : file_(file), position_(begin), end_(end), base_(page_of(begin)), filled_(base_) {}

  struct Batch {
    StoredBatch header;
    std::span<const std::byte> bytes;

    // It is larger than kBuffer, and its checksum does not hold: there are no bytes of it.
    bool is_damaged() const { return bytes.empty(); }
  };
  // Nothing at the end.
  Task<Result<std::optional<Batch>>> next();
  // Behind the last batch that was given.
  std::uint64_t position() const { return position_; }

 private:
  static constexpr std::uint64_t kPage = 4096;
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t(kPage)); }
  };
  using Pages = std::unique_ptr<std::byte[], Free>;

  static constexpr std::uint64_t page_of(std::uint64_t position) { return position / kPage * kPage; }
  std::span<const std::byte> held() const {
    return {buffer_.get() + (position_ - base_), static_cast<std::size_t>(filled_ - position_)};
  }
  // Holds at least so many bytes from position_ on, which the file must have.
  Task<Result<void>> hold(std::uint64_t size);
  // Read piece by piece: nothing is held behind it.
  Task<Result<bool>> checksum_holds(const StoredBatch& header);
  // Makes room for them.
  void move_on(std::uint64_t size);

  File& file_;
  std::uint64_t position_;
  const std::uint64_t end_;
  Pages buffer_;
  std::uint64_t capacity_ = 0;
  std::uint64_t base_;    // of the buffer, in the file; a page begins there
  std::uint64_t filled_;  // up to here the file was read
};

}  // namespace ottla::storage
