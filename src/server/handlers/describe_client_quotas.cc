#include "server/handlers/describe_client_quotas.h"

#include "metadata/describe/client_quotas.h"

namespace ottla::server {

Result<> answer_describe_client_quotas(RequestContext& context,
                                       const protocol::DescribeClientQuotasRequest& request,
                                       protocol::DescribeClientQuotasResponse& response) {
  context.image = context.node.image;
  return metadata::describe_client_quotas(*context.image, request, context.arena, response);
}

}  // namespace ottla::server
