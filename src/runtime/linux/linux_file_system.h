// The real disk's door: opens files, and does directory work on helpers.
//
// Lifetime:    one a shard; the governor is shared by all of them and outlives them.
// Concurrency: confined to its shard.
#pragma once

#include "runtime/file_system.h"
#include "runtime/linux/disk_governor.h"

namespace ottla {

class LinuxFileSystem final : public FileSystem {
 public:
  explicit LinuxFileSystem(DiskGovernor& governor) : governor_(governor), calls_(governor.calls()) {}

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override;
  Task<Result<FileStatus>> status(std::string path) override;
  Task<Result<std::vector<DirectoryEntry>>> list(std::string path) override;
  Task<Result<std::vector<SeenEntry>>> look_into(std::string path, LookTerms terms) override;
  Task<Result<void>> make_directories(std::string path, Durability durability) override;
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override;
  Task<Result<void>> remove(std::string path, Durability durability) override;
  Task<Result<void>> remove_tree(std::string path) override;
  Task<Result<void>> sync_directory(std::string path) override;
  Task<Result<void>> sync_everything(std::string path) override;
  Task<Result<DiskSpace>> space(std::string path) override;
  Task<Result<std::unique_ptr<FileLock>>> lock(std::string path) override;

 private:
  DiskGovernor& governor_;
  SystemCalls& calls_;
};

}  // namespace ottla
