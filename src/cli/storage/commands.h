// The commands of the storage tool, one function each. Their value is the exit code; an error is told and ends with 1.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/arguments/command_line.h"
#include "cli/tool.h"
#include "config/loading.h"
#include "runtime/task.h"

namespace ottla::cli {

Task<Result<int>> storage_info(ToolContext& context, const CommandLine& line);
Task<Result<int>> storage_format(ToolContext& context, const CommandLine& line);
Result<int> storage_version_mapping(ToolContext& context, const CommandLine& line);
Result<int> storage_feature_dependencies(ToolContext& context, const CommandLine& line);

// What --config names. All that is wrong with it is told, one line each, in the error's text.
Task<Result<config::Loaded>> load_storage_config(ToolContext& context, std::string path);

}  // namespace ottla::cli
