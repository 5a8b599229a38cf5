// Which directories a node's configuration names.
#pragma once

#include <string>
#include <vector>

namespace ottla::config {
class NodeConfig;
}

namespace ottla::cli {

struct NodeDirectories {
  std::vector<std::string> all;  // sorted, each once
  std::string metadata;          // the one of them that holds the cluster's metadata
};
NodeDirectories directories_of(const config::NodeConfig& config);

}  // namespace ottla::cli
