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

void Window::begin_warmup() {
  begin_ns_ = clock_ns() + nanoseconds(arguments_.warmup_s);
  end_ns_ = begin_ns_ + nanoseconds(arguments_.seconds);
}

void Window::open() {
  begin_ns_ = clock_ns();
  end_ns_ = INT64_MAX;
  if (arguments_.watch == 0) return;
  forget_peak(arguments_.watch);
  before_ = used_by(arguments_.watch);
}

void Window::close() {
  end_ns_ = clock_ns();
  if (arguments_.watch == 0) return;
  used_ = used_by(arguments_.watch) - *before_;
  peak_mib_ = peak_mib(arguments_.watch);
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
