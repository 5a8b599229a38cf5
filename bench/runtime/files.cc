#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/runtime/rows.h"
#include "runtime/file_system.h"
#include "runtime/task_group.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kAppend = 128 * 1024;
constexpr int kAppends = 4000;
constexpr int kAppenders = 16;
constexpr int kSyncsEach = 60;
constexpr std::size_t kSmall = 4096;

// Megabytes a second of wall time.
constexpr double kMegabytes = static_cast<double>(kAppend) * kAppends / 1e6;

double our_append() {
  const Directory directory;
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    auto file = (co_await this_shard().files().open(directory.file(0), kOpenOrCreate)).value();
    const Slice bytes = Slice::copy_of(std::string(kAppend, 'x'));
    const double start = now_ns();
    for (int i = 0; i < kAppends; ++i) (co_await file->append(Chain(bytes))).value();
    const double spent = now_ns() - start;
    co_await file->close();
    co_return kMegabytes / (spent / 1e9);
  });
}

double bare_append() {
  const Directory directory;
  const int fd = ::open(directory.file(0).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  const std::vector<char> bytes(kAppend, 'x');
  const double start = now_ns();
  for (int i = 0; i < kAppends; ++i) {
    check(::pwrite(fd, bytes.data(), kAppend, static_cast<off_t>(i) * static_cast<off_t>(kAppend)) ==
              static_cast<ssize_t>(kAppend),
          "pwrite");
  }
  const double spent = now_ns() - start;
  ::close(fd);
  return kMegabytes / (spent / 1e9);
}

// Appends that are durable, a second: 16 appenders take turns over `files` files.
double our_syncs(int file_count) {
  const Directory directory;
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    std::vector<std::unique_ptr<File>> files;
    for (int i = 0; i < file_count; ++i) {
      files.push_back((co_await this_shard().files().open(directory.file(i), kOpenOrCreate)).value());
    }
    const Slice bytes = Slice::copy_of(std::string(kSmall, 'x'));
    TaskGroup group;
    const double start = now_ns();
    for (int appender = 0; appender < kAppenders; ++appender) {
      group.spawn([&, appender](Cancel) -> Task<void> {
        for (int i = 0; i < kSyncsEach; ++i) {
          File& file = *files[static_cast<std::size_t>((appender + i * kAppenders) % file_count)];
          (co_await file.append(Chain(bytes))).value();
          (co_await file.sync()).value();
        }
      });
    }
    co_await group.wait();
    const double spent = now_ns() - start;
    for (auto& file : files) co_await file->close();
    co_return kAppenders* kSyncsEach / (spent / 1e9);
  });
}

double bare_syncs(int file_count) {
  const Directory directory;
  std::vector<int> files;
  for (int i = 0; i < file_count; ++i) {
    files.push_back(::open(directory.file(i).c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  }
  const std::vector<char> bytes(kSmall, 'x');
  std::vector<std::thread> threads;
  const double start = now_ns();
  for (int appender = 0; appender < kAppenders; ++appender) {
    threads.emplace_back([&, appender] {
      for (int i = 0; i < kSyncsEach; ++i) {
        const int fd = files[static_cast<std::size_t>((appender + i * kAppenders) % file_count)];
        check(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
        check(::fdatasync(fd) == 0, "fdatasync");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double spent = now_ns() - start;
  for (const int fd : files) ::close(fd);
  return kAppenders * kSyncsEach / (spent / 1e9);
}

}  // namespace

void append_rows(Report& report, int pairs) {
  report.add(measure_pairs("append 128 KiB / pwrite", "MB/s", pairs, our_append, bare_append,
                           Goal::ratio_at_least(0.85)));
}

void sync_rows(Report& report, int pairs) {
  for (const int files : {1, 16, 100}) {
    report.add(measure_pairs(
        "16 durable appenders, " + std::to_string(files) + " files / 16 threads", "/s", pairs,
        [files] { return our_syncs(files); }, [files] { return bare_syncs(files); },
        Goal::ratio_at_least(0.8)));
  }
}

}  // namespace ottla::bench
