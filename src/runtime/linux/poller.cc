#include "runtime/linux/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace ottla {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  OTTLA_INVARIANT(epoll_ >= 0 && event_ >= 0, "no descriptors left for a shard's event loop", errno);
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLET;
  interest.data.ptr = nullptr;  // stands for the wake-up
  const int added = ::epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &interest);
  OTTLA_INVARIANT(added == 0, "the wake-up cannot be watched", errno);
}

Poller::~Poller() {
  ::close(event_);
  ::close(epoll_);
}

Result<void> Poller::add(int fd, FdWatch& watch) {
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  interest.data.ptr = &watch;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &interest) != 0)
    return Error::from_errno(errno, "epoll_ctl add");
  return {};
}

void Poller::remove(int fd, FdWatch& watch) {
  const int removed = ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  OTTLA_INVARIANT(removed == 0, "removed a descriptor that is not watched", fd, errno);
  auto* events = static_cast<epoll_event*>(fetched_);
  for (int i = 0; i < fetched_count_; ++i) {
    if (events[i].data.ptr == &watch) events[i].events = 0;
  }
}

void Poller::wait(std::optional<Duration> timeout) {
  std::array<epoll_event, kBatch> events;
  timespec limit{};
  if (timeout) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*timeout);
    limit.tv_sec = seconds.count();
    limit.tv_nsec = (*timeout - seconds).count();
  }
  ++waits_;
  const int count = ::epoll_pwait2(epoll_, events.data(), kBatch, timeout ? &limit : nullptr, nullptr);
  if (count < 0) {
    OTTLA_INVARIANT(errno == EINTR, "epoll_pwait2 failed", errno);
    return;
  }
  fetched_ = events.data();
  fetched_count_ = count;
  for (int i = 0; i < count; ++i) {
    const epoll_event event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      std::uint64_t wakes = 0;
      (void)!::read(event_, &wakes, sizeof wakes);
    } else if (event.events != 0) {
      static_cast<FdWatch*>(event.data.ptr)->on_events(event.events);
    }
  }
  fetched_ = nullptr;
  fetched_count_ = 0;
}

void Poller::wake() {
  const std::uint64_t one = 1;
  (void)!::write(event_, &one, sizeof one);
}

}  // namespace ottla
