#include "server/handlers/list_config_resources.h"

#include "metadata/describe/config_resources.h"
#include "server/viewpoint.h"

namespace ottla::server {

Result<> answer_list_config_resources(RequestContext& context,
                                      const protocol::ListConfigResourcesRequest& request,
                                      protocol::ListConfigResourcesResponse& response) {
  OTTLA_TRY(const metadata::Viewpoint viewpoint, viewpoint_of(context));
  return metadata::list_config_resources(viewpoint, request, context.version(), context.arena, response);
}

}  // namespace ottla::server
