#include "bench/node/subject.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "bench/sockets.h"

namespace ottla::bench {
namespace {

constexpr double kPatience = 300e9;
constexpr double kMillisecond = 1e6;
constexpr useconds_t kBetweenLooks = 200;  // microseconds

// ApiVersions 0, correlation 1, no client id.
constexpr std::array<std::uint8_t, 14> kRequest = {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff};

std::uint16_t free_port() {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(port, 1));
  return port;
}

// Whether somebody there answers a request.
bool answers(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  std::array<char, 4> size{};
  const bool answered =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kRequest.size()) &&
      ::recv(fd, size.data(), size.size(), MSG_WAITALL) == static_cast<ssize_t>(size.size());
  ::close(fd);
  return answered;
}

void become(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& each : words) all.push_back(const_cast<char*>(each.c_str()));
  all.push_back(nullptr);
  ::execv(all[0], all.data());
  std::_Exit(127);
}

class OurNode final : public Subject {
 public:
  explicit OurNode(bool formatted) {
    port_ = free_port();
    if (!formatted) return;
    start();
    stop();
  }

 private:
  void exec() override {
    become({"build/release/ottla", "--data", directory_.path() + "/data", "--port", std::to_string(port_),
            "--shards", "2", "--log-level", "warn"});
  }
};

class ReferenceNode final : public Subject {
 public:
  ReferenceNode() {
    const std::string place = directory_.path() + "/nodes";
    const std::string command = "test/reference/kafka start " + place +
                                " >/dev/null 2>&1 && test/reference/kafka stop " + place + " >/dev/null 2>&1";
    if (std::system(command.c_str()) != 0)
      throw std::runtime_error("the reference does not start: " + command);
    std::ifstream bootstrap(place + "/bootstrap");
    std::string address;
    bootstrap >> address;
    port_ = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    config_ = place + "/node-1/server.properties";
  }

 private:
  void exec() override { become({"test/reference/kafka", "run", config_}); }

  std::string config_;
};

}  // namespace

Subject::~Subject() {
  if (process_ > 0) stop();
}

void Subject::await_answer() const {
  const double begin = now_ns();
  while (!answers(port_)) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0)
      throw std::runtime_error("the node ended while it started");
    if (now_ns() - begin > kPatience) throw std::runtime_error("the node does not answer");
    ::usleep(kBetweenLooks);
  }
}

double Subject::start() {
  const double begin = now_ns();
  process_ = ::fork();
  check(process_ >= 0, "fork");
  if (process_ == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int fd : {0, 1, 2}) ::dup2(nowhere, fd);
    exec();
  }
  await_answer();
  return (now_ns() - begin) / kMillisecond;
}

double Subject::stop() {
  const double begin = now_ns();
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  return (now_ns() - begin) / kMillisecond;
}

void Subject::kill() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

double Subject::resident_mib() const {
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("VmRSS:")) continue;
    std::istringstream words(line.substr(6));
    double kib = 0;
    words >> kib;
    return kib / 1024;
  }
  throw std::runtime_error("the node's memory cannot be read");
}

std::unique_ptr<Subject> our_node() {
  return std::make_unique<OurNode>(true);
}
std::unique_ptr<Subject> our_new_node() {
  return std::make_unique<OurNode>(false);
}
std::unique_ptr<Subject> reference_node() {
  return std::make_unique<ReferenceNode>();
}

}  // namespace ottla::bench
