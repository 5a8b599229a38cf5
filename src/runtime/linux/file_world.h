// For tests of the real disk: one shard with its helpers and its file system, over system calls in which
// errors can be planted.
#pragma once

#include <linux/magic.h>
#include <stdlib.h>
#include <sys/uio.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "runtime/linux/disk_governor.h"
#include "runtime/linux/helper_pool.h"
#include "runtime/linux/linux_clock.h"
#include "runtime/linux/linux_file_system.h"
#include "runtime/linux/poller.h"
#include "runtime/linux/system_calls.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"

namespace ottla {

// A door at which calls of one kind can be stopped, counted and answered with a planted result.
class Plan {
 public:
  // Answers of the next calls, in order: an -errno, a number of bytes at most, or kNormal.
  static constexpr std::int64_t kNormal = INT64_MAX;
  void next(std::vector<std::int64_t> answers) {
    const std::lock_guard lock(mutex_);
    answers_.assign(answers.begin(), answers.end());
  }
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  int calls() const { return calls_; }
  int calls_on(std::thread::id thread) const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::ranges::count(threads_, thread));
  }
  int waiting() const { return waiting_; }
  int most_at_once() const { return most_at_once_; }

  // Around the real call. Shards are never stopped here.
  template <typename F>
  std::int64_t pass(F call) {
    const std::int64_t answer = enter();
    const std::int64_t result = answer < 0 ? answer : call(answer);
    --at_once_;
    return result;
  }

 private:
  std::int64_t enter() {
    std::unique_lock lock(mutex_);
    ++calls_;
    threads_.push_back(std::this_thread::get_id());
    most_at_once_ = std::max<int>(most_at_once_, ++at_once_);
    ++waiting_;
    if (Shard::current_or_null() == nullptr) changed_.wait(lock, [this] { return !held_; });
    --waiting_;
    if (answers_.empty()) return kNormal;
    const std::int64_t answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::int64_t> answers_;
  std::vector<std::thread::id> threads_;
  bool held_ = false;
  std::atomic<int> calls_{0};
  std::atomic<int> waiting_{0};
  std::atomic<int> at_once_{0};
  std::atomic<int> most_at_once_{0};
};

class PlannedCalls final : public SystemCalls {
 public:
  Plan opens, writes, reads, warmings, file_syncs, directory_syncs, whole_syncs, reservations, truncations,
      cache_questions;
  std::atomic<bool> reservations_come_half_way{false};
  std::atomic<long> file_system_kind{EXT4_SUPER_MAGIC};  // whatever the test really runs on
  std::atomic<int> synced_whole{-1};                     // by which descriptor
  std::atomic<std::int64_t> write_nanoseconds{-1};       // how long every write seems to take; -1: as it does

  int open(const char* path, int flags, unsigned mode) override {
    return narrow(opens, [&](std::int64_t) { return SystemCalls::open(path, flags, mode); });
  }
  std::int64_t pwritev(int fd, const iovec* vectors, int count, std::uint64_t offset) override {
    return writes.pass([&](std::int64_t limit) {
      if (limit == Plan::kNormal) return SystemCalls::pwritev(fd, vectors, count, offset);
      std::vector<iovec> some;
      for (int i = 0; i < count && limit > 0; ++i) {
        some.push_back(vectors[i]);
        some.back().iov_len = std::min(some.back().iov_len, static_cast<std::size_t>(limit));
        limit -= static_cast<std::int64_t>(some.back().iov_len);
      }
      return some.empty() ? 0 : SystemCalls::pwritev(fd, some.data(), static_cast<int>(some.size()), offset);
    });
  }
  std::int64_t preadv(int fd, const iovec* vectors, int count, std::uint64_t offset, int flags) override {
    const bool may_wait = (flags & RWF_NOWAIT) == 0;
    OTTLA_INVARIANT(!may_wait || Shard::current_or_null() == nullptr, "a shard waits for the disk", flags);
    // Whether a read would have waited is what the plan says: not every file system can tell (overlayfs).
    return reads.pass([&](std::int64_t) { return SystemCalls::preadv(fd, vectors, count, offset, 0); });
  }
  std::int64_t read_into_cache(int fd, std::uint64_t offset, std::size_t length) override {
    OTTLA_INVARIANT(Shard::current_or_null() == nullptr, "a shard waits for the disk", offset);
    return warmings.pass([&](std::int64_t) { return SystemCalls::read_into_cache(fd, offset, length); });
  }
  int fdatasync(int fd) override {
    return narrow(file_syncs, [&](std::int64_t) { return SystemCalls::fdatasync(fd); });
  }
  int fstatfs(int fd, struct statfs& out) override {
    const int result = SystemCalls::fstatfs(fd, out);
    out.f_type = file_system_kind;
    return result;
  }
  int fsync(int fd) override {
    return narrow(directory_syncs, [&](std::int64_t) { return SystemCalls::fsync(fd); });
  }
  int syncfs(int fd) override {
    synced_whole = fd;
    return narrow(whole_syncs, [&](std::int64_t) { return SystemCalls::syncfs(fd); });
  }
  int fallocate(int fd, int mode, std::uint64_t offset, std::uint64_t length) override {
    return narrow(reservations, [&](std::int64_t) {
      if (!reservations_come_half_way) return SystemCalls::fallocate(fd, mode, offset, length);
      (void)SystemCalls::fallocate(fd, mode, offset, length / 2);
      return -ENOSPC;
    });
  }
  int ftruncate(int fd, std::uint64_t size) override {
    return narrow(truncations, [&](std::int64_t) { return SystemCalls::ftruncate(fd, size); });
  }
  std::int64_t cached_pages(int fd, std::uint64_t offset, std::uint64_t length) override {
    return cache_questions.pass([&](std::int64_t) { return SystemCalls::cached_pages(fd, offset, length); });
  }
  Duration monotonic() override {
    if (write_nanoseconds < 0) return SystemCalls::monotonic();
    return Duration(seeming_time_ += write_nanoseconds);
  }

 private:
  template <typename F>
  static int narrow(Plan& plan, F call) {
    return static_cast<int>(plan.pass(call));
  }

  std::atomic<std::int64_t> seeming_time_{0};
};

class FileWorld {
 public:
  static constexpr std::size_t kDiskHelpers = 4;

  FileWorld() : governor_(calls), helpers_({.disk = kDiskHelpers, .compute = 1}), files_(governor_) {
    directory_ = (std::filesystem::temp_directory_path() / "ottla-files-XXXXXX").string();
    OTTLA_INVARIANT(::mkdtemp(directory_.data()) != nullptr, "no place for a test", directory_);
    Outside outside;
    outside.clock = &clock_;
    outside.files = &files_;
    outside.helpers = &helpers_;
    shard_ = std::make_unique<Shard>(ShardId(0), outside, poller_, 1);
  }
  FileWorld(const FileWorld&) = delete;
  FileWorld& operator=(const FileWorld&) = delete;
  ~FileWorld() {
    helpers_.stop();
    shard_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::string at(const std::string& name) const { return directory_ + '/' + name; }
  const std::string& directory() const { return directory_; }
  FileSystem& files() { return files_; }
  Shard& shard() { return *shard_; }
  DiskGovernor& governor() { return governor_; }

  // Runs `make()`'s task to its end.
  template <typename F>
  void run(F make) {
    const Shard::Scope scope(*shard_);
    bool done = false;
    shard_->root().spawn([&](Cancel) -> Task<void> {
      co_await make();
      done = true;
    });
    while (!done || !shard_->root().empty()) turn();
    OTTLA_INVARIANT(shard_->leaks().empty(), "a test left something behind", shard_->leaks());
  }

  PlannedCalls calls;

 private:
  void turn() {
    shard_->poll();
    shard_->run_slice();
    if (shard_->has_ready() || !shard_->prepare_to_sleep()) return;
    if (!shard_->root().empty()) poller_.wait(std::nullopt);
    shard_->woke_up();
  }

  DiskGovernor governor_;
  HelperPool helpers_;
  LinuxFileSystem files_;
  LinuxClock clock_;
  Poller poller_;
  std::string directory_;
  std::unique_ptr<Shard> shard_;
};

}  // namespace ottla
