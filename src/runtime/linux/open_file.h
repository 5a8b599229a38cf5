// What every part of an open file needs to know about it.
//
// Lifetime:    owned by the LinuxFile; does not move. Range sources and their foreign views point to it.
// Concurrency: fixed while the file is open, so any thread may read it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/linux/disk.h"
#include "runtime/linux/system_calls.h"

namespace ottla {

struct OpenFile {
  int fd = -1;
  bool writable = false;
  SystemCalls* calls = nullptr;
  Disk* disk = nullptr;
  std::shared_ptr<Inode> inode;
  std::string path;

  Error error(int number, std::string_view operation) const {
    return Error::from_errno(number, operation, path);
  }
};

}  // namespace ottla
