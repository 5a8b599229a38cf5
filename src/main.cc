// The composition root of the program `ottla`: it orders parts and holds no logic.

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "cli/start/start.h"
#include "cli/tools.h"
#include "runtime/linux/linux_process.h"
#include "runtime/process.h"
#include "runtime/task.h"

namespace {

int run_tool(const ottla::cli::Tool& tool, const std::vector<std::string>& words) {
  return ottla::run_linux_process(
      {.shards = 1, .catch_signals = false},
      [&](ottla::Process& process, ottla::Cancel) { return ottla::cli::run_tool(&tool, &process, words); });
}

int run_node(const std::vector<std::string>& words) {
  ottla::cli::Prepared prepared;
  ottla::run_linux_process({.shards = 1, .catch_signals = false},
                           [&](ottla::Process& process, ottla::Cancel) -> ottla::Task<int> {
                             prepared = co_await ottla::cli::prepare_start(process, words);
                             co_return 0;
                           });
  if (!prepared.plan) return prepared.code;
  const ottla::LinuxProcessOptions options{.shards = prepared.plan->shards,
                                           .log_format = prepared.plan->log.format};
  return ottla::run_linux_process(options, [&](ottla::Process& process, ottla::Cancel cancel) {
    return ottla::cli::serve_node(process, std::move(*prepared.plan), cancel);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty()) {
    if (const ottla::cli::Tool* tool = ottla::cli::find_tool(words.front())) {
      return run_tool(*tool, {words.begin() + 1, words.end()});
    }
  }
  if (ottla::cli::is_start(words)) return run_node(words);
  std::fprintf(stderr, "ottla: there is no tool '%s'; ottla --help lists them\n", words.front().c_str());
  return 2;
}
