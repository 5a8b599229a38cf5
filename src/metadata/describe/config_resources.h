// What ListConfigResources answers: everything that may have configurations of its own.
//
// Lifetime:    the response points into the image and the arena.
// Concurrency: pure.
// Errors:      out_of_budget.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/result.h"
#include "metadata/describe/brokers.h"
#include "protocol/messages/list_config_resources.h"

namespace ottla::metadata {

Result<> list_config_resources(const Viewpoint& viewpoint,
                               const protocol::ListConfigResourcesRequest& request, std::int16_t version,
                               Arena& arena, protocol::ListConfigResourcesResponse& response);

}  // namespace ottla::metadata
