// The first bytes of a file, mapped and shared with it: read_at() and bytes() show the same.
//
// SIGBUS:      what can be prevented is. Every byte has its block when the map is made (a full disk shows
//              there), the pages are brought in on a helper, and no file of this process shrinks the inode
//              below a living map. What remains is another process that truncates the file, and a disk that
//              fails to read a page back: both end this process.
// Lifetime:    close() must have ended before it is destroyed. Independent of the File it was made from.
// Concurrency: confined to its shard; flush and unmap run on helpers.
#pragma once

#include <memory>

#include "runtime/file.h"
#include "runtime/linux/open_file.h"

namespace ottla {

class LinuxMapping final : public Mapping {
 public:
  // On the shard; the file reaches to `size` already.
  static Task<Result<std::unique_ptr<Mapping>>> make(const OpenFile& file, std::uint64_t size);

  LinuxMapping(const OpenFile& file, std::span<std::byte> bytes);
  ~LinuxMapping() override;

  std::span<std::byte> bytes() override;
  Task<Result<void>> flush() override;
  Task<void> close() override;

 private:
  SystemCalls& calls_;
  Disk& disk_;
  std::shared_ptr<Inode> inode_;
  std::string path_;
  std::span<std::byte> bytes_;
  std::int64_t flushing_ = 0;  // flush() calls under way
  bool closed_ = false;
};

}  // namespace ottla
