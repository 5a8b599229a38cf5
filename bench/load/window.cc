#include "bench/load/window.h"

#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::bench {
namespace {

std::int64_t nanoseconds(double seconds) {
  return static_cast<std::int64_t>(seconds * 1e9);
}

Instant instant(std::int64_t ns) {
  return Instant(Duration(ns));
}

}  // namespace

std::int64_t clock_ns() {
  return this_shard().exact_now().time_since_epoch().count();
}

Window::Window(const Arguments& arguments)
    : process_(arguments.watch),
      begin_ns_(clock_ns() + nanoseconds(arguments.warmup_s)),
      end_ns_(begin_ns_ + nanoseconds(arguments.seconds)) {}

void Window::open() {
  begin_ns_ = clock_ns();
  end_ns_ = INT64_MAX;
  if (process_ == 0) return;
  forget_peak(process_);
  before_ = used_by(process_);
}

void Window::close() {
  end_ns_ = clock_ns();
  if (process_ == 0) return;
  used_ = used_by(process_) - *before_;
  peak_mib_ = peak_mib(process_);
}

Task<void> Window::watch() {
  const std::int64_t end = end_ns_;
  (void)co_await sleep_until(instant(begin_ns_));
  open();
  end_ns_ = end;
  (void)co_await sleep_until(instant(end));
  close();
}

std::string Window::json() const {
  return used_ ? used_->json(peak_mib_) : "null";
}

}  // namespace ottla::bench
