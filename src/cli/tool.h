// One command-line tool, and what it works with.
//
// Lifetime:    a tool is a constant of the program; a context lives as long as the tool runs.
// Concurrency: on one shard.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/output.h"
#include "config/environment.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
}

namespace ottla::cli {

struct ToolContext {
  FileSystem& files;
  Output& out;
  Output& err;
  std::string working_directory;  // empty when it is unknown
  std::vector<config::Variable> environment = {};
};

struct Tool {
  std::string_view name;     // dump-log
  std::string_view summary;  // for the list of all tools
  // The exit code.
  Task<int> (*run)(ToolContext& context, std::vector<std::string> words);
};

}  // namespace ottla::cli
