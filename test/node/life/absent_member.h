// A broker that is a member of the cluster and never comes: it can be given replicas, which are never in sync.
//
// Concurrency: confined to the client's shard.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/cancel.h"
#include "runtime/task.h"
#include "test/node/life/line.h"

namespace ottla::server {

inline constexpr std::int32_t kAbsentMember = 7;

// Over a line to the controller's port. The error code; nothing when nobody knows.
Task<std::optional<std::int16_t>> register_absent_member(Line& controller, Cancel cancel);

}  // namespace ottla::server
