// A file and a file system that pass everything on: what a broken one derives from.
//
// Lifetime:    files outlive nothing; the doors that a file system stands over outlive it.
// Concurrency: that of the doors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/result.h"
#include "base/slice.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/task.h"

namespace ottla::testing {

// The same bytes, changed: what a broken file writes.
template <typename Change>
Chain changed(const Chain& chain, Change change) {
  std::string bytes(chain.size(), '\0');
  chain.copy_front(std::as_writable_bytes(std::span(bytes)));
  change(bytes);
  return Chain(Slice::copy_of(bytes));
}

class PassingFile : public File {
 public:
  explicit PassingFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  std::uint64_t size() const override { return file_->size(); }
  Task<Result<std::uint64_t>> append(Chain chain) override { return file_->append(std::move(chain)); }
  Task<Result<void>> write_at(std::uint64_t offset, Chain chain) override {
    return file_->write_at(offset, std::move(chain));
  }
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    return file_->read_at(offset, into);
  }
  Task<Result<void>> sync() override { return file_->sync(); }
  Task<Result<void>> truncate(std::uint64_t size) override { return file_->truncate(size); }
  Task<Result<void>> preallocate(std::uint64_t size) override { return file_->preallocate(size); }
  bool would_block(std::uint64_t offset, std::uint64_t length) override {
    return file_->would_block(offset, length);
  }
  Task<Result<void>> warm(std::uint64_t offset, std::uint64_t length) override {
    return file_->warm(offset, length);
  }
  Range range(std::uint64_t offset, std::uint64_t length) override { return file_->range(offset, length); }
  Task<Result<std::unique_ptr<Mapping>>> map(std::uint64_t size) override { return file_->map(size); }
  Task<void> close() override { return file_->close(); }

 protected:
  File& inner() { return *file_; }

 private:
  const std::unique_ptr<File> file_;
};

class PassingFileSystem : public FileSystem {
 public:
  explicit PassingFileSystem(FileSystem& doors) : doors_(doors) {}

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    return doors_.open(std::move(path), options);
  }
  Task<Result<FileStatus>> status(std::string path) override { return doors_.status(std::move(path)); }
  Task<Result<std::vector<DirectoryEntry>>> list(std::string path) override {
    return doors_.list(std::move(path));
  }
  Task<Result<void>> make_directories(std::string path, Durability durability) override {
    return doors_.make_directories(std::move(path), durability);
  }
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override {
    return doors_.rename(std::move(from), std::move(to), durability);
  }
  Task<Result<void>> remove(std::string path, Durability durability) override {
    return doors_.remove(std::move(path), durability);
  }
  Task<Result<void>> remove_tree(std::string path) override { return doors_.remove_tree(std::move(path)); }
  Task<Result<void>> sync_directory(std::string path) override {
    return doors_.sync_directory(std::move(path));
  }
  Task<Result<void>> sync_everything(std::string path) override {
    return doors_.sync_everything(std::move(path));
  }
  Task<Result<DiskSpace>> space(std::string path) override { return doors_.space(std::move(path)); }
  Task<Result<std::unique_ptr<FileLock>>> lock(std::string path) override {
    return doors_.lock(std::move(path));
  }

 protected:
  FileSystem& doors() { return doors_; }

 private:
  FileSystem& doors_;
};

}  // namespace ottla::testing
