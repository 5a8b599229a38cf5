// Topics that belong to the cluster itself, as they are created when somebody asks for them first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/node_config.h"

namespace ottla::server {

struct NewTopic {
  std::int32_t partitions = -1;
  std::int16_t replication_factor = -1;
  std::vector<std::pair<std::string, std::string>> configs = {};
};

// Written by coordinators and by nobody else.
bool is_internal(std::string_view name);

// What a topic of that name is made like; all but the internal ones by the node's defaults.
NewTopic new_topic(std::string_view name, const config::NodeConfig& config);

}  // namespace ottla::server
