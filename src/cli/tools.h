// All tools of the program `ottla`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/tool.h"
#include "runtime/task.h"

namespace ottla {
class Process;
}

namespace ottla::cli {

// By name.
std::span<const Tool> all_tools();
// Null when there is none.
const Tool* find_tool(std::string_view name);

// The tool's run with the process's standard output, standard error and files; its exit code.
Task<int> run_tool(const Tool* tool, Process* process, std::vector<std::string> words);

}  // namespace ottla::cli
