// A file system that counts what is asked of it.
//
//    CountingDoors doors(this_shard().files());
//    LogUnderTest log(place, {}, 64, 1 << 20, &doors);
//    …
//    doors.counts = {};
//    co_await log.open();
//    EXPECT_EQ(doors.counts.looks, 1U);
//
// Lifetime:    outlives its files; over doors that outlive it.
// Concurrency: that of the doors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/file_system.h"

namespace ottla::storage {

struct DoorCounts {
  std::uint64_t looks = 0;
  std::uint64_t opens = 0;
  std::uint64_t questions = 0;  // about names: status, list
  std::uint64_t changes = 0;    // of names
  std::uint64_t syncs = 0;      // of files
  std::uint64_t most_syncs_at_once = 0;
  std::vector<std::string> synced_directories = {};
  std::map<std::string, std::uint64_t> opened = {};  // how often, by path
  // By how the name ends: reads, each of 4 KiB at most for each that it counts; and pages of 4 KiB that they touched.
  std::map<std::string, std::uint64_t> reads = {};
  std::map<std::string, std::set<std::uint64_t>> pages = {};
};

class CountingDoors final : public FileSystem {
 public:
  explicit CountingDoors(FileSystem& doors) : doors_(doors) {}

  DoorCounts counts;

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    ++counts.opens;
    ++counts.opened[path];
    Result<std::unique_ptr<File>> file = co_await doors_.open(path, options);
    if (!file.ok()) co_return file;
    co_return std::unique_ptr<File>(std::make_unique<CountingFile>(std::move(*file), path, *this));
  }
  Task<Result<FileStatus>> status(std::string path) override {
    ++counts.questions;
    return doors_.status(std::move(path));
  }
  Task<Result<std::vector<DirectoryEntry>>> list(std::string path) override {
    ++counts.questions;
    return doors_.list(std::move(path));
  }
  Task<Result<std::vector<SeenEntry>>> look_into(std::string path, LookTerms terms) override {
    ++counts.looks;
    return doors_.look_into(std::move(path), terms);
  }
  Task<Result<void>> make_directories(std::string path, Durability durability) override {
    ++counts.changes;
    if (durability == Durability::synced) counts.synced_directories.push_back("above " + path);
    return doors_.make_directories(std::move(path), durability);
  }
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override {
    ++counts.changes;
    return doors_.rename(std::move(from), std::move(to), durability);
  }
  Task<Result<void>> remove(std::string path, Durability durability) override {
    ++counts.changes;
    return doors_.remove(std::move(path), durability);
  }
  Task<Result<void>> remove_tree(std::string path) override { return doors_.remove_tree(std::move(path)); }
  Task<Result<void>> sync_directory(std::string path) override {
    counts.synced_directories.push_back(path);
    return doors_.sync_directory(std::move(path));
  }
  Task<Result<void>> sync_everything(std::string path) override {
    return doors_.sync_everything(std::move(path));
  }
  Task<Result<DiskSpace>> space(std::string path) override { return doors_.space(std::move(path)); }
  Task<Result<std::unique_ptr<FileLock>>> lock(std::string path) override {
    return doors_.lock(std::move(path));
  }
  void own_entirely(std::string path) override { doors_.own_entirely(std::move(path)); }

 private:
  class CountingFile final : public File {
   public:
    CountingFile(std::unique_ptr<File> file, const std::string& path, CountingDoors& doors)
        : file_(std::move(file)), ending_(path.substr(path.find_last_of('.') + 1)), doors_(doors) {}

    std::uint64_t size() const override { return file_->size(); }
    Task<Result<std::uint64_t>> append(Chain chain) override { return file_->append(std::move(chain)); }
    Task<Result<void>> write_at(std::uint64_t offset, Chain chain) override {
      return file_->write_at(offset, std::move(chain));
    }
    Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
      constexpr std::uint64_t kPage = 4096;
      const std::uint64_t end = std::min(offset + into.size(), file_->size());
      doors_.counts.reads[ending_] += (end - std::min(offset, end) + kPage - 1) / kPage;
      for (std::uint64_t page = offset / kPage; page * kPage < end; ++page)
        doors_.counts.pages[ending_].insert(page);
      return file_->read_at(offset, into);
    }
    Task<Result<void>> sync() override {
      ++doors_.counts.syncs;
      ++doors_.syncing_;
      doors_.counts.most_syncs_at_once = std::max(doors_.counts.most_syncs_at_once, doors_.syncing_);
      const Result<void> synced = co_await file_->sync();
      --doors_.syncing_;
      co_return synced;
    }
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

   private:
    const std::unique_ptr<File> file_;
    const std::string ending_;
    CountingDoors& doors_;
  };

  FileSystem& doors_;
  std::uint64_t syncing_ = 0;
};

}  // namespace ottla::storage
