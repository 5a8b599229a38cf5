// Keys of a broker or controller: quotas and policies.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kQuotas[] = {
    {"quota.window.num", Type::int32, "11", at_least(1), Importance::low, UpdateMode::read_only,
     "Samples kept for client quotas."},
    {"quota.window.size.seconds", Type::int32, "1", at_least(1), Importance::low, UpdateMode::read_only,
     "Length of one sample for client quotas."},
    {"replication.quota.window.num", Type::int32, "11", at_least(1), Importance::low, UpdateMode::read_only,
     "Samples kept for replication quotas.", Effect::not_yet},
    {"replication.quota.window.size.seconds", Type::int32, "1", at_least(1), Importance::low,
     UpdateMode::read_only, "Length of one sample for replication quotas.", Effect::not_yet},
    {"alter.log.dirs.replication.quota.window.num", Type::int32, "11", at_least(1), Importance::low,
     UpdateMode::read_only, "Samples kept for the quota on moves between log directories.", Effect::none},
    {"alter.log.dirs.replication.quota.window.size.seconds", Type::int32, "1", at_least(1), Importance::low,
     UpdateMode::read_only, "Length of one sample for the quota on moves between log directories.",
     Effect::none},
    {"client.quota.callback.class", Type::class_name, kNull, kAny, Importance::low, UpdateMode::read_only,
     "Class that decides client quotas."},
};

}  // namespace ottla::config::tables
