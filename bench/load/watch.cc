#include "bench/load/watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace ottla::bench {
namespace {

std::string place_of(pid_t process) {
  return "/proc/" + std::to_string(process);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The number behind that word at the beginning of a line; 0 when there is no such line.
std::uint64_t number_after(const std::string& text, std::string_view word) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(word)) return std::stoull(line.substr(word.size()));
  }
  return 0;
}

}  // namespace

Used used_by(pid_t process) {
  const std::string stat = text_of(place_of(process) + "/stat");
  if (stat.empty()) throw std::runtime_error("the process that is watched is gone");
  // The name stands in brackets and may hold anything; user and system time are the 12th and 13th word behind it.
  std::istringstream words(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
  std::string word;
  for (int i = 0; i < 11; ++i) words >> word;
  double user = 0;
  double system = 0;
  words >> user >> system;
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  Used used{.cpu_s = (user + system) / ticks, .user_s = user / ticks};
  std::error_code gone;  // threads end while they are looked at
  for (const auto& thread : std::filesystem::directory_iterator(place_of(process) + "/task", gone)) {
    const std::string status = text_of(thread.path().string() + "/status");
    used.switches += number_after(status, "voluntary_ctxt_switches:") +
                     number_after(status, "nonvoluntary_ctxt_switches:");
  }
  const std::string io = text_of(place_of(process) + "/io");
  used.written = number_after(io, "write_bytes:");
  used.calls = number_after(io, "syscr:") + number_after(io, "syscw:");
  return used;
}

double peak_mib(pid_t process) {
  return static_cast<double>(number_after(text_of(place_of(process) + "/status"), "VmHWM:")) / 1024;
}

void forget_peak(pid_t process) {
  std::ofstream(place_of(process) + "/clear_refs") << "5";
}

std::string Used::json(double peak) const {
  return fmt::format(
      R"({{"cpu_s": {:.2f}, "user_s": {:.2f}, "switches": {}, "written": {}, "calls": {}, "peak_mib": {:.1f}}})",
      cpu_s, user_s, switches, written, calls, peak);
}

}  // namespace ottla::bench
