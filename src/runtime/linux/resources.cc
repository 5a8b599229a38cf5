#include "runtime/linux/resources.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <vector>

namespace ottla {
namespace {

std::optional<std::string> read_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return line;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> read_number(const std::string& path) {
  const auto line = read_line(path);
  return line ? parse_number(*line) : std::nullopt;
}

// The group's own folder first, then every one above it: the tightest limit counts.
std::vector<std::string> with_parents(std::string base, std::string path) {
  std::vector<std::string> folders;
  for (;;) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    folders.push_back(base + path);
    if (path.empty()) return folders;
    path.erase(path.rfind('/'));
  }
}

struct GroupPaths {
  std::optional<std::string> unified;  // version 2
  std::optional<std::string> cpu;      // version 1
  std::optional<std::string> memory;   // version 1
};

GroupPaths read_group_paths(const std::string& root) {
  GroupPaths paths;
  std::ifstream in(root + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") paths.unified = path;
    if (controllers.find(",cpu,") != std::string::npos) paths.cpu = path;
    if (controllers.find(",memory,") != std::string::npos) paths.memory = path;
  }
  return paths;
}

void tighten_cpus(ResourceLimits& limits, double quota, double period) {
  if (quota > 0 && period > 0) limits.cpus = std::min(limits.cpus, quota / period);
}

void apply_version_2(ResourceLimits& limits, const std::string& root, const std::string& path) {
  for (const std::string& folder : with_parents(root + "/sys/fs/cgroup", path)) {
    if (const auto line = read_line(folder + "/cpu.max")) {  // "max 100000" or "150000 100000"
      std::istringstream words(*line);
      std::string quota;
      double period = 0;
      words >> quota >> period;
      if (const auto number = parse_number(quota)) tighten_cpus(limits, static_cast<double>(*number), period);
    }
    if (const auto bytes = read_number(folder + "/memory.max")) {
      limits.memory_bytes = std::min(limits.memory_bytes, *bytes);
    }
  }
}

void apply_version_1(ResourceLimits& limits, const std::string& root, const GroupPaths& paths) {
  if (paths.cpu) {
    for (const std::string& folder : with_parents(root + "/sys/fs/cgroup/cpu", *paths.cpu)) {
      const auto quota = read_number(folder + "/cpu.cfs_quota_us");  // -1 is none, and does not parse
      const auto period = read_number(folder + "/cpu.cfs_period_us");
      if (quota && period) tighten_cpus(limits, static_cast<double>(*quota), static_cast<double>(*period));
    }
  }
  if (paths.memory) {
    for (const std::string& folder : with_parents(root + "/sys/fs/cgroup/memory", *paths.memory)) {
      if (const auto bytes = read_number(folder + "/memory.limit_in_bytes")) {
        limits.memory_bytes = std::min(limits.memory_bytes, *bytes);
      }
    }
  }
}

std::uint64_t raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = raised.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<std::uint64_t>::max() : limit.rlim_cur;
}

}  // namespace

ResourceLimits read_resource_limits(std::string_view root_view) {
  const std::string root(root_view);
  ResourceLimits limits;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (::sched_getaffinity(0, sizeof cpus, &cpus) == 0) limits.cpus = CPU_COUNT(&cpus);
  struct sysinfo machine{};
  ::sysinfo(&machine);
  limits.memory_bytes = std::uint64_t{machine.totalram} * machine.mem_unit;
  limits.open_files = raise_open_files();

  const GroupPaths paths = read_group_paths(root);
  if (paths.unified) apply_version_2(limits, root, *paths.unified);
  apply_version_1(limits, root, paths);
  return limits;
}

}  // namespace ottla
