// What a node itself says to alterations of configurations before they go to the controller: what alone it can judge
// (its own keys and loggers), and what is wrong with the request as such.
//
// Use:         const Judged judged = judge_alterations(side, request);
//              … apply judged.levels …   OTTLA_TRY(Request rest, rest_of(request, judged, arena));
//              … if rest.resources is not empty, ask the controller …   join(request, judged, its_response, arena, response)
// Lifetime:    what is made points into the request and the arena.
// Concurrency: pure.
// Errors:      out_of_budget; of single resources in the reference's words.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/node_id.h"
#include "base/result.h"
#include "config/layers.h"
#include "controller/api_error.h"
#include "metadata/describe/access.h"
#include "metadata/image.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/incremental_alter_configs.h"

namespace ottla::controller {

// Of the node that was asked.
struct AlterationSide {
  const metadata::MetadataImage& image;
  const metadata::Access& access;
  NodeId node;
  const config::NodeLayers& layers;
  std::span<const std::string_view> loggers;
};

// A level that a logger of this node gets; nothing: that of those above it.
struct LoggerChange {
  std::string_view logger;
  std::optional<std::string_view> level;  // DEBUG
};

struct Judged {
  // For each resource of the request: none() when it is done here, an error, or nothing when the controller decides.
  std::vector<std::optional<ApiError>> verdicts;
  std::vector<LoggerChange> levels;  // to be applied; none when the request only validates
};

Judged judge_alterations(const AlterationSide& side, const protocol::IncrementalAlterConfigsRequest& request);
Judged judge_alterations(const AlterationSide& side, const protocol::AlterConfigsRequest& request);
// Loggers alone: what a controller's own listener does first.
Judged judge_loggers(const AlterationSide& side, const protocol::IncrementalAlterConfigsRequest& request);

// What the controller is to be asked.
Result<protocol::IncrementalAlterConfigsRequest> rest_of(
    const protocol::IncrementalAlterConfigsRequest& request, const Judged& judged, Arena& arena);
Result<protocol::AlterConfigsRequest> rest_of(const protocol::AlterConfigsRequest& request,
                                              const Judged& judged, Arena& arena);

// One answer for each resource, in the order of the request. The controller's own stays alive as long as the arena.
Result<> join(const protocol::IncrementalAlterConfigsRequest& request, const Judged& judged,
              const protocol::IncrementalAlterConfigsResponse& from_controller, Arena& arena,
              protocol::IncrementalAlterConfigsResponse& response);
Result<> join(const protocol::AlterConfigsRequest& request, const Judged& judged,
              const protocol::AlterConfigsResponse& from_controller, Arena& arena,
              protocol::AlterConfigsResponse& response);

}  // namespace ottla::controller
