// Whether a node's keys may be altered while it runs.
//
// Use:    OTTLA_CHECK(check_node_alteration(layers, Level::broker, texts));
// Words:  those of the reference, whose clients read them.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "config/layers.h"
#include "config/node_config.h"

namespace ottla::config {

enum class Level : std::uint8_t { cluster, broker };

// `altered` is all that would then be altered on this level, what stays as it was included. Checks, in this order:
// read-only keys, TLS keys without a listener, types and rules of each key, keys of single brokers for all of them,
// the rules between keys, and steps that are too large to take while running.
Result<> check_node_alteration(const NodeLayers& now, Level level, const Texts& altered);

}  // namespace ottla::config
