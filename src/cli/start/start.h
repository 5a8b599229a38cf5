// `ottla` as a node: what main.cc runs when no tool is named.
//
// Two processes in a row: one that finds out what the node is to be, then the node with its shards.
#pragma once

#include <string>
#include <vector>

#include "cli/start/prepare.h"
#include "cli/start/start_plan.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla {
class Process;
}

namespace ottla::cli {

// With the process's own files, standard output and standard error.
Task<Prepared> prepare_start(Process& process, std::vector<std::string> words);
Task<int> serve_node(Process& process, StartPlan plan, Cancel cancel);

// Whether the first word asks for a node rather than for a tool.
bool is_start(const std::vector<std::string>& words);

}  // namespace ottla::cli
