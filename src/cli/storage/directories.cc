#include "cli/storage/directories.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/node_config.h"
#include "config/node_key.h"
#include "config/node_shape.h"

namespace ottla::cli {

NodeDirectories directories_of(const config::NodeConfig& config) {
  NodeDirectories directories;
  directories.all = config::log_directories(config);
  const auto metadata = config.get(config::node_key<"metadata.log.dir">);
  directories.metadata = metadata.value_or(directories.all.front());
  directories.all.push_back(directories.metadata);
  std::ranges::sort(directories.all);
  const auto repeated = std::ranges::unique(directories.all);
  directories.all.erase(repeated.begin(), repeated.end());
  return directories;
}

}  // namespace ottla::cli
