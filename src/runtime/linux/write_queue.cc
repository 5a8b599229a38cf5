#include "runtime/linux/write_queue.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ottla {
namespace {

Duration time_of(SystemCalls& calls, auto operation) {
  const Duration before = calls.monotonic();
  operation();
  return calls.monotonic() - before;
}

template <typename F>
int repeat_interrupted(F call) {
  for (;;) {
    const int result = call();
    if (result != -EINTR) return result < 0 ? -result : 0;
  }
}

// Shrinking below a living mapping would turn its next access into SIGBUS.
int truncate_file(const OpenFile& file, std::uint64_t size) {
  const std::lock_guard lock(file.inode->mutex);
  if (size < file.inode->mapped_end()) return EBUSY;
  return repeat_interrupted([&] { return file.calls->ftruncate(file.fd, size); });
}

// Real blocks for every byte, so that a full disk shows here and not as SIGBUS in a mapping.
int extend_file(const OpenFile& file, std::uint64_t size) {
  struct stat before{};
  const int told = file.calls->fstat(file.fd, before);
  if (told < 0) return -told;
  const auto old_size = static_cast<std::uint64_t>(before.st_size);
  const auto resize = [&](std::uint64_t to) {
    return repeat_interrupted([&] { return file.calls->ftruncate(file.fd, to); });
  };
  const int error = repeat_interrupted([&] { return file.calls->fallocate(file.fd, 0, 0, size); });
  if (error == EOPNOTSUPP) return old_size < size ? resize(size) : 0;
  if (error != 0 && old_size < size) (void)resize(old_size);  // it may have come half way
  return error;
}

}  // namespace

bool WriteQueue::enter(Request& request) {
  if (!idle() || request.action_ != Action::write || request.chain_.size() > kMaxInline ||
      !file_.disk->write_health().healthy()) {
    return false;
  }
  const Chain* const chain = &request.chain_;
  const Duration took = time_of(
      *file_.calls, [&] { outcome_ = write_chains(*file_.calls, file_.fd, request.offset_, {&chain, 1}); });
  file_.disk->write_health().note(took, request.chain_.size());
  if (outcome_.error != 0) {
    request.result_ = error_of(request);
  } else {
    note_end(request);
    size_ = written_;
  }
  return true;
}

void WriteQueue::Request::await_suspend(std::coroutine_handle<> waiting) {
  handle = waiting;
  priority = Shard::current().priority();
  queue_.enqueue(*this);
}

void WriteQueue::enqueue(Request& request) {
  if (request.action_ == Action::truncate) {
    size_ = request.end_;
  } else if (request.action_ != Action::reserve) {
    size_ = std::max(size_, request.end_);
  }
  queue_.push_back(request);
  if (!busy_) start();
}

void WriteQueue::start() {
  while (!queue_.empty()) {
    take_batch();
    if (!fits_shard()) {
      busy_ = true;
      job_.home = &Shard::current();
      job_.home->helpers().submit(HelperKind::disk, job_);
      return;
    }
    perform();
    settle();
  }
}

void WriteQueue::take_batch() {
  chains_.clear();
  batch_bytes_ = 0;
  std::size_t pieces = 0;
  while (!queue_.empty()) {
    auto& next = static_cast<Request&>(queue_.front());
    if (!flying_.empty()) {
      const bool continues =
          next.action_ == Action::write && !chains_.empty() && next.offset_ == batch_offset_ + batch_bytes_;
      if (!continues || pieces + next.chain_.piece_count() > kMaxWriteVectors ||
          batch_bytes_ + next.chain_.size() > kMaxMerged) {
        return;
      }
    } else {
      batch_offset_ = next.offset_;
    }
    flying_.push_back(queue_.pop_front());
    if (next.action_ != Action::write) return;
    chains_.push_back(&next.chain_);
    pieces += next.chain_.piece_count();
    batch_bytes_ += next.chain_.size();
  }
}

// The last small batch only: a backlog is the helpers' affair.
bool WriteQueue::fits_shard() const {
  return !chains_.empty() && queue_.empty() && batch_bytes_ <= kMaxInline &&
         file_.disk->write_health().healthy();
}

void WriteQueue::perform() {
  outcome_ = {};
  if (chains_.empty()) return perform_change(static_cast<const Request&>(flying_.front()));
  const Duration took =
      time_of(*file_.calls, [&] { outcome_ = write_chains(*file_.calls, file_.fd, batch_offset_, chains_); });
  file_.disk->write_health().note(took, batch_bytes_);
}

void WriteQueue::perform_change(const Request& request) {
  if (request.action_ == Action::truncate) {
    outcome_.error = truncate_file(file_, request.end_);
  } else if (request.action_ == Action::extend) {
    outcome_.error = extend_file(file_, request.end_);
  } else {
    outcome_.error = repeat_interrupted(
        [&] { return file_.calls->fallocate(file_.fd, FALLOC_FL_KEEP_SIZE, 0, request.end_); });
  }
}

void WriteQueue::performed() {
  busy_ = false;
  settle();
  start();
}

// Tells everyone under way how it went.
void WriteQueue::settle() {
  std::uint64_t left = outcome_.written;
  bool failed = false;
  bool takes_others_along = false;
  while (!flying_.empty()) {
    auto& request = static_cast<Request&>(flying_.pop_front());
    failed |= outcome_.error != 0 && (request.action_ != Action::write || request.chain_.size() > left);
    if (failed) {
      request.result_ = error_of(request);
      takes_others_along |= request.action_ != Action::reserve;
    } else {
      left -= std::min(left, request.chain_.size());
      note_end(request);
    }
    Shard::current().schedule(request);
  }
  if (takes_others_along) {
    fail_queued(
        Error::from_errno(outcome_.error, "not written, since a write before it failed:", file_.path));
  }
}

void WriteQueue::fail_queued(const Error& error) {
  while (!queue_.empty()) {
    auto& request = static_cast<Request&>(queue_.pop_front());
    request.result_ = error;
    Shard::current().schedule(request);
  }
  size_ = written_;
}

Error WriteQueue::error_of(const Request& request) const {
  switch (request.action_) {
    case Action::write:
      return file_.error(outcome_.error, "write");
    case Action::truncate:
      return file_.error(outcome_.error, "truncate");
    case Action::reserve:
      return file_.error(outcome_.error, "reserve space for");
    case Action::extend:
      return file_.error(outcome_.error, "extend");
  }
  return Errc::system;
}

void WriteQueue::note_end(const Request& request) {
  if (request.action_ == Action::truncate) {
    written_ = request.end_;
  } else if (request.action_ != Action::reserve) {
    written_ = std::max(written_, request.end_);
  }
}

}  // namespace ottla
