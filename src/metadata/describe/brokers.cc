#include "metadata/describe/brokers.h"

#include <algorithm>

namespace ottla::metadata {

BrokerViews::BrokerViews(const Viewpoint& viewpoint) {
  views_.reserve(viewpoint.image.cluster.brokers.size());
  for (const auto& [id, registration] : viewpoint.image.cluster.brokers) {
    BrokerView view{.registration = registration.get(), .reachable = false, .host = {}, .port = 0};
    if (const Listener* listener = registration->listener(viewpoint.listener)) {
      const bool dialled = viewpoint.dialled && viewpoint.dialled->node == id;
      view.reachable = true;
      view.host = dialled ? viewpoint.dialled->host : std::string_view(listener->host);
      view.port = dialled ? viewpoint.dialled->port : listener->port;
    }
    views_.push_back(view);
  }
  if (!views_.empty()) first_ = views_.front().id();
}

const BrokerView* BrokerViews::search(std::int32_t id) const {
  const auto found = std::ranges::lower_bound(views_, id, {}, &BrokerView::id);
  return found != views_.end() && found->id() == id ? &*found : nullptr;
}

std::int32_t BrokerViews::any_alive(std::uint64_t draw) const {
  const auto alive = static_cast<std::uint64_t>(std::ranges::count_if(views_, &BrokerView::alive));
  if (alive == 0) return -1;
  std::uint64_t left = draw % alive;
  for (const BrokerView& each : views_) {
    if (each.alive() && left-- == 0) return each.id();
  }
  return -1;
}

}  // namespace ottla::metadata
