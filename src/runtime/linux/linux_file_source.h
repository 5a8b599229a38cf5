// Bytes of an open file as ranges of chains carry them: a stream sends them from fd(), others read them.
//
// Lifetime:    the file stays open while a source of it is claimed: LinuxFile::close() waits.
// Concurrency: a source is confined to its shard. What it points to is fixed while the file is open, so that
//              foreign_view() may be called on another shard.
#pragma once

#include "runtime/file.h"
#include "runtime/linux/open_file.h"

namespace ottla {

// Every FileRangeSource of the real world is one.
class LinuxFileSource : public FileRangeSource {
 public:
  int fd() const { return file_.fd; }
  const OpenFile& file() const { return file_; }

  Task<Result<void>> read_at(std::uint64_t offset, std::span<std::byte> into) final;
  Claim<RangeSource> foreign_view(Claim<Block> keep_alive) const final;

 protected:
  explicit LinuxFileSource(const OpenFile& file) : file_(file) {}

 private:
  const OpenFile& file_;
};

}  // namespace ottla
