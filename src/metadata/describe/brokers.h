// The brokers of an image as clients on one listener see them.
//
// Lifetime:    points into the image and the viewpoint.
// Concurrency: constant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "metadata/describe/access.h"
#include "metadata/image.h"

namespace ottla::metadata {

// From where one looks at the cluster.
struct Viewpoint {
  // Where a node tells nobody an address of its own, clients are given back the one that they dialled.
  struct Dialled {
    NodeId node;
    std::string_view host;
    std::uint16_t port;
  };

  const MetadataImage& image;
  std::string_view listener;  // its name
  const Access& access;
  std::optional<Dialled> dialled = {};
};

struct BrokerView {
  const BrokerRegistration* registration;
  bool reachable;  // has the listener
  std::string_view host;
  std::int32_t port;

  std::int32_t id() const { return registration->id.raw(); }
  bool alive() const { return !registration->fenced; }
};

class BrokerViews {
 public:
  explicit BrokerViews(const Viewpoint& viewpoint);

  // By id.
  std::span<const BrokerView> all() const { return views_; }
  // Null when it is not registered.
  const BrokerView* find(std::int32_t id) const {
    const std::int64_t guess = std::int64_t{id} - first_;
    if (guess >= 0 && guess < std::ssize(views_) && views_[static_cast<std::size_t>(guess)].id() == id) {
      return &views_[static_cast<std::size_t>(guess)];
    }
    return search(id);
  }
  // Alive and on the listener: where clients may be sent to.
  const BrokerView* find_alive(std::int32_t id) const {
    const BrokerView* broker = find(id);
    return broker != nullptr && broker->alive() && broker->reachable ? broker : nullptr;
  }
  // One of those that are alive, on whatever listener; -1 when there is none. `draw` is any number: the same one
  // gives the same broker.
  std::int32_t any_alive(std::uint64_t draw) const;

 private:
  const BrokerView* search(std::int32_t id) const;

  std::vector<BrokerView> views_;
  std::int64_t first_ = 0;  // id of the first one
};

}  // namespace ottla::metadata
