#include "runtime/linux/log_writer.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace ottla {

void StandardErrorSink::write(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, lines.data(), lines.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      lost_bytes_ += lines.size();
      return;
    }
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

void LogWriter::announce() {
  const std::lock_guard lock(mutex_);
  pending_ = true;
  if (!thread_.joinable() && !stopping_) thread_ = std::thread([this] { serve(); });
  announced_.notify_one();
}

void LogWriter::serve() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::unique_lock lock(mutex_);
  for (;;) {
    announced_.wait(lock, [this] { return pending_ || stopping_; });
    if (!pending_) return;
    pending_ = false;
    lock.unlock();
    drain_.drain();
    lock.lock();
  }
}

void LogWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  announced_.notify_one();
  if (thread_.joinable()) thread_.join();
  drain_.drain();
}

}  // namespace ottla
