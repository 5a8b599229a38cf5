// What a node's configuration says about formatting its directories.
#pragma once

#include "quorum/format.h"
#include "quorum/initial_controllers.h"

namespace ottla::config {
struct Loaded;
}

namespace ottla::cli {

// Without a cluster id, and without voters in the log.
quorum::FormatOptions format_options_of(const config::Loaded& node);

// A controller as the only voter of its quorum, with a directory that is new.
quorum::InitialController this_controller(const config::Loaded& node);

}  // namespace ottla::cli
