// Keys that promise protection, and whether it is built. What is not refuses to start: accepted and ignored it would be
// worse than an error.
//
// Use:   for (const Refusal& each : unbuilt_protections(config, shape)) …
// Built: a protection that comes to stand has its `built` set to true in protections.cc; nothing else changes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node_config.h"
#include "config/node_shape.h"

namespace ottla::config {

struct Protection {
  std::string_view name;
  std::string_view promise;  // what someone expects who asks for it
  bool built;
  // The key that asks for it and what it says; nothing when nobody does.
  std::optional<Problem> (*asked)(const NodeConfig& config, const NodeShape& shape);
};

std::span<const Protection> protections();
bool is_built(std::string_view protection);

// One for each protection that is asked for and not built: what, by which key, and what to do.
std::vector<Problem> unbuilt_protections(const NodeConfig& config, const NodeShape& shape);

// Keys of a node whose values are classes, whatever their type, and that name one which has no meaning there.
std::vector<Problem> misplaced_classes(const NodeConfig& config);

}  // namespace ottla::config
