#include "runtime/linux/disk.h"

#include <algorithm>
#include <utility>

namespace ottla {

Disk::Disk(SystemCalls& calls) : calls_(calls) {
  for (Runner& runner : runners_) runner.disk = this;
}

Disk::~Disk() {
  if (whole_fd_ >= 0) calls_.close(whole_fd_);
}

std::shared_ptr<Inode> Disk::inode(ino_t number) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<Inode>& known = inodes_[number];
  std::shared_ptr<Inode> inode = known.lock();
  if (!inode) {
    inode = std::make_shared<Inode>(number);
    known = inode;
  }
  return inode;
}

void Disk::let_go(std::shared_ptr<Inode> inode) {
  const std::lock_guard lock(mutex_);
  const ino_t number = inode->number;
  inode.reset();
  const auto entry = inodes_.find(number);
  if (entry != inodes_.end() && entry->second.expired()) inodes_.erase(entry);
}

void Disk::watch(int fd) {
  {
    const std::lock_guard lock(mutex_);
    if (whole_fd_ < 0) whole_fd_ = std::exchange(fd, -1);
  }
  if (fd >= 0) calls_.close(fd);
}

int Disk::whole_fd() {
  const std::lock_guard lock(mutex_);
  return whole_fd_;
}

void Disk::sync(SyncRequest& request, Helpers& helpers) {
  Runner* fresh = nullptr;
  {
    const std::lock_guard lock(mutex_);
    request.next_waiting_ = nullptr;
    (first_ == nullptr ? first_ : last_->next_waiting_) = &request;
    last_ = &request;
    ++waiting_;
    const auto idle = std::ranges::find(runners_, false, &Runner::busy);
    if (idle != runners_.end()) {
      fresh = &*idle;
      fresh->busy = true;
    }
  }
  if (fresh != nullptr) helpers.submit(HelperKind::disk, *fresh);
}

std::size_t Disk::waiting_syncs() {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void Disk::serve_syncs(Runner& runner) {
  std::unique_lock lock(mutex_);
  while (first_ != nullptr) sync_one(lock);
  runner.busy = false;
}

void Disk::sync_one(std::unique_lock<std::mutex>& lock) {
  SyncRequest& request = *first_;
  first_ = request.next_waiting_;
  --waiting_;
  lock.unlock();
  const int result = calls_.fdatasync(request.fd);
  request.error = result < 0 ? -result : 0;
  request.home->post(request);  // gone from here on
  lock.lock();
}

}  // namespace ottla
