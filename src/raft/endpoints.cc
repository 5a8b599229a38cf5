#include "raft/endpoints.h"

#include <algorithm>
#include <utility>

namespace ottla::raft {

Endpoints::Endpoints(std::vector<Endpoint> endpoints) {
  if (endpoints.empty()) return;
  std::vector<Endpoint> sorted;
  for (Endpoint& endpoint : endpoints) {
    const auto place = std::ranges::lower_bound(sorted, endpoint.listener, {}, &Endpoint::listener);
    if (place != sorted.end() && place->listener == endpoint.listener) continue;
    sorted.insert(place, std::move(endpoint));
  }
  all_ = std::make_shared<const std::vector<Endpoint>>(std::move(sorted));
}

const Endpoint* Endpoints::find(std::string_view listener) const {
  for (const Endpoint& endpoint : list()) {
    if (endpoint.listener == listener) return &endpoint;
  }
  return nullptr;
}

const std::vector<Endpoint>& Endpoints::list() const {
  static const std::vector<Endpoint> kNone;
  return empty() ? kNone : *all_;
}

}  // namespace ottla::raft
