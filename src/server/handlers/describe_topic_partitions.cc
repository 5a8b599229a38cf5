#include "server/handlers/describe_topic_partitions.h"

#include <cstdint>

#include "config/node_key.h"
#include "metadata/describe/topic_partitions.h"
#include "server/viewpoint.h"

namespace ottla::server {

Result<> answer_describe_topic_partitions(RequestContext& context,
                                          const protocol::DescribeTopicPartitionsRequest& request,
                                          protocol::DescribeTopicPartitionsResponse& response) {
  OTTLA_TRY(const metadata::Viewpoint viewpoint, viewpoint_of(context));
  const std::int32_t most = context.node.setting(config::node_key<"max.request.partition.size.limit">);
  return metadata::describe_topic_partitions(viewpoint, most, request, context.arena, response);
}

}  // namespace ottla::server
