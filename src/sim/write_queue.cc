#include "sim/write_queue.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sim/disk_wait.h"
#include "sim/host.h"
#include "sim/mapped_view.h"
#include "sim/world.h"

namespace ottla::sim {

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
  if (queue_.empty()) return;
  busy_ = true;
  std::uint64_t end = 0;
  while (!queue_.empty()) {
    auto& next = static_cast<Request&>(queue_.front());
    if (!flying_.empty() && (next.action_ != Action::write || next.offset_ != end)) break;
    end = next.end_;
    flying_.push_back(queue_.pop_front());
    if (next.action_ != Action::write) break;
  }
  home_.host().disk().add_operation(*this);
  home_.world().events().schedule(*this, disk_done(home_, home_.host().disk().options().write));
}

void WriteQueue::happen() {
  DiskOperation::unlink();
  home_.enter([this] {
    busy_ = false;
    std::optional<Error> failure;
    while (!flying_.empty()) {
      auto& request = static_cast<Request&>(flying_.pop_front());
      Result<void> result = failure ? Result<void>(*failure) : perform(request);
      if (!result.ok() && request.action_ != Action::reserve) failure = result.error();
      settle(request, std::move(result));
    }
    if (failure) fail_queued(*failure);
    start();
  });
}

// The kernel may have had all of it, some of it, or none.
void WriteQueue::process_died(Random& random) {
  SimEvent::cancel();
  for (std::uint64_t left = random.below(3); left > 0 && !flying_.empty(); --left) {
    auto& request = static_cast<Request&>(flying_.pop_front());
    (void)perform(request);
  }
}

Result<void> WriteQueue::perform(Request& request) {
  Disk& disk = home_.host().disk();
  disk.set_wall_millis(to_epoch_millis(home_.host().clock().wall(home_.world().now())));
  switch (request.action_) {
    case Action::write:
      return write_all(request);
    case Action::truncate:
      if (request.end_ < mapped_end(node_)) return Error(Errc::busy, "truncate below a mapping");
      node_.data.resize(request.end_);
      node_.reserved = std::min(node_.reserved, request.end_);
      break;
    case Action::extend:
    case Action::reserve: {
      const std::uint64_t covered = std::max(node_.reserved, node_.data.content().size());
      if (request.end_ > covered) OTTLA_CHECK(disk.check_room(node_, request.end_ - covered));
      node_.reserved = std::max(node_.reserved, request.end_);
      if (request.action_ == Action::extend && node_.data.content().size() < request.end_) {
        node_.data.resize(request.end_);
      }
      break;
    }
  }
  disk.touch(node_);
  home_.trace(TraceKind::file_change, node_.number, request.end_, [&] {
    static constexpr const char* kNames[] = {"write", "truncate", "reserve", "extend"};
    return std::string(kNames[static_cast<std::size_t>(request.action_)]) + " file " +
           std::to_string(node_.number) + " to " + std::to_string(request.end_);
  });
  return {};
}

Result<void> WriteQueue::write_all(Request& request) {
  Disk& disk = home_.host().disk();
  std::uint64_t at = request.offset_;
  Result<void> result;
  if (request.chain_.piece_count() == 1) {
    std::uint64_t written = 0;
    result = disk.write(node_, at, request.chain_.front().slice()->as_span(), written);
    at += written;
  } else if (!request.chain_.empty()) {
    const Slice whole = request.chain_.flatten();
    std::uint64_t written = 0;
    result = disk.write(node_, at, whole.as_span(), written);
    at += written;
  }
  refresh_views(node_, request.offset_, at);
  home_.trace(TraceKind::file_write, node_.number, at - request.offset_, [&] {
    return "file " + std::to_string(node_.number) + " at " + std::to_string(request.offset_) + ": " +
           std::to_string(at - request.offset_) + " bytes" +
           (result.ok() ? "" : ", " + result.error().to_string());
  });
  return result;
}

void WriteQueue::settle(Request& request, Result<void> result) {
  if (result.ok()) {
    if (request.action_ == Action::truncate) {
      written_ = request.end_;
    } else if (request.action_ != Action::reserve) {
      written_ = std::max(written_, request.end_);
    }
  }
  request.result_ = std::move(result);
  home_.shard().schedule(request);
}

void WriteQueue::fail_queued(const Error& error) {
  while (!queue_.empty()) {
    auto& request = static_cast<Request&>(queue_.pop_front());
    request.result_ = error;
    home_.shard().schedule(request);
  }
  size_ = written_;
}

}  // namespace ottla::sim
