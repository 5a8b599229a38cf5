#include "cli/tools.h"

#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/dump_log.h"
#include "cli/node_file/node_loader.h"
#include "cli/output.h"
#include "cli/storage/storage.h"
#include "cli/tool.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace ottla::cli {
namespace {

constexpr std::array kTools = {
    Tool{
        .name = "dump-log", .summary = "print what lies in segments, indexes and snapshots", .run = dump_log},
    Tool{.name = "storage", .summary = "format log directories, and tell what they are", .run = storage},
};

}  // namespace

std::span<const Tool> all_tools() {
  return kTools;
}

const Tool* find_tool(std::string_view name) {
  for (const Tool& tool : kTools) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

Task<int> run_tool(const Tool* tool, Process* process, std::vector<std::string> words) {
  StandardOutput out(stdout);
  StandardOutput err(stderr);
  ToolContext context{.files = Shard::current().files(),
                      .out = out,
                      .err = err,
                      .working_directory = process->environment("PWD").value_or(""),
                      .environment = variables_of(*process)};
  int code = co_await tool->run(context, std::move(words));
  if (const Result<> written = out.flush(); !written.ok()) {
    if (written.error().code() != Errc::closed) err.write(written.error().to_string() + "\n");
    code = 1;
  }
  static_cast<void>(err.flush());  // nobody is left to be told
  co_return code;
}

}  // namespace ottla::cli
