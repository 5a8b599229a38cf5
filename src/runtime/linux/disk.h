// One file system as all shards of this process see it: how healthy its writes are, which files are being
// synced, and what is known of each inode that is open.
//
// Syncs:       up to kParallelSyncs run side by side on helpers, one a file (docs/decisions/0010-disk-thresholds.md).
// Lifetime:    owned by the DiskGovernor; outlives the helpers and every file.
// Concurrency: any thread; one mutex, never held across a system call or a suspension.
// Invariants:  1. a sync begins after it was asked for
//              2. a syncfs that failed is never tried again: the kernel tells such an error once, so only each file's
//                 own fdatasync can still be trusted
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>

#include "runtime/linux/system_calls.h"
#include "runtime/linux/write_health.h"
#include "runtime/offload.h"

namespace ottla {

// What all open files of one inode share.
struct Inode {
  explicit Inode(ino_t number_of_it) : number(number_of_it) {}

  const ino_t number;
  std::atomic<bool> sync_failed{false};  // never becomes false again
  std::mutex mutex;                      // held by helpers alone, so that no file shrinks below a mapping
  std::multiset<std::uint64_t> mapped;   // sizes of the living mappings

  // Under the mutex.
  std::uint64_t mapped_end() const { return mapped.empty() ? 0 : *mapped.rbegin(); }
};

// One file that wants to be synced. Posted to `home` when that is done.
class SyncRequest : public Message {
 public:
  int fd = -1;
  Shard* home = nullptr;
  int error = 0;  // an errno

 protected:
  ~SyncRequest() = default;

 private:
  friend class Disk;
  SyncRequest* next_waiting_ = nullptr;
};

class Disk {
 public:
  static constexpr std::size_t kParallelSyncs = 16;

  explicit Disk(SystemCalls& calls);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();

  WriteHealth& write_health() { return write_health_; }
  // False once the file system refused to read without waiting.
  std::atomic<bool>& reads_without_waiting() { return reads_without_waiting_; }
  // False once the kernel said that it does not know the call.
  std::atomic<bool>& tells_cached_pages() { return tells_cached_pages_; }

  // The inode's entry; made when needed, kept as long as someone holds it.
  std::shared_ptr<Inode> inode(ino_t number);
  void let_go(std::shared_ptr<Inode> inode);

  // What syncfs is called on from now on (owned from here on): it tells of every write that failed since this was
  // opened, whoever else was told of it.
  void watch(int fd);
  // -1 when nobody watches.
  int whole_fd();
  // A syncfs failed some time ago: what it covered is unknown.
  bool everything_failed() const { return everything_failed_.load(std::memory_order_acquire); }
  void note_everything_failed() { everything_failed_.store(true, std::memory_order_release); }

  // The request stays alive until it is posted back.
  void sync(SyncRequest& request, Helpers& helpers);
  // Requests that no helper has taken yet.
  std::size_t waiting_syncs();

 private:
  struct Runner final : HelperJob {
    void work() override { disk->serve_syncs(*this); }
    void run(Shard&) override {}
    Disk* disk = nullptr;
    bool busy = false;
  };
  void serve_syncs(Runner& runner);
  void sync_one(std::unique_lock<std::mutex>& lock);

  SystemCalls& calls_;
  WriteHealth write_health_;
  std::atomic<bool> reads_without_waiting_{true};
  std::atomic<bool> tells_cached_pages_{true};
  std::atomic<bool> everything_failed_{false};

  std::mutex mutex_;   // guards what follows
  int whole_fd_ = -1;  // what syncfs is called on; set once
  std::unordered_map<ino_t, std::weak_ptr<Inode>> inodes_;
  SyncRequest* first_ = nullptr;
  SyncRequest* last_ = nullptr;
  std::size_t waiting_ = 0;
  std::array<Runner, kParallelSyncs> runners_;
};

}  // namespace ottla
