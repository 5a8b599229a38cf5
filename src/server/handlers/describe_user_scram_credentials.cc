#include "server/handlers/describe_user_scram_credentials.h"

#include "metadata/describe/scram.h"

namespace ottla::server {

Result<> answer_describe_user_scram_credentials(RequestContext& context,
                                                const protocol::DescribeUserScramCredentialsRequest& request,
                                                protocol::DescribeUserScramCredentialsResponse& response) {
  context.image = context.node.image;
  return metadata::describe_scram_credentials(*context.image, request, context.arena, response);
}

}  // namespace ottla::server
