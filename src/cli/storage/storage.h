// `ottla storage`: formats and describes the log directories of a node, as the reference's kafka-storage.sh.
//
// Errors: everything that is wrong ends the tool with 1 and one line on standard error.
// Format: docs/tools.md
#pragma once

#include <string>
#include <vector>

#include "cli/arguments/argument_table.h"
#include "cli/tool.h"
#include "runtime/task.h"

namespace ottla::cli {

// What may be on its command line.
const CommandTable& storage_commands();

Task<int> storage(ToolContext& context, std::vector<std::string> words);

}  // namespace ottla::cli
