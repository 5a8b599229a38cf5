#include "runtime/linux/file_sync.h"

#include "runtime/shard.h"

namespace ottla {
namespace {

Error refusal(const OpenFile& file) {
  return Error(Errc::sync_failed, "sync " + file.path +
                                      ": an earlier sync failed, so what is on the disk is unknown; "
                                      "close the file and recover it");
}

}  // namespace

bool FileSync::Awaiter::await_ready() {
  if (!sync_.file_.inode->sync_failed.load(std::memory_order_acquire)) return false;
  result_ = refusal(sync_.file_);
  return true;
}

void FileSync::Awaiter::await_suspend(std::coroutine_handle<> waiting) {
  handle = waiting;
  priority = Shard::current().priority();
  sync_.next_.push_back(*this);
  if (!sync_.running_) sync_.start_soon();
}

void FileSync::start_soon() {
  running_ = true;
  Shard& here = Shard::current();
  here.send(here, starter_);
}

void FileSync::start() {
  served_.splice_back(next_);
  fd = file_.fd;
  home = &Shard::current();
  file_.disk->sync(*this, home->helpers());
}

void FileSync::run(Shard& here) {
  running_ = false;
  const Result<void> result = verdict();
  while (!served_.empty()) {
    auto& waiter = static_cast<Awaiter&>(served_.pop_front());
    waiter.result_ = result;
    here.schedule(waiter);
  }
  if (result.ok()) {
    if (!next_.empty()) start_soon();
    return;
  }
  while (!next_.empty()) {
    auto& waiter = static_cast<Awaiter&>(next_.pop_front());
    waiter.result_ = refusal(file_);
    here.schedule(waiter);
  }
}

Result<void> FileSync::verdict() {
  std::atomic<bool>& failed = file_.inode->sync_failed;
  if (error != 0) {
    failed.store(true, std::memory_order_release);
    return file_.error(error, "sync");
  }
  if (failed.load(std::memory_order_acquire)) return refusal(file_);
  return {};
}

}  // namespace ottla
