// What a start after a crash reads: all that is not known to be durable.
#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "bench/batches.h"
#include "bench/storage/node.h"
#include "bench/storage/rows.h"
#include "storage/log/log.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kBatch = 128 * 1024;

Task<void> fill(storage::Log& log, double bytes) {
  Frames frames(make_batch(kBatch, 1024), 16);
  for (double written = 0; written < bytes; written += static_cast<double>(frames.bytes())) {
    co_await append(log, frames.next());
  }
}

// A log of that size, and its segments once more under names that a bare loop can count. Gives its size.
double make_log(const Directory& directory, double bytes) {
  return in_process(1, [&, bytes](Process&, Cancel) -> Task<double> {
    Node node;
    co_await node.open(directory.path());
    co_await fill(node.log(), bytes);
    int number = 0;
    for (const auto& segment : node.log().segments()) {
      char name[64];
      std::snprintf(name, sizeof name, "/bench-0/%020ld.log",
                    static_cast<long>(segment->base_offset().raw()));
      check(::link((directory.path() + name).c_str(),
                   (directory.path() + "/copy-" + std::to_string(number++)).c_str()) == 0,
            "link");
    }
    const auto size = static_cast<double>(node.log().size());
    co_await node.close();
    co_return size;
  });
}

// Opens a log that was not closed in good order and of which nothing is known to be durable.
Cost our_recovery(const Directory& directory) {
  Cost cost;
  (void)in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node;
    storage::LogOpening opening = node.opening(directory.path() + "/bench-0");
    opening.clean_shutdown = false;
    const Cost before = cost_now();
    auto log = (co_await storage::Log::open(opening)).value();
    cost = cost_now() - before;
    co_await log->abandon();
    co_await node.close();
    co_return 0;
  });
  return cost;
}

// The same files from front to back, and the checksum of all that is in them.
Cost bare_recovery(const Directory& directory) {
  std::vector<std::byte> room(std::size_t{1} << 20);
  double bytes = 0;
  std::uint32_t sum = 0;
  const Cost before = cost_now();
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
  const Cost cost = cost_now() - before;
  check(bytes > 0 && sum != 1, "nothing was read");
  return cost;
}

}  // namespace

void recover_rows(Report& report, int pairs) {
  const Directory directory;
  const double bytes = make_log(directory, report.is_full() ? 10e9 : 1e9);
  add_cost_rows(
      report, {.name = "recovery after a crash / read and checksum", .unit = "GB/s", .amount = bytes / 1e9},
      pairs, [&] { return our_recovery(directory); }, [&] { return bare_recovery(directory); },
      Goal::ratio_at_least(0.8));
}

}  // namespace ottla::bench
