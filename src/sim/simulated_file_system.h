// A shard's door to the simulated disk of its host.
//
// Promises are runtime/file_system.h's own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/file_system.h"
#include "sim/disk_node.h"

namespace ottla::sim {

class ShardHome;

class SimulatedFileSystem final : public FileSystem {
 public:
  explicit SimulatedFileSystem(ShardHome& home) : home_(home) {}

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override;
  Task<Result<FileStatus>> status(std::string path) override;
  Task<Result<std::vector<DirectoryEntry>>> list(std::string path) override;
  Task<Result<void>> make_directories(std::string path, Durability durability) override;
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override;
  Task<Result<void>> remove(std::string path, Durability durability) override;
  Task<Result<void>> remove_tree(std::string path) override;
  Task<Result<void>> sync_directory(std::string path) override;
  Task<Result<void>> sync_everything(std::string path) override;
  Task<Result<DiskSpace>> space(std::string path) override;
  Task<Result<std::unique_ptr<FileLock>>> lock(std::string path) override;

 private:
  // The time that directory work takes; false when the process may not work on directories any more.
  Task<Result<void>> begin(const char* what);
  void note(const char* what, const std::string& path);
  Task<Result<void>> sync_names(std::vector<DiskNodePtr> directories);

  ShardHome& home_;
};

}  // namespace ottla::sim
