#include "bench/measure.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "runtime/linux/linux_process.h"

namespace ottla::bench {
namespace {

double clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

}  // namespace

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

double in_process(std::size_t shards, const std::function<Task<double>(Process&, Cancel)>& measure) {
  LinuxProcessOptions options;
  options.shards = shards;
  options.catch_signals = false;
  double figure = 0;
  run_linux_process(options, [&](Process& process, Cancel cancel) -> Task<int> {
    figure = co_await measure(process, cancel);
    co_return 0;
  });
  return figure;
}

double now_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}
double thread_cpu_ns() {
  return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}
double process_cpu_ns() {
  return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

namespace {

std::string usual_directory() {
  const char* chosen = ::getenv("OTTLA_BENCH_DIRECTORY");
  return chosen != nullptr ? std::filesystem::path(chosen) : std::filesystem::temp_directory_path();
}

}  // namespace

Directory::Directory() : Directory(usual_directory()) {}

Directory::Directory(const std::string& below) : path_(below + "/ottla-bench-XXXXXX") {
  check(::mkdtemp(path_.data()) != nullptr, "mkdtemp");
}

Directory::~Directory() {
  std::filesystem::remove_all(path_);
}

}  // namespace ottla::bench
