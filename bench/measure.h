// What benchmarks measure with: clocks, a process to run in, a directory to write in.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "runtime/process.h"
#include "runtime/task.h"

namespace ottla::bench {

// Throws what errno says, unless `good`.
void check(bool good, const char* what);

// Runs `measure` on the first of `shards` real shards and gives what it returns.
double in_process(std::size_t shards, const std::function<Task<double>(Process&, Cancel)>& measure);

// Monotonic nanoseconds, for bare loops.
double now_ns();
// CPU nanoseconds of the calling thread, of the whole process.
double thread_cpu_ns();
double process_cpu_ns();

// A fresh directory on a disk, gone with its owner: below OTTLA_BENCH_DIRECTORY, or where temporary files go.
class Directory {
 public:
  Directory();
  explicit Directory(const std::string& below);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();
  const std::string& path() const { return path_; }
  std::string file(int index) const { return path_ + "/" + std::to_string(index); }

 private:
  std::string path_;
};

}  // namespace ottla::bench
