// Group commit of one file: everyone who asks in one slice shares a sync, and so does everyone who asks
// while one runs.
//
// Lifetime:    idle() before it is destroyed.
// Concurrency: confined to the file's shard; the system call runs on a helper (see Disk).
// Invariants:  1. a waiter's sync began after it asked
//              2. after a failure, here or through another file of the same inode, all later ones fail
#pragma once

#include <utility>

#include "base/result.h"
#include "runtime/linux/open_file.h"
#include "runtime/waiter.h"

namespace ottla {

class FileSync final : private SyncRequest {
 public:
  explicit FileSync(const OpenFile& file) : starter_(*this), file_(file) {}
  FileSync(const FileSync&) = delete;
  FileSync& operator=(const FileSync&) = delete;

  bool idle() const { return !running_; }

  class [[nodiscard]] Awaiter final : private Waiter {
   public:
    explicit Awaiter(FileSync& sync) : sync_(sync) {}
    bool await_ready();
    void await_suspend(std::coroutine_handle<> waiting);
    Result<void> await_resume() { return std::move(result_); }

   private:
    friend class FileSync;
    FileSync& sync_;
    Result<void> result_;
  };
  Awaiter wait() { return Awaiter(*this); }

 private:
  // Comes back at the end of the slice: those whom the last sync woke have written again by then, and join.
  class Starter final : public Message {
   public:
    explicit Starter(FileSync& sync) : sync_(sync) {}
    void run(Shard&) override { sync_.start(); }

   private:
    FileSync& sync_;
  };

  void start_soon();
  void start();
  void run(Shard&) override;
  Result<void> verdict();

  Starter starter_;
  const OpenFile& file_;
  bool running_ = false;  // or about to start
  WaiterList served_;     // by the sync that runs
  WaiterList next_;       // asked after it began
};

}  // namespace ottla
