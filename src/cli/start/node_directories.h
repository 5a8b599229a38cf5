// The log directories of a node that starts: formatted, or made so, and of which cluster they are.
//
// Errors: what is wrong with which directory, and what to do about it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/start/start_plan.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
}

namespace ottla::cli {

struct ReadyDirectories {
  std::vector<std::string> all;
  std::string cluster_id;
  bool formatted = false;  // just now
};

Task<Result<ReadyDirectories>> ready_directories(FileSystem& files, const StartPlan& plan);

}  // namespace ottla::cli
