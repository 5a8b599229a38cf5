// `ottla dump-log`: prints what lies in the files of a partition's directory, as the reference's kafka-dump-log.sh.
//
// Errors: what a file's bytes should not be is told on standard error, and ends the tool with 1; what indexes and the
//         log do not agree upon is told at the end and is no error, as in the reference.
// Format: docs/tools.md
#pragma once

#include <string>
#include <vector>

#include "cli/options/option_table.h"
#include "cli/tool.h"
#include "runtime/task.h"

namespace ottla::cli {

// What may be on its command line.
const OptionTable& dump_log_options();

Task<int> dump_log(ToolContext& context, std::vector<std::string> words);

}  // namespace ottla::cli
