#include "bench/java_peer.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

extern char** environ;

namespace ottla::bench {
namespace {

[[noreturn]] void give_up(const char* reason) {
  std::fprintf(stderr, "the reference's end: %s (test/reference/kafka install?)\n", reason);
  std::exit(1);
}

}  // namespace

JavaPeer::JavaPeer(std::string source) {
  std::array<int, 2> to{};
  std::array<int, 2> from{};
  if (::pipe(to.data()) != 0 || ::pipe(from.data()) != 0) give_up("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  for (const int fd : {to[0], to[1], from[0], from[1]}) posix_spawn_file_actions_addclose(&actions, fd);
  std::string program = "test/reference/kafka";
  std::string verb = "java";
  std::string jars = "broker";
  std::array<char*, 5> words = {program.data(), verb.data(), jars.data(), source.data(), nullptr};
  if (::posix_spawn(&process_, program.c_str(), &actions, nullptr, words.data(), environ) != 0)
    give_up("cannot start");
  posix_spawn_file_actions_destroy(&actions);
  ::close(to[0]);
  ::close(from[1]);
  questions_ = ::fdopen(to[1], "w");
  answers_ = ::fdopen(from[0], "r");
}

JavaPeer::~JavaPeer() {
  std::fclose(questions_);
  std::fclose(answers_);
  ::waitpid(process_, nullptr, 0);
}

double JavaPeer::ask(const std::string& question) {
  std::fprintf(questions_, "%s\n", question.c_str());
  std::fflush(questions_);
  std::array<char, 256> line{};
  if (std::fgets(line.data(), line.size(), answers_) == nullptr) give_up("left without an answer");
  return std::strtod(line.data(), nullptr);
}

namespace {

double cpu_ns_of(const std::string& process) {
  std::ifstream stat("/proc/" + process + "/stat");
  const std::string text{std::istreambuf_iterator<char>(stat), {}};
  // The name stands in brackets and may hold anything; user and system time are the 12th and 13th word behind it.
  std::istringstream words(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::string word;
  for (int i = 0; i < 11; ++i) words >> word;
  double user = 0;
  double system = 0;
  words >> user >> system;
  double total = (user + system) * 1e9 / static_cast<double>(::sysconf(_SC_CLK_TCK));
  // The virtual machine runs under the script that started it.
  std::ifstream children("/proc/" + process + "/task/" + process + "/children");
  for (std::string child; children >> child;) total += cpu_ns_of(child);
  return total;
}

}  // namespace

double JavaPeer::cpu_ns() const {
  return cpu_ns_of(std::to_string(process_));
}

}  // namespace ottla::bench
