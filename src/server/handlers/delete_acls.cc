#include "server/handlers/delete_acls.h"

#include "protocol/error_code.h"
#include "server/error_reply.h"

namespace ottla::server {

Result<> answer_delete_acls(RequestContext& context, const protocol::DeleteAclsRequest&,
                            protocol::DeleteAclsResponse&) {
  return error_reply(context, protocol::ErrorCode::security_disabled, "No Authorizer is configured.");
}

}  // namespace ottla::server
