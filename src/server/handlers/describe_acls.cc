#include "server/handlers/describe_acls.h"

#include <cstdint>

#include "protocol/error_code.h"

namespace ottla::server {

Result<> answer_describe_acls(RequestContext&, const protocol::DescribeAclsRequest&,
                              protocol::DescribeAclsResponse& response) {
  response.error_code = static_cast<std::int16_t>(protocol::ErrorCode::security_disabled);
  response.error_message = "No Authorizer is configured on the broker";
  return {};
}

}  // namespace ottla::server
