#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/exclusive_bytes.h"
#include "base/leader_epoch.h"
#include "bench/batches.h"
#include "bench/sockets.h"
#include "bench/storage/node.h"
#include "bench/storage/rows.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "runtime/network.h"
#include "runtime/stream.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kBatch = 16 * 1024;
constexpr int kBatches = 8192;  // 128 MiB
constexpr std::uint64_t kFetch = std::uint64_t{1} << 20;
constexpr int kReads = 200'000;

Task<void> fill(storage::Log& log, int batches) {
  Frames frames(make_batch(kBatch, 1024), 64);
  for (int i = 0; i < batches; ++i) co_await append(log, frames.next());
}

// Nanoseconds of CPU a request of the last few batches.
double tail_reads() {
  const Directory directory;
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node;
    co_await node.open(directory.path());
    co_await fill(node.log(), 256);
    const Offset start_at = node.log().log_end() - 16;
    const double start = thread_cpu_ns();
    for (int i = 0; i < kReads; ++i) {
      const auto fetched = co_await node.log().read({.start = start_at, .max_bytes = kFetch});
      check(fetched.ok() && fetched->records.in_memory(), "a read missed the memory");
    }
    const double spent = thread_cpu_ns() - start;
    co_await node.close();
    co_return spent / kReads;
  });
}

// Batches of a leader, record after record a millisecond later.
Task<void> fill_in_time(storage::Log& log, record::TimestampType type) {
  const Slice batch = make_batch(kBatch, 1024);
  const std::int32_t count = record::BatchView::whole(batch.as_span()).count();
  for (int i = 0; i < kBatches; ++i) {
    ExclusiveBytes bytes(Slice::copy_of(batch.as_span()));
    std::byte* const at = bytes.span().data();
    const std::int64_t first = std::int64_t{i} * count;
    record::Attributes attributes;
    attributes.set_timestamp_type(type);
    store_big_endian(at + record::kBaseOffsetAt, first);
    store_big_endian(at + record::kLeaderEpochAt, std::int32_t{0});
    store_big_endian(at + record::kAttributesAt, attributes.bits());
    store_big_endian(at + record::kBaseTimestampAt, kFirstTime + first);
    store_big_endian(at + record::kMaxTimestampAt, kFirstTime + first + count - 1);
    store_big_endian(at + record::kCrcAt, crc32c(bytes.as_span().subspan(record::kAttributesAt)));
    check((co_await log.append_as_follower(std::move(bytes), LeaderEpoch(0))).ok(), "a batch was refused");
  }
}

// Nanoseconds of CPU a lookup, all over the log; it was there before, so that all it needs is at hand.
template <typename Look>
double lookups(Look look, record::TimestampType type = record::TimestampType::create_time) {
  const Directory directory;
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node;
    co_await node.open(directory.path());
    co_await fill_in_time(node.log(), type);
    node.log().forget_recent();
    const auto records = static_cast<std::uint64_t>(node.log().log_end().raw());
    for (std::uint64_t at = 0; at < records; at += records / kBatches)
      co_await look(node.log(), Offset(static_cast<std::int64_t>(at)));
    constexpr int kLooks = 100'000;
    const double start = thread_cpu_ns();
    for (std::uint64_t i = 0; i < kLooks; ++i) {
      co_await look(node.log(), Offset(static_cast<std::int64_t>(i * 7919 % records)));
    }
    const double spent = thread_cpu_ns() - start;
    co_await node.close();
    co_return spent / kLooks;
  });
}

Task<void> look_up_offset(storage::Log& log, Offset offset) {
  const auto fetched = co_await log.read({.start = offset, .max_bytes = 1});
  check(fetched.ok() && !fetched->records.empty() && fetched->next > offset, "an offset was not found");
}

// The time of a record is as far from the first one as its offset.
Task<void> look_up_time(storage::Log& log, Offset offset) {
  const auto found = co_await log.offset_for_timestamp(kFirstTime + offset.raw());
  check(
      found.ok() && *found && (*found)->timestamp >= kFirstTime + offset.raw() && (*found)->offset <= offset,
      "a time was not found");
}

Task<void> find_offset(storage::Log& log, Offset offset) {
  const auto found = co_await log.active().offsets().lookup(offset);
  check(found.ok(), "the index was not read");
}

Task<void> find_time(storage::Log& log, Offset offset) {
  const auto found = co_await log.active().times().lookup(kFirstTime + offset.raw());
  check(found.ok(), "the index was not read");
}

// What a lookup costs at least that has to read from the log, even from the page cache.
double bare_reads(std::size_t size) {
  const Directory directory;
  const Slice batch = make_batch(kBatch, 1024);
  const int file = ::open(directory.file(0).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  for (int i = 0; i < kBatches; ++i) {
    check(::write(file, batch.data(), batch.size()) == static_cast<ssize_t>(batch.size()), "write");
  }
  std::vector<std::byte> into(size);
  constexpr int kLooks = 100'000;
  const double start = thread_cpu_ns();
  for (std::uint64_t i = 0; i < kLooks; ++i) {
    const auto at = static_cast<off_t>(i * 7919 % kBatches * batch.size());
    check(::pread(file, into.data(), size, at) == static_cast<ssize_t>(size), "pread");
  }
  const double spent = thread_cpu_ns() - start;
  ::close(file);
  return spent / kLooks;
}

// A peer that reads and throws away.
class Sink {
 public:
  explicit Sink(int fd)
      : thread_([fd] {
          std::vector<char> room(std::size_t{1} << 20);
          while (::recv(fd, room.data(), room.size(), 0) > 0) {
          }
          ::close(fd);
        }) {}
  ~Sink() { thread_.join(); }

 private:
  std::thread thread_;
};

// Gigabytes of old data a CPU second of the sending thread.
double our_catch_up() {
  const Directory directory;
  return in_process(1, [&](Process&, Cancel) -> Task<double> {
    Node node;
    co_await node.open(directory.path());
    co_await fill(node.log(), kBatches);
    node.log().forget_recent();
    auto listener = (co_await this_shard().network().listen(Address::loopback(0))).value();
    const int peer = connect_to(listener->address().port());
    auto stream = (co_await listener->accept({})).value()->adopt().value();
    double spent = 0;
    {
      Sink sink(peer);
      const double start = thread_cpu_ns();
      for (Offset at(0); at < node.log().log_end();) {
        auto fetched = (co_await node.log().read({.start = at, .max_bytes = kFetch})).value();
        at = fetched.next;
        (co_await stream->write(std::move(fetched.records))).value();
      }
      spent = thread_cpu_ns() - start;
      co_await stream->close();
    }
    co_await listener->close();
    const auto bytes = static_cast<double>(node.log().size());
    co_await node.close();
    co_return bytes / spent;
  });
}

double bare_catch_up() {
  const Directory directory;
  const Slice batch = make_batch(kBatch, 1024);
  const int file = ::open(directory.file(0).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  for (int i = 0; i < kBatches; ++i) {
    check(::write(file, batch.data(), batch.size()) == static_cast<ssize_t>(batch.size()), "write");
  }
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port, 1);
  const int peer = connect_to(port);
  const int out = accept_from(listener, true);
  const std::size_t bytes = batch.size() * kBatches;
  double spent = 0;
  {
    Sink sink(peer);
    const double start = thread_cpu_ns();
    off_t at = 0;
    while (static_cast<std::size_t>(at) < bytes) {
      check(
          ::sendfile(out, file, &at, std::min<std::size_t>(kFetch, bytes - static_cast<std::size_t>(at))) > 0,
          "sendfile");
    }
    spent = thread_cpu_ns() - start;
    ::close(out);
  }
  ::close(listener);
  ::close(file);
  return static_cast<double>(bytes) / spent;
}

}  // namespace

void read_rows(Report& report, int pairs) {
  report.add(
      measure("read at the tail, from memory", "CPU ns", pairs, tail_reads, Goal::value_at_most(1000)));
  report.add(measure(
      "find an offset in the index, hot", "CPU ns", pairs, [] { return lookups(find_offset); },
      Goal::value_at_most(1000)));
  report.add(measure(
      "find a time in the index, hot", "CPU ns", pairs, [] { return lookups(find_time); },
      Goal::value_at_most(1000)));
  report.add(measure_pairs(
      "look an offset up, hot / pread of a header", "CPU ns", pairs, [] { return lookups(look_up_offset); },
      [] { return bare_reads(record::kRecordsAt); }, Goal::value_at_most(1000)));
  report.add(measure_pairs(
      "look a time of the broker up, hot / pread of a header", "CPU ns", pairs,
      [] { return lookups(look_up_time, record::TimestampType::log_append_time); },
      [] { return bare_reads(record::kRecordsAt); }, Goal::value_at_most(1000)));
  report.add(measure_pairs(
      "look a time of a record up, hot / pread of its batch", "CPU ns", pairs,
      [] { return lookups(look_up_time); }, [] { return bare_reads(kBatch); }, Goal::value_at_most(1000)));
  report.add(measure_pairs("read old data in a row / sendfile", "GB/CPU-s", pairs, our_catch_up,
                           bare_catch_up, Goal::ratio_at_least(0.95)));
}

}  // namespace ottla::bench
