// What a broker says of a change to its own configuration, or to that of all brokers, before the controller is asked; and
// of a change to the levels of its loggers, which it makes itself.
//
// Concurrency: pure, but for apply_levels().
// Words:       the reference's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_level.h"
#include "base/node_id.h"
#include "config/layers.h"
#include "controller/api_error.h"

namespace ottla::server {

struct ConfigOperation {
  std::string key;
  std::int8_t operation = 0;  // as in IncrementalAlterConfigs
  std::optional<std::string> value;
};

// `name`: of the broker, or empty for all. `whole`: the operations say all that is to be altered from then on.
controller::ApiError check_broker_alteration(const config::NodeLayers& layers, NodeId self,
                                             std::string_view name,
                                             const std::vector<ConfigOperation>& operations, bool whole);

controller::ApiError check_levels(const LogLevels& levels, NodeId self, std::string_view name,
                                  const std::vector<ConfigOperation>& operations);
// They have been checked.
void apply_levels(LogLevels& levels, const std::vector<ConfigOperation>& operations);

}  // namespace ottla::server
