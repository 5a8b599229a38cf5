// Starts the smallest server there is as a program of its own: start to first accept, memory and wake-ups when idle.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "bench/runtime/rows.h"
#include "bench/sockets.h"
#include "runtime/linux/linux_process.h"
#include "runtime/network.h"
#include "runtime/task_group.h"

extern char** environ;

namespace ottla::bench {
namespace {

Task<void> greet(Listener& listener, Cancel cancel) {
  for (;;) {
    auto pending = co_await listener.accept(cancel);
    if (!pending.ok()) co_return;
    auto stream = (*pending)->adopt();
    if (!stream.ok()) continue;
    (void)co_await (*stream)->write(Chain(Slice::from_static(std::string_view("!"))), cancel);
    co_await (*stream)->close();
  }
}

class Child {
 public:
  Child() {
    int pipe[2];
    check(::pipe2(pipe, O_CLOEXEC) == 0, "pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    std::string path = std::filesystem::read_symlink("/proc/self/exe").string();
    std::string flag(kIdleServerFlag);
    char* arguments[] = {path.data(), flag.data(), nullptr};
    started_ns_ = now_ns();
    check(::posix_spawn(&pid_, path.c_str(), &actions, nullptr, arguments, environ) == 0, "spawn");
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    std::array<char, 64> line{};
    const ssize_t got = ::read(pipe[0], line.data(), line.size() - 1);
    check(got > 0, "the idle server said nothing");
    std::sscanf(line.data(), "%hu %lf", &port_, &main_ns_);
    ::close(pipe[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::close(fd_);
    int status = 0;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, &status, 0);
  }

  // From exec to an answered byte, and from main to listening.
  double exec_to_answer_ms() {
    fd_ = connect_to(port_);
    std::array<std::byte, 1> byte{};
    receive_all(fd_, byte);
    return (now_ns() - started_ns_) / 1e6;
  }
  double main_to_listening_ms() const { return main_ns_ / 1e6; }
  double resident_mib() const { return status_kib("VmRSS:") / 1024; }
  double switches() const {
    double sum = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task")) {
      sum += value_of(task.path() / "status", "voluntary_ctxt_switches:");
    }
    return sum;
  }

 private:
  double status_kib(const std::string& key) const {
    return value_of("/proc/" + std::to_string(pid_) + "/status", key);
  }
  static double value_of(const std::filesystem::path& path, const std::string& key) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with(key)) return std::stod(line.substr(key.size()));
    }
    return -1;
  }

  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  double main_ns_ = 0;
  double started_ns_ = 0;
  int fd_ = -1;
};

double wake_ups_in_two_seconds() {
  Child child;
  (void)child.exec_to_answer_ms();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // let the answer settle
  const double before = child.switches();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  return child.switches() - before;
}

}  // namespace

// Prints "PORT NANOSECONDS_FROM_MAIN_TO_LISTENING" and idles until a signal.
int run_idle_server() {
  const double start = now_ns();
  LinuxProcessOptions options;
  options.shards = 2;
  return run_linux_process(options, [&](Process& process, Cancel cancel) -> Task<int> {
    auto listener = (co_await this_shard().network().listen(Address::loopback(0))).value();
    std::printf("%d %.0f\n", listener->address().port(), now_ns() - start);
    std::fflush(stdout);
    TaskGroup group;
    group.spawn([&](Cancel inner) { return greet(*listener, inner); });
    (void)co_await process.next_signal(cancel);
    co_await group.stop();
    co_await listener->close();
    co_return 0;
  });
}

void idle_rows(Report& report, int pairs) {
  report.add(measure(
      "main to listening, 2 shards", "ms", pairs, [] { return Child().main_to_listening_ms(); },
      Goal::value_at_most(5)));
  report.add(measure(
      "exec to first answered byte", "ms", pairs, [] { return Child().exec_to_answer_ms(); }, std::nullopt));
  report.add(measure(
      "resident when idle, 2 shards", "MiB", pairs,
      [] {
        Child child;
        (void)child.exec_to_answer_ms();
        return child.resident_mib();
      },
      Goal::value_at_most(8)));
  report.add(measure("wake-ups in two idle seconds", "wake-ups", 1, wake_ups_in_two_seconds,
                     Goal::value_at_most(0)));
}

}  // namespace ottla::bench
