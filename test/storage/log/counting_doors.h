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
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/file_system.h"
#include "runtime/testing/passing_doors.h"

namespace ottla::storage {

struct DoorCounts {
  std::uint64_t looks = 0;
  std::uint64_t opens = 0;
  std::uint64_t questions = 0;  // about names: status, list
  std::uint64_t changes = 0;    // of names
  std::uint64_t syncs = 0;      // of files
  std::uint64_t most_syncs_at_once = 0;
  std::vector<std::string> synced_directories = {};
  std::uint64_t whole_syncs = 0;                     // of everything
  std::map<std::string, std::uint64_t> opened = {};  // how often, by path
  // By how the name ends: reads, each of 4 KiB at most for each that it counts; and pages of 4 KiB that they touched.
  std::map<std::string, std::uint64_t> reads = {};
  std::map<std::string, std::set<std::uint64_t>> pages = {};
};

class CountingDoors final : public ottla::testing::PassingFileSystem {
 public:
  using PassingFileSystem::PassingFileSystem;

  DoorCounts counts;

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    ++counts.opens;
    ++counts.opened[path];
    Result<std::unique_ptr<File>> file = co_await doors().open(path, options);
    if (!file.ok()) co_return file;
    co_return std::unique_ptr<File>(std::make_unique<CountingFile>(std::move(*file), path, *this));
  }
  Task<Result<FileStatus>> status(std::string path) override {
    ++counts.questions;
    return doors().status(std::move(path));
  }
  Task<Result<std::vector<DirectoryEntry>>> list(std::string path) override {
    ++counts.questions;
    return doors().list(std::move(path));
  }
  Task<Result<std::vector<SeenEntry>>> look_into(std::string path, LookTerms terms) override {
    ++counts.looks;
    return doors().look_into(std::move(path), terms);
  }
  Task<Result<void>> make_directories(std::string path, Durability durability) override {
    ++counts.changes;
    if (durability == Durability::synced) counts.synced_directories.push_back("above " + path);
    return doors().make_directories(std::move(path), durability);
  }
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override {
    ++counts.changes;
    return doors().rename(std::move(from), std::move(to), durability);
  }
  Task<Result<void>> remove(std::string path, Durability durability) override {
    ++counts.changes;
    return doors().remove(std::move(path), durability);
  }
  Task<Result<void>> sync_directory(std::string path) override {
    counts.synced_directories.push_back(path);
    return doors().sync_directory(std::move(path));
  }
  Task<Result<void>> sync_everything(std::string path) override {
    if (++counts.whole_syncs < failing_whole_sync || !whole_sync)
      co_return co_await doors().sync_everything(std::move(path));
    co_return Error(*whole_sync);
  }

  std::optional<Errc> whole_sync;  // how one fails, from that one on
  std::uint64_t failing_whole_sync = 1;

 private:
  class CountingFile final : public ottla::testing::PassingFile {
   public:
    CountingFile(std::unique_ptr<File> file, const std::string& path, CountingDoors& doors)
        : PassingFile(std::move(file)), ending_(path.substr(path.find_last_of('.') + 1)), doors_(doors) {}

    Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
      constexpr std::uint64_t kPage = 4096;
      const std::uint64_t end = std::min(offset + into.size(), inner().size());
      doors_.counts.reads[ending_] += (end - std::min(offset, end) + kPage - 1) / kPage;
      for (std::uint64_t page = offset / kPage; page * kPage < end; ++page)
        doors_.counts.pages[ending_].insert(page);
      return inner().read_at(offset, into);
    }
    Task<Result<void>> sync() override {
      ++doors_.counts.syncs;
      ++doors_.syncing_;
      doors_.counts.most_syncs_at_once = std::max(doors_.counts.most_syncs_at_once, doors_.syncing_);
      const Result<void> synced = co_await inner().sync();
      --doors_.syncing_;
      co_return synced;
    }

   private:
    const std::string ending_;
    CountingDoors& doors_;
  };

  std::uint64_t syncing_ = 0;
};

}  // namespace ottla::storage
