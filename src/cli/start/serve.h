// Runs a node until somebody asks it to stop, or it cannot go on.
#pragma once

#include "cli/output.h"
#include "cli/start/start_plan.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla {
class Process;
}

namespace ottla::cli {

// The exit code: 0 when it was asked to stop, 1 when something failed, which is told.
//
// Signals: the first one ends the node in good order, the next one where it stands.
Task<int> serve_node(Process& process, Output& out, Output& err, StartPlan plan, Cancel cancel);

}  // namespace ottla::cli
