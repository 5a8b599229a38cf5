// Keys of a subscription to client metrics.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kClientMetrics[] = {
    {"interval.ms", Type::int32, "300000", kAny, Importance::medium, UpdateMode::cluster_wide,
     "How often a client that matches pushes its metrics.", Effect::not_yet},
    {"match", Type::list, "", kList, Importance::medium, UpdateMode::cluster_wide,
     "Which clients are meant, as NAME=pattern; all of these must fit.", Effect::not_yet},
    {"metrics", Type::list, "", kList, Importance::medium, UpdateMode::cluster_wide,
     "Prefixes of the metrics that are asked for; * means all.", Effect::not_yet},
};

}  // namespace ottla::config::tables
