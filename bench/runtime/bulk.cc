#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "bench/runtime/rows.h"
#include "bench/sockets.h"
#include "runtime/file_system.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kTotal = std::size_t{1} << 30;
constexpr std::size_t kStep = 256 * 1024;
constexpr std::size_t kFile = std::size_t{256} << 20;
constexpr double kGigabytes = static_cast<double>(kTotal) / 1e9;

// A file of kFile bytes in the page cache, unlinked at the end.
class WarmFile {
 public:
  WarmFile() {
    char pattern[] = "/tmp/ottla-bench-XXXXXX";
    const int fd = ::mkstemp(pattern);
    check(fd >= 0, "mkstemp");
    path_ = pattern;
    const std::vector<std::byte> bytes(kStep, std::byte{1});
    for (std::size_t at = 0; at < kFile; at += kStep) {
      check(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
    }
    ::close(fd);
  }
  WarmFile(const WarmFile&) = delete;
  WarmFile& operator=(const WarmFile&) = delete;
  ~WarmFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void pour(int fd) {
  const std::vector<std::byte> bytes(kStep, std::byte{2});
  for (std::size_t sent = 0; sent < kTotal; sent += kStep) send_all(fd, bytes);
}

void drain(int fd) {
  std::vector<std::byte> bytes(kStep);
  while (::recv(fd, bytes.data(), bytes.size(), 0) > 0) {
  }
}

// Gigabytes the receiving side takes in a CPU second of its own.
double our_receive() {
  Server server(1, [](std::unique_ptr<Stream> stream) -> Task<void> {
    std::vector<std::byte> bytes(kStep);
    while ((co_await stream->read(bytes)).ok()) {
    }
    co_await stream->close();
  });
  const int fd = connect_to(server.port());
  pour(fd);
  ::close(fd);
  return kGigabytes / (server.cpu_ns() / 1e9);
}

// What both sides of a baseline share: a thread that serves one accepted connection and counts its CPU.
template <typename Serve, typename Drive>
double bare(Serve serve, Drive drive) {
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port, 1);
  double cpu = 0;
  std::thread server([&] {
    const int fd = accept_from(listener, true);
    const double start = thread_cpu_ns();
    serve(fd);
    cpu = thread_cpu_ns() - start;
    ::close(fd);
  });
  const int fd = connect_to(port);
  drive(fd);
  ::close(fd);
  server.join();
  ::close(listener);
  return kGigabytes / (cpu / 1e9);
}

double bare_receive() {
  return bare(drain, pour);
}

double our_sendfile(const WarmFile& file) {
  Server server(1, [&file](std::unique_ptr<Stream> stream) -> Task<void> {
    auto source = (co_await this_shard().files().open(file.path(), kReadOnly)).value();
    for (std::size_t sent = 0; sent < kTotal; sent += kStep) {
      (co_await stream->write(Chain(source->range(sent % kFile, kStep)))).value();
    }
    co_await stream->close();
    co_await source->close();
  });
  const int fd = connect_to(server.port());
  const std::byte go{};
  send_all(fd, std::span(&go, 1));
  drain(fd);
  ::close(fd);
  return kGigabytes / (server.cpu_ns() / 1e9);
}

double bare_sendfile(const WarmFile& file) {
  return bare(
      [&file](int fd) {
        const int source = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
        for (std::size_t sent = 0; sent < kTotal; sent += kStep) {
          auto offset = static_cast<off_t>(sent % kFile);
          for (std::size_t left = kStep; left > 0;) {
            const ssize_t moved = ::sendfile(fd, source, &offset, left);
            check(moved > 0, "sendfile");
            left -= static_cast<std::size_t>(moved);
          }
        }
        ::close(source);
        ::shutdown(fd, SHUT_WR);
      },
      drain);
}

}  // namespace

void bulk_rows(Report& report, int pairs) {
  report.add(measure_pairs("bulk receive / blocking recv", "GB/CPU-s", pairs, our_receive, bare_receive,
                           Goal::ratio_at_least(0.9)));
  const WarmFile file;
  report.add(measure_pairs(
      "sendfile of 256 KiB ranges / blocking sendfile", "GB/CPU-s", pairs,
      [&file] { return our_sendfile(file); }, [&file] { return bare_sendfile(file); },
      Goal::ratio_at_least(0.95)));
}

}  // namespace ottla::bench
