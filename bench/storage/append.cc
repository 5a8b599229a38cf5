#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/crc32c.h"
#include "bench/batches.h"
#include "bench/storage/node.h"
#include "bench/storage/rows.h"
#include "record/batch_layout.h"
#include "runtime/task_group.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kLarge = 128 * 1024;
constexpr int kLargeAppends = 4000;
constexpr int kSmallAppends = 64'000;
constexpr int kAtOnce = 32;
constexpr int kWriters = 16;
constexpr int kSyncsEach = 60;

Slice one_record(std::size_t size) {
  return make_batch(record::kRecordsAt + size, size);
}

int open_bare(const Directory& directory, int index) {
  const int fd = ::open(directory.file(index).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  check(fd >= 0, "open");
  return fd;
}

// Megabytes a second of wall time, one append behind the other.
double our_large() {
  const Directory directory;
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node;
    co_await node.open(directory.path());
    Frames frames(make_batch(kLarge, 1024), 64);
    const double start = now_ns();
    for (int i = 0; i < kLargeAppends; ++i) co_await append(node.log(), frames.next());
    const double spent = now_ns() - start;
    co_await node.close();
    co_return static_cast<double>(frames.bytes()) * kLargeAppends / 1e6 / (spent / 1e9);
  });
}

// `whole`: with the checksum that each has to be looked at by.
double bare_large(bool whole) {
  const Directory directory;
  Frames frames(make_batch(kLarge, 1024), 64);
  const int fd = open_bare(directory, 0);
  std::uint32_t sum = 0;
  const double start = now_ns();
  for (int i = 0; i < kLargeAppends; ++i) {
    const Slice frame = frames.next();
    if (whole) sum += crc32c(frame.as_span().subspan(record::kAttributesAt));
    check(::write(fd, frame.data(), frame.size()) == static_cast<ssize_t>(frame.size()), "write");
  }
  const double spent = now_ns() - start;
  check(!whole || sum != 0, "nothing was summed");
  ::close(fd);
  return static_cast<double>(frames.bytes()) * kLargeAppends / 1e6 / (spent / 1e9);
}

// Nanoseconds of CPU an append: 32 come in one wake-up, dealt to the partitions in turn.
double our_small(int partitions) {
  const Directory directory;
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node;
    co_await node.open(directory.path(), partitions);
    Frames frames(one_record(100), 256);
    for (int i = 0; i < partitions; ++i)
      co_await append(node.log(static_cast<std::size_t>(i)), frames.next());
    const double start = process_cpu_ns();
    std::size_t next = 0;
    for (int i = 0; i < kSmallAppends; i += kAtOnce) {
      TaskGroup group;
      for (int each = 0; each < kAtOnce; ++each) {
        group.spawn(append(node.log(next++ % node.size()), frames.next()));
      }
      co_await group.wait();
    }
    const double spent = process_cpu_ns() - start;
    co_await node.close();
    co_return spent / kSmallAppends;
  });
}

// Where readers at the tail find what was written: blocks that are new until the memory for them is used up.
class BareTail {
 public:
  void copy(Slice frame) {
    if (blocks_.empty() || used_ + frame.size() > kBlock) {
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlock));
      used_ = 0;
    }
    std::copy_n(frame.data(), frame.size(), blocks_.back().get() + used_);
    used_ += frame.size();
  }

 private:
  static constexpr std::size_t kBlock = 16 * 1024;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t used_ = 0;
};

// As many batches as belong to one file go out together. `whole`: with what has to be done to each besides, its checksum
// and a copy for readers.
double bare_small(int partitions, bool whole) {
  const Directory directory;
  Frames frames(one_record(100), 256);
  std::vector<int> files;
  for (int i = 0; i < partitions; ++i) files.push_back(open_bare(directory, i));
  const int together = partitions == 1 ? kAtOnce : 1;
  std::vector<BareTail> tails(static_cast<std::size_t>(partitions));
  std::uint32_t sum = 0;
  const double start = process_cpu_ns();
  std::size_t next = 0;
  for (int i = 0; i < kSmallAppends; i += together) {
    std::array<iovec, kAtOnce> vectors;
    ssize_t bytes = 0;
    for (int each = 0; each < together; ++each) {
      const Slice frame = frames.next();
      vectors[static_cast<std::size_t>(each)] = {const_cast<std::byte*>(frame.data()), frame.size()};
      bytes += static_cast<ssize_t>(frame.size());
      if (!whole) continue;
      sum += crc32c(frame.as_span().subspan(record::kAttributesAt));
      tails[next % tails.size()].copy(frame);
    }
    check(::writev(files[next++ % files.size()], vectors.data(), together) == bytes, "writev");
  }
  const double spent = process_cpu_ns() - start;
  check(!whole || sum != 0, "nothing was summed");
  for (const int fd : files) ::close(fd);
  return spent / kSmallAppends;
}

// Appends that are durable before they are answered, a second.
double our_durable(int partitions) {
  const Directory directory;
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node({.flush_messages = 1});
    co_await node.open(directory.path(), partitions);
    Frames frames(one_record(4096), 64);
    // A log's first flush makes its names durable too.
    for (std::size_t i = 0; i < node.size(); ++i) co_await append(node.log(i), frames.next());
    TaskGroup group;
    const double start = now_ns();
    for (int writer = 0; writer < kWriters; ++writer) {
      group.spawn([&, writer](Cancel) -> Task<void> {
        for (int i = 0; i < kSyncsEach; ++i) {
          const auto partition = static_cast<std::size_t>(writer + i * kWriters) % node.size();
          co_await append(node.log(partition), frames.next());
        }
      });
    }
    co_await group.wait();
    const double spent = now_ns() - start;
    co_await node.close();
    co_return kWriters* kSyncsEach / (spent / 1e9);
  });
}

double bare_durable(int count) {
  const Directory directory;
  const Slice bytes = one_record(4096);
  std::vector<int> files;
  for (int i = 0; i < count; ++i) files.push_back(open_bare(directory, i));
  std::vector<std::thread> threads;
  const double start = now_ns();
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < kSyncsEach; ++i) {
        const int fd = files[static_cast<std::size_t>((writer + i * kWriters) % count)];
        check(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
        check(::fdatasync(fd) == 0, "fdatasync");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double spent = now_ns() - start;
  for (const int fd : files) ::close(fd);
  return kWriters * kSyncsEach / (spent / 1e9);
}

}  // namespace

void append_rows(Report& report, int pairs) {
  report.add(measure_pairs(
      "append 128 KiB batches / write", "MB/s", pairs, our_large, [] { return bare_large(false); },
      Goal::ratio_at_least(0.85)));
  report.add(measure_pairs("the same / checksum and write", "MB/s", pairs, our_large,
                           [] { return bare_large(true); }, {}));
  for (const int partitions : {1, 1000}) {
    report.add(measure_pairs(
        "append 100 B batches, 32 a wake-up, " + std::to_string(partitions) + " logs / writev", "CPU ns",
        pairs, [partitions] { return our_small(partitions); },
        [partitions] { return bare_small(partitions, false); }, Goal::ratio_at_most(2)));
    report.add(measure_pairs(
        "the same / checksum, copy and writev", "CPU ns", pairs,
        [partitions] { return our_small(partitions); }, [partitions] { return bare_small(partitions, true); },
        {}));
  }
}

void durable_rows(Report& report, int pairs) {
  for (const int partitions : {1, 16, 100}) {
    report.add(measure_pairs(
        "flush.messages=1, 16 writers, " + std::to_string(partitions) + " logs / 16 threads", "/s", pairs,
        [partitions] { return our_durable(partitions); }, [partitions] { return bare_durable(partitions); },
        Goal::ratio_at_least(0.8)));
  }
}

}  // namespace ottla::bench
