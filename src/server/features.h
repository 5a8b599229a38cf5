// The features that this program supports, as nodes register them and tell them to clients.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metadata/feature.h"
#include "metadata/metadata_version.h"
#include "metadata/registration.h"

namespace ottla::server {

// By name. `unstable`: unstable.feature.versions.enable.
std::vector<metadata::SupportedFeature> supported_features(bool unstable);

}  // namespace ottla::server
