#include "server/handlers/create_acls.h"

#include "protocol/error_code.h"
#include "server/error_reply.h"

namespace ottla::server {

Result<> answer_create_acls(RequestContext& context, const protocol::CreateAclsRequest&,
                            protocol::CreateAclsResponse&) {
  return error_reply(context, protocol::ErrorCode::security_disabled, "No Authorizer is configured.");
}

}  // namespace ottla::server
