// From where whoever sent a request looks at the cluster.
#pragma once

#include <string>

#include "base/arena.h"
#include "base/result.h"
#include "metadata/describe/brokers.h"
#include "metadata/image.h"
#include "server/request_context.h"

namespace ottla::server {

// Without an authorizer everybody may see and do everything.
const metadata::Access& access_of(const RequestContext& context);

// `image` outlives the answer: it is kept in the context. Where this node tells nobody an address of its own, its
// clients are given back the one that they dialled, which is copied into the arena.
Result<metadata::Viewpoint> viewpoint_of(RequestContext& context);

}  // namespace ottla::server
