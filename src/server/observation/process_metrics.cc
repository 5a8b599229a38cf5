#include "server/observation/process_metrics.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/process.h"
#include "runtime/shard.h"

namespace ottla::server {
namespace {

constexpr std::string_view kStat = "/proc/self/stat";
constexpr std::string_view kIo = "/proc/self/io";
constexpr std::string_view kFiles = "/proc/self/fd";
constexpr std::size_t kLongestStat = 4096;
// What Linux tells times and sizes in, whatever the machine: USER_HZ, and pages of x86-64 and most of aarch64.
constexpr double kTicksInSecond = 100;
constexpr double kPageBytes = 4096;

// Places of fields behind the program's name, of which the first is the state.
constexpr std::size_t kUserTime = 11;
constexpr std::size_t kSystemTime = 12;
constexpr std::size_t kThreads = 17;
constexpr std::size_t kVirtualBytes = 20;
constexpr std::size_t kResidentPages = 21;

// The system says of such a file that it is empty.
Task<Result<std::string>> read_facts(FileSystem& files, std::string_view path) {
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files.open(std::string(path), kReadOnly));
  std::string bytes(kLongestStat, '\0');
  const Result<std::size_t> count = co_await file->read_at(0, std::as_writable_bytes(std::span(bytes)));
  co_await file->close();
  if (!count.ok()) co_return count.error();
  bytes.resize(*count);
  co_return bytes;
}

// What was read and written: lines of a name, a colon and a number.
void tell_io(PrometheusText& text, std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    double value = 0;
    std::from_chars(line.data() + colon + 2, line.data() + line.size(), value);
    text.gauge("kafka_server_kafkaserver_linux_disk_" + std::string(line.substr(0, colon)),
               "What the system has counted of this process in /proc/self/io", value);
  }
}

}  // namespace

std::optional<ProcessTimes> parse_process_stat(std::string_view text) {
  // The name stands in brackets, and may hold some.
  const std::size_t end = text.rfind(')');
  if (end == std::string_view::npos) return std::nullopt;
  std::vector<double> fields;
  for (std::string_view rest = text.substr(end + 1); !rest.empty();) {
    const std::size_t first = rest.find_first_not_of(" \n");
    if (first == std::string_view::npos) break;
    rest.remove_prefix(first);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \n"));
    rest.remove_prefix(word.size());
    double value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    fields.push_back(value);
  }
  if (fields.size() <= kResidentPages) return std::nullopt;
  return ProcessTimes{.user_seconds = fields[kUserTime] / kTicksInSecond,
                      .system_seconds = fields[kSystemTime] / kTicksInSecond,
                      .threads = fields[kThreads],
                      .virtual_bytes = fields[kVirtualBytes],
                      .resident_bytes = fields[kResidentPages] * kPageBytes};
}

Task<void> tell_process(const Process& process, PrometheusText& text) {
  FileSystem& files = this_shard().files();
  const Result<std::string> stat = co_await read_facts(files, kStat);
  if (!stat.ok()) co_return;
  const auto times = parse_process_stat(*stat);
  if (!times) co_return;
  text.counter("process_cpu_seconds_total", "CPU time that was used",
               {{.labels = {}, .value = times->user_seconds + times->system_seconds}});
  text.gauge("process_resident_memory_bytes", "Memory that is in use", times->resident_bytes);
  text.gauge("process_virtual_memory_bytes", "Addresses that are in use", times->virtual_bytes);
  text.gauge("process_threads", "Threads", times->threads);
  text.gauge("process_max_fds", "Files that may be open", process.limits().open_files);
  const Result<std::string> io = co_await read_facts(files, kIo);
  if (io.ok()) tell_io(text, *io);
  const auto open = co_await files.list(std::string(kFiles));
  if (open.ok()) text.gauge("process_open_fds", "Files that are open", open->size());
}

}  // namespace ottla::server
