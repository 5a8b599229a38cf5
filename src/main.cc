// The composition root of the program `ottla`: it orders parts and holds no logic.

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "cli/tools.h"
#include "runtime/linux/linux_process.h"
#include "runtime/process.h"
#include "runtime/task.h"

namespace {

constexpr char kHelp[] =
    "Ottla: Apache Kafka as one native program.\n"
    "\n"
    "usage: ottla --version     print the version\n"
    "       ottla --help        print this text\n"
    "       ottla TOOL OPTION... run a tool; ottla TOOL --help lists its options\n"
    "\n"
    "tools:\n";
constexpr char kBroker[] = "\nThe broker is not part of this build yet.\n";

int print_help() {
  bool ok = std::fputs(kHelp, stdout) >= 0;
  for (const ottla::cli::Tool& tool : ottla::cli::all_tools()) {
    ok = ok && std::printf("  %-12.*s %.*s\n", static_cast<int>(tool.name.size()), tool.name.data(),
                           static_cast<int>(tool.summary.size()), tool.summary.data()) >= 0;
  }
  return ok && std::fputs(kBroker, stdout) >= 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const char* wish = argc >= 2 ? argv[1] : "";
  if (argc == 2 && std::strcmp(wish, "--version") == 0) return std::puts("ottla " OTTLA_VERSION) < 0 ? 1 : 0;
  if (argc == 2 && std::strcmp(wish, "--help") == 0) return print_help();
  if (const ottla::cli::Tool* tool = ottla::cli::find_tool(wish)) {
    const std::vector<std::string> words(argv + 2, argv + argc);
    return ottla::run_linux_process(
        {.shards = 1, .catch_signals = false},
        [&](ottla::Process& process, ottla::Cancel) { return ottla::cli::run_tool(tool, &process, words); });
  }
  std::fprintf(
      stderr,
      "ottla: there is no tool '%s', and the broker is not part of this build yet; see ottla --help\n", wish);
  return 1;
}
