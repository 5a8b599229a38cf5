// What DescribeCluster answers, by brokers and by controllers.
//
// Lifetime:    the response points into the image, the question and the arena.
// Concurrency: pure.
// Errors:      out_of_budget.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "metadata/describe/brokers.h"
#include "protocol/error_code.h"
#include "protocol/messages/describe_cluster.h"

namespace ottla::metadata {

struct ClusterQuestion {
  const Viewpoint& viewpoint;
  std::string_view cluster_id;
};

// On a broker's listener. `draw` is any number; it chooses the broker that stands for the controller.
Result<> describe_brokers(const ClusterQuestion& question, const protocol::DescribeClusterRequest& request,
                          std::int16_t version, std::uint64_t draw, Arena& arena,
                          protocol::DescribeClusterResponse& response);

// On a controller's listener. `leader` is the active controller, -1 when nobody knows it.
Result<> describe_controllers(const ClusterQuestion& question,
                              const protocol::DescribeClusterRequest& request, std::int16_t version,
                              std::int32_t leader, Arena& arena, protocol::DescribeClusterResponse& response);

Result<> refuse_cluster(protocol::ErrorCode error, std::string_view message, Arena& arena,
                        protocol::DescribeClusterResponse& response);

}  // namespace ottla::metadata
