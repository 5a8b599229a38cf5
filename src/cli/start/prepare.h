// Understands what a node is to be, before anything of it exists.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/start/start_plan.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
class Process;
}  // namespace ottla

namespace ottla::cli {

struct Prepared {
  int code = 0;                   // when there is no plan
  std::optional<StartPlan> plan;  // nothing when the command line wanted something else, or is wrong
};

// Exit code 2 for everything that is wrong with the command line or the configuration, all of which is told.
Task<Prepared> prepare_start(Process& process, FileSystem& files, Output& out, Output& err,
                             std::vector<std::string> words);

}  // namespace ottla::cli
