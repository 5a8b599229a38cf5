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

void Disk::own_entirely(int fd) {
  watch(fd);
  owned_.store(true, std::memory_order_release);
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
    if (request.syncfs_may_stand_in) ++may_stand_in_;
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
  while (first_ != nullptr) {
    if (may_stand_in_ >= kManyWaiting && !syncfs_running_ && !everything_failed()) {
      sync_all(lock);
    } else {
      sync_one(lock);
    }
  }
  runner.busy = false;
}

SyncRequest* Disk::take_first() {
  SyncRequest* request = first_;
  first_ = request->next_waiting_;
  --waiting_;
  if (request->syncfs_may_stand_in) --may_stand_in_;
  return request;
}

void Disk::sync_one(std::unique_lock<std::mutex>& lock) {
  SyncRequest& request = *take_first();
  lock.unlock();
  answer(request, calls_.fdatasync(request.fd));
  lock.lock();
}

void Disk::sync_all(std::unique_lock<std::mutex>& lock) {
  SyncRequest* served = nullptr;
  SyncRequest** served_end = &served;
  SyncRequest* rest = std::exchange(first_, nullptr);
  last_ = nullptr;
  while (rest != nullptr) {
    SyncRequest* request = std::exchange(rest, rest->next_waiting_);
    request->next_waiting_ = nullptr;
    if (request->syncfs_may_stand_in) {
      *served_end = request;
      served_end = &request->next_waiting_;
    } else {
      (first_ == nullptr ? first_ : last_->next_waiting_) = request;
      last_ = request;
    }
  }
  waiting_ -= std::exchange(may_stand_in_, 0);
  syncfs_running_ = true;
  lock.unlock();
  const int result = calls_.syncfs(whole_fd_);
  if (result < 0) note_everything_failed();
  while (served != nullptr) answer(*std::exchange(served, served->next_waiting_), result);
  lock.lock();
  syncfs_running_ = false;
}

void Disk::answer(SyncRequest& request, int result) {
  request.error = result < 0 ? -result : 0;
  request.home->post(request);  // gone from here on
}

}  // namespace ottla
