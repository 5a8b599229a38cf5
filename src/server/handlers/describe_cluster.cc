#include "server/handlers/describe_cluster.h"

#include <cstdint>

#include "metadata/describe/cluster.h"
#include "runtime/shard.h"
#include "server/viewpoint.h"

namespace ottla::server {

Result<> answer_describe_cluster(RequestContext& context, const protocol::DescribeClusterRequest& request,
                                 protocol::DescribeClusterResponse& response) {
  OTTLA_TRY(const metadata::Viewpoint viewpoint, viewpoint_of(context));
  const metadata::ClusterQuestion question{.viewpoint = viewpoint,
                                           .cluster_id = context.node.facts.cluster_id};
  if (context.client.kind == ListenerKind::controller) {
    return metadata::describe_controllers(question, request, context.version(), context.node.leader.raw(),
                                          context.arena, response);
  }
  const std::uint64_t draw = this_shard().random().next();
  return metadata::describe_brokers(question, request, context.version(), draw, context.arena, response);
}

}  // namespace ottla::server
