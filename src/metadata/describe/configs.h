// What DescribeConfigs answers: of topics, this node, all brokers, its loggers, groups, subscriptions to client metrics.
//
// Lifetime:    the response points into the request and the arena; texts of keys live as long as the program.
// Concurrency: pure.
// Errors:      out_of_budget.
// Order:       of keys that of config/describe.h; of resources that of the request, those that must not be seen last.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "config/layers.h"
#include "config/node_config.h"
#include "metadata/describe/access.h"
#include "metadata/image.h"
#include "protocol/messages/describe_configs.h"

namespace ottla::metadata {

struct LoggerLevel {
  std::string_view name;
  std::string_view level;  // INFO
};

// Of whoever answers.
struct ConfigQuestion {
  const MetadataImage& image;
  const Access& access;
  NodeId node;
  const config::NodeLayers& layers;
  const config::NodeConfig& config;  // what the layers give together
  std::span<const LoggerLevel> loggers = {};
};

Result<> describe_configs(const ConfigQuestion& question, const protocol::DescribeConfigsRequest& request,
                          Arena& arena, protocol::DescribeConfigsResponse& response);

// Texts of a resource as config/ takes them; of one that has none it is empty.
config::Texts config_texts(const MetadataImage& image, const ConfigResourceView& resource);

}  // namespace ottla::metadata
