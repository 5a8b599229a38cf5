#include "bench/load/limits.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/crc32c.h"
#include "bench/load/histogram.h"
#include "bench/measure.h"
#include "bench/sockets.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kChunk = std::size_t{128} << 10U;
constexpr std::size_t kTotal = std::size_t{2} << 30U;
constexpr std::size_t kFile = std::size_t{512} << 20U;

// A connection over loopback, both ends.
struct Pair {
  Pair() {
    std::uint16_t port = 0;
    const int listener = listen_on_loopback(port, 1);
    near = connect_to(port);
    far = accept_from(listener, true);
    ::close(listener);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    ::close(near);
    ::close(far);
  }
  int near = -1;
  int far = -1;
};

double megabytes_per_s(std::size_t bytes, double begin) {
  return static_cast<double>(bytes) / 1e6 / ((now_ns() - begin) / 1e9);
}

void drain(int fd) {
  std::vector<std::byte> into(std::size_t{1} << 20U);
  while (::recv(fd, into.data(), into.size(), 0) > 0) {
  }
}

template <typename Send>
double to_a_drain(Send send) {
  const Pair pair;
  std::thread reader([&pair] { drain(pair.far); });
  const double begin = now_ns();
  const std::size_t sent = send(pair.near);
  ::shutdown(pair.near, SHUT_WR);
  reader.join();
  return megabytes_per_s(sent, begin);
}

double loopback() {
  return to_a_drain([](int fd) {
    const std::vector<std::byte> chunk(kChunk);
    for (std::size_t sent = 0; sent < kTotal; sent += kChunk) send_all(fd, chunk);
    return kTotal;
  });
}

int open_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  check(fd >= 0, "open");
  return fd;
}

double page_cache(int fd) {
  const std::vector<std::byte> chunk(kChunk);
  const double begin = now_ns();
  for (std::size_t at = 0; at < kFile; at += kChunk)
    check(::pwrite(fd, chunk.data(), kChunk, static_cast<off_t>(at)) == static_cast<ssize_t>(kChunk),
          "pwrite");
  return megabytes_per_s(kFile, begin);
}

double send_file(int file) {
  return to_a_drain([file](int fd) {
    std::size_t all = 0;
    for (std::size_t round = 0; round < kTotal / kFile; ++round) {
      off_t at = 0;
      while (static_cast<std::size_t>(at) < kFile) {
        const ssize_t sent = ::sendfile(fd, file, &at, std::size_t{1} << 20U);
        check(sent > 0, "sendfile");
        all += static_cast<std::size_t>(sent);
      }
    }
    return all;
  });
}

// What no broker can do without: receive each batch, take its checksum, write it, answer. CPU seconds for a GB, of the
// thread that does it, while another one sends as brokers' clients do.
double bare_intake(int file) {
  constexpr int kAhead = 5;  // batches before their answers have come
  constexpr std::size_t kBatches = kFile / kChunk;
  const Pair pair;
  std::array<std::byte, 64> answer{};
  std::thread sender([&pair] {
    const std::vector<std::byte> batch(kChunk);
    std::array<std::byte, 64> answered;
    for (std::size_t sent = 0; sent < kBatches; ++sent) {
      if (sent >= kAhead) receive_all(pair.near, answered);
      send_all(pair.near, batch);
    }
    for (int each = 0; each < kAhead; ++each) receive_all(pair.near, answered);
  });
  std::vector<std::byte> batch(kChunk);
  std::uint32_t sum = 0;
  const double begin = thread_cpu_ns();
  for (std::size_t number = 0; number < kBatches; ++number) {
    receive_all(pair.far, batch);
    sum ^= crc32c(batch);
    check(::pwrite(file, batch.data(), kChunk, static_cast<off_t>(number * kChunk)) ==
              static_cast<ssize_t>(kChunk),
          "pwrite");
    answer[0] = static_cast<std::byte>(sum);
    send_all(pair.far, answer);
  }
  const double spent = thread_cpu_ns() - begin;
  sender.join();
  return spent / static_cast<double>(kFile);
}

// Appends of 1 KiB, each synced before the next one of its thread.
double synced_appends(double seconds, int threads, int files, const std::string& below) {
  const Directory directory(below);
  std::vector<int> open;
  open.reserve(static_cast<std::size_t>(files));
  for (int each = 0; each < files; ++each) open.push_back(open_file(directory.file(each)));
  std::atomic<std::uint64_t> done{0};
  std::vector<std::thread> all;
  all.reserve(static_cast<std::size_t>(threads));
  const double begin = now_ns();
  for (int thread = 0; thread < threads; ++thread) {
    all.emplace_back([&, thread] {
      const std::vector<std::byte> record(1024);
      for (int turn = thread; now_ns() - begin < seconds * 1e9; turn += threads) {
        const int fd = open[static_cast<std::size_t>(turn % files)];
        check(::write(fd, record.data(), record.size()) > 0 && ::fdatasync(fd) == 0, "append");
        ++done;
      }
    });
  }
  for (std::thread& each : all) each.join();
  for (const int fd : open) ::close(fd);
  return static_cast<double>(done) / ((now_ns() - begin) / 1e9);
}

Histogram echo(double seconds) {
  const Pair pair;
  std::thread other([&pair] {
    std::array<std::byte, 64> bytes;
    while (::recv(pair.far, bytes.data(), bytes.size(), MSG_WAITALL) == static_cast<ssize_t>(bytes.size()))
      send_all(pair.far, bytes);
  });
  Histogram took;
  std::array<std::byte, 64> bytes{};
  for (const double begin = now_ns(); now_ns() - begin < seconds * 1e9;) {
    const double sent = now_ns();
    send_all(pair.near, bytes);
    receive_all(pair.near, bytes);
    took.add(static_cast<std::int64_t>(now_ns() - sent));
  }
  ::shutdown(pair.near, SHUT_WR);
  other.join();
  return took;
}

}  // namespace

std::string echo_floor(double seconds) {
  return echo(seconds).json();
}

std::string synced_limit(const Arguments& arguments) {
  const MachineArguments& machine = arguments.machine;
  const double appends = synced_appends(arguments.seconds, machine.threads, machine.files, machine.directory);
  return fmt::format(R"({{"synced_appends_per_s": {:.0f}, "threads": {}, "files": {}}})", appends,
                     machine.threads, machine.files);
}

std::string sendfile_limit(const Arguments& arguments) {
  const Directory directory(arguments.machine.directory);
  const int file = open_file(directory.file(0));
  page_cache(file);
  const double sent = send_file(file);
  ::close(file);
  return fmt::format(R"({{"sendfile_mb_per_s": {:.0f}}})", sent);
}

std::string machine_limits(const Arguments& arguments) {
  const Directory directory(arguments.machine.directory);
  const double wire = loopback();
  const int file = open_file(directory.file(0));
  const double written = page_cache(file);
  const double sent = send_file(file);
  ::close(file);
  const int fresh = open_file(directory.file(1));
  const double intake = bare_intake(fresh);
  ::close(fresh);
  return fmt::format(
      R"({{"loopback_mb_per_s": {:.0f}, "page_cache_mb_per_s": {:.0f}, "sendfile_mb_per_s": {:.0f}, "bare_intake_cpu_s_per_gb": {:.2f}, "synced": {}, "echo_ns": {}}})",
      wire, written, sent, intake, synced_limit(arguments), echo_floor(arguments.seconds));
}

}  // namespace ottla::bench
