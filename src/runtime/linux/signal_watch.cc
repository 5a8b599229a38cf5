#include "runtime/linux/signal_watch.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ottla {
namespace {

sigset_t watched() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

}  // namespace

void SignalWatch::block() {
  const sigset_t set = watched();
  ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  blocked_ = true;
}

void SignalWatch::unblock() {
  if (!std::exchange(blocked_, false)) return;
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void SignalWatch::let_kill() {
  const sigset_t set = watched();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

Result<void> SignalWatch::open(Poller& poller) {
  const sigset_t set = watched();
  fd_ = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd_ < 0) return Error::from_errno(errno, "signalfd");
  poller_ = &poller;
  return poller.add(fd_, *this);
}

void SignalWatch::close() {
  if (fd_ < 0) return;
  poller_->remove(fd_, *this);
  ::close(std::exchange(fd_, -1));
}

void SignalWatch::on_events(std::uint32_t) {
  signalfd_siginfo info{};
  while (::read(fd_, &info, sizeof info) == sizeof info) {
    const Signal signal = info.ssi_signo == SIGTERM  ? Signal::terminate
                          : info.ssi_signo == SIGINT ? Signal::interrupt
                                                     : Signal::hang_up;
    if (std::ranges::find(arrived_, signal) == arrived_.end()) arrived_.push_back(signal);
  }
  any_.wake_all();
}

Task<Result<Signal>> SignalWatch::next(Cancel cancel) {
  while (arrived_.empty()) OTTLA_CO_CHECK(co_await any_.wait(cancel));
  const Signal signal = arrived_.front();
  arrived_.pop_front();
  co_return signal;
}

}  // namespace ottla
