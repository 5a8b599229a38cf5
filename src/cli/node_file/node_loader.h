// A node's configuration out of the world: its file, the environment, and whatever files its providers name.
//
// Reading: config::load_node() is pure and asks for files through a door that cannot wait. So it is run on what is known,
//          what it asked for is read, and it is run again until it asks for nothing new.
// Errors:  those of the file itself; what is wrong with its text stands in Loaded.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/environment.h"
#include "config/loading.h"
#include "config/node_config.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
class Process;
}  // namespace ottla

namespace ottla::cli {

struct NodeSources {
  config::Purpose purpose = config::Purpose::start;
  std::string path = {};  // of the file; empty: none
  std::vector<config::Variable> environment =
      {};  // all of it, of which KAFKA_… are keys when `takes_variables`
  bool takes_variables = false;
  std::vector<std::string> overrides = {};  // key=value each
  config::Texts assumed = {};
};

Task<Result<config::Loaded>> load_node_file(FileSystem& files, NodeSources sources);

std::vector<config::Variable> variables_of(const Process& process);

}  // namespace ottla::cli
