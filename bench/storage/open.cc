#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "bench/storage/batches.h"
#include "bench/storage/node.h"
#include "bench/storage/rows.h"
#include "storage/log/log.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kBatch = 128 * 1024;

// OTTLA_BENCH_RECOVERY_GB; 10 as the goal has it takes as much of the disk.
double recovery_gigabytes() {
  const char* chosen = std::getenv("OTTLA_BENCH_RECOVERY_GB");
  return chosen != nullptr ? std::atof(chosen) : 1;
}

Task<void> fill(storage::Log& log, double gigabytes) {
  Frames frames(make_batch(kBatch, 1024), 16);
  for (double written = 0; written < gigabytes * 1e9; written += static_cast<double>(frames.bytes())) {
    co_await append(log, frames.next());
  }
}

// Gigabytes a second of a log that was not closed in good order, nothing of it known to be durable.
double our_recovery(const Directory& directory) {
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node;
    storage::LogOpening opening = node.opening(directory.path() + "/bench-0");
    opening.clean_shutdown = false;
    const double start = now_ns();
    auto log = (co_await storage::Log::open(opening)).value();
    const double spent = now_ns() - start;
    const auto bytes = static_cast<double>(log->size());
    co_await log->abandon();
    co_await node.close();
    co_return bytes / spent;
  });
}

// The same files from front to back, and the checksum of all that is in them.
double bare_recovery(const Directory& directory) {
  std::vector<std::byte> room(std::size_t{1} << 20);
  double bytes = 0;
  std::uint32_t sum = 0;
  const double start = now_ns();
  for (int segment = 0;; ++segment) {
    const std::string path = directory.path() + "/copy-" + std::to_string(segment);
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) break;
    for (ssize_t got = 0; (got = ::read(fd, room.data(), room.size())) > 0;) {
      sum ^= crc32c(std::span<const std::byte>(room.data(), static_cast<std::size_t>(got)));
      bytes += static_cast<double>(got);
    }
    ::close(fd);
  }
  const double spent = now_ns() - start;
  check(bytes > 0 && sum != 1, "nothing was read");
  return bytes / spent;
}

// A log of that size, and its segments once more under names that a bare loop can count.
void make_log(const Directory& directory) {
  (void)in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node;
    co_await node.open(directory.path());
    co_await fill(node.log(), recovery_gigabytes());
    int number = 0;
    for (const auto& segment : node.log().segments()) {
      char name[64];
      std::snprintf(name, sizeof name, "/bench-0/%020ld.log",
                    static_cast<long>(segment->base_offset().raw()));
      check(::link((directory.path() + name).c_str(),
                   (directory.path() + "/copy-" + std::to_string(number++)).c_str()) == 0,
            "link");
    }
    co_await node.close();
    co_return 0;
  });
}

}  // namespace

void open_rows(Report& report, int pairs) {
  const Directory directory;
  make_log(directory);
  report.add(measure_pairs(
      "recovery after a crash / read and checksum", "GB/s", pairs, [&] { return our_recovery(directory); },
      [&] { return bare_recovery(directory); }, Goal::ratio_at_least(0.8)));
}

}  // namespace ottla::bench
