#include "server/handlers/quorum_api.h"

#include "base/invariant.h"
#include "quorum/metadata_quorum.h"

namespace ottla::server {

Task<Result<Outcome>> ask_quorum(RequestContext& context) {
  context.exempt = true;
  OTTLA_INVARIANT(context.node.quorum != nullptr, "no quorum serves this API", context.api().name);
  co_await context.node.quorum->serve(context.api().key,
                                      {.version = context.version(), .listener = context.client.listener},
                                      context.request, context.arena, context.kept, context.response);
  co_return Outcome::reply;
}

}  // namespace ottla::server
