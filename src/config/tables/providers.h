// Keys of a broker or controller: config providers.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kProviders[] = {
    {"config.providers", Type::list, "", kList, Importance::low, UpdateMode::cluster_wide,
     "Names of config providers, each described by config.providers.NAME.class and "
     "config.providers.NAME.param.*."},
};

}  // namespace ottla::config::tables
