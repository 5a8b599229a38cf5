// A window that slides over a file: any run of bytes in one piece, read in large steps.
//
// Lifetime:    over a file that outlives it. Bytes are valid until the next call.
// Concurrency: confined to one shard.
// Invariants:  memory is bounded by what is asked for, or one step if that is more; nothing beyond the file's end is
//              ever allocated.
// Errors:      truncated, at the end of the file; those of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "runtime/task.h"

namespace ottla {
class File;
}

namespace ottla::cli {

class FileWindow {
 public:
  static constexpr std::size_t kStep = std::size_t{256} * 1024;

  explicit FileWindow(File& file) : file_(file) {}

  // Empty when those bytes have not been read yet, or size is 0.
  std::span<const std::byte> at_hand(std::uint64_t offset, std::size_t size) const {
    if (offset < begin_ || offset - begin_ > bytes_.size() || size > bytes_.size() - (offset - begin_))
      return {};
    return std::span(bytes_).subspan(static_cast<std::size_t>(offset - begin_), size);
  }
  // Exactly so many.
  Task<Result<std::span<const std::byte>>> read(std::uint64_t offset, std::size_t size);

 private:
  File& file_;
  std::uint64_t begin_ = 0;
  std::vector<std::byte> bytes_;
};

}  // namespace ottla::cli
