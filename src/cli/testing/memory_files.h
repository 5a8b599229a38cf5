// A folder in memory whose files can be read and nothing else: what tools that only read need, for fuzzing, where a
// whole world would cost too much.
//
// Lifetime:    files refer to the texts, which outlive them.
// Concurrency: confined to one shard.
// Errors:      not_found; read_only for all that would change something.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/range.h"
#include "base/result.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/task.h"

namespace ottla::cli {

class MemoryFile final : public File {
 public:
  explicit MemoryFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t size() const override { return bytes_.size(); }
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    const auto from =
        bytes_.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size())));
    const std::size_t count = std::min(from.size(), into.size());
    std::ranges::copy(from.first(count), into.begin());
    co_return count;
  }
  Task<void> close() override { co_return; }

  Task<Result<std::uint64_t>> append(Chain) override { co_return Errc::read_only; }
  Task<Result<void>> write_at(std::uint64_t, Chain) override { co_return Errc::read_only; }
  Task<Result<void>> sync() override { co_return Errc::read_only; }
  Task<Result<void>> truncate(std::uint64_t) override { co_return Errc::read_only; }
  Task<Result<void>> preallocate(std::uint64_t) override { co_return Errc::read_only; }
  bool would_block(std::uint64_t, std::uint64_t) override { return false; }
  Task<Result<void>> warm(std::uint64_t, std::uint64_t) override { co_return Result<void>(); }
  Range range(std::uint64_t, std::uint64_t) override { OTTLA_INVARIANT(false, "a range of a memory file"); }
  Task<Result<std::unique_ptr<Mapping>>> map(std::uint64_t) override { co_return Errc::unsupported; }

 private:
  const std::span<const std::byte> bytes_;
};

class MemoryFiles final : public FileSystem {
 public:
  void put(std::string path, std::string content) { files_[std::move(path)] = std::move(content); }

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions) override {
    const auto found = files_.find(path);
    if (found == files_.end()) co_return Errc::not_found;
    co_return std::make_unique<MemoryFile>(std::as_bytes(std::span(found->second)));
  }

  Task<Result<FileStatus>> status(std::string) override { co_return Errc::unsupported; }
  Task<Result<std::vector<DirectoryEntry>>> list(std::string) override { co_return Errc::unsupported; }
  Task<Result<void>> make_directories(std::string, Durability) override { co_return Errc::read_only; }
  Task<Result<void>> rename(std::string, std::string, Durability) override { co_return Errc::read_only; }
  Task<Result<void>> remove(std::string, Durability) override { co_return Errc::read_only; }
  Task<Result<void>> remove_tree(std::string) override { co_return Errc::read_only; }
  Task<Result<void>> sync_directory(std::string) override { co_return Errc::read_only; }
  Task<Result<void>> sync_everything(std::string) override { co_return Errc::read_only; }
  Task<Result<DiskSpace>> space(std::string) override { co_return Errc::unsupported; }
  Task<Result<std::unique_ptr<FileLock>>> lock(std::string) override { co_return Errc::read_only; }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace ottla::cli
