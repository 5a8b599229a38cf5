// Bytes of an open file as ranges of chains carry them: a stream sends them from fd(), others read them.
//
// Lifetime:    the file stays open while a source of it is claimed: LinuxFile::close() waits.
// Concurrency: a source is confined to its shard. What it points to is fixed while the file is open, so that
//              foreign_view() may be called on another shard.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/range.h"
#include "runtime/clock.h"
#include "runtime/file.h"
#include "runtime/linux/open_file.h"

namespace ottla {

// Every FileRangeSource of the real world is one.
class LinuxFileSource : public FileRangeSource {
 public:
  static const LinuxFileSource& of(const Range& range);

  int fd() const { return file_.fd; }
  const OpenFile& file() const { return file_; }

  // How many bytes from `offset` on may be sent at `now` without a read of the disk, as far as is known
  // without asking: the kernel may take pages away, so that an answer holds only for a short time.
  std::uint64_t resident_from(std::uint64_t offset, Instant now) const {
    if (now >= resident_until_ || offset < resident_begin_) return 0;
    return resident_end_ - std::min(offset, resident_end_);
  }
  // Looks at the page cache; 0 when the first `wanted` bytes have to be read first.
  std::uint64_t find_resident(std::uint64_t offset, std::uint64_t wanted, Instant now) const;
  void note_resident(std::uint64_t offset, std::uint64_t length, Instant now) const;

  Task<Result<void>> read_at(std::uint64_t offset, std::span<std::byte> into) final;
  Claim<RangeSource> foreign_view(Claim<Block> keep_alive) const final;

 protected:
  explicit LinuxFileSource(const OpenFile& file) : file_(file) {}

 private:
  const OpenFile& file_;
  // The run that was looked at last: note_resident.
  mutable std::uint64_t resident_begin_ = 0;
  mutable std::uint64_t resident_end_ = 0;
  mutable Instant resident_until_{};
};

}  // namespace ottla
