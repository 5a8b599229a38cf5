#include "server/viewpoint.h"

#include <algorithm>
#include <string_view>

#include "config/listeners.h"
#include "config/node_shape.h"
#include "metadata/describe/access.h"

namespace ottla::server {
namespace {

// A listener on every interface, of a node that was not told what to call itself.
bool has_no_address(const config::NodeShape& shape, std::string_view listener) {
  if (shape.advertised_is_set) return false;
  const auto found = std::ranges::find(shape.listeners, listener, &config::Endpoint::listener);
  return found != shape.listeners.end() && found->host.empty();
}

}  // namespace

const metadata::Access& access_of(const RequestContext&) {
  static constexpr metadata::FullAccess kAll;
  return kAll;
}

Result<metadata::Viewpoint> viewpoint_of(RequestContext& context) {
  context.image = context.node.image;
  metadata::Viewpoint viewpoint{.image = *context.image,
                                .listener = context.client.listener,
                                .access = access_of(context),
                                .dialled = {}};
  const NodeFacts& facts = context.node.facts;
  if (has_no_address(facts.shape, context.client.listener)) {
    OTTLA_TRY(const std::string_view host, context.arena.copy(context.client.local.host()));
    viewpoint.dialled.emplace(facts.id, host, context.client.local.port());
  }
  return viewpoint;
}

}  // namespace ottla::server
