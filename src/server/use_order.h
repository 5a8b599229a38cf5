// The connections of a shard in the order in which they were used last: which of them goes when there are too many.
//
// Use:         UseOrder::Place place(terms, stop);   order.add(place);   …   order.touch(place);
// Lifetime:    a place leaves the order when it ends; what `stop` refers to outlives it.
// Concurrency: confined to its shard.
#pragma once

#include <optional>
#include <string_view>

#include "base/intrusive_list.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/shard.h"
#include "server/client_info.h"

namespace ottla::server {

class UseOrder {
 public:
  struct Place : ListHook<> {
    Place(const ListenerTerms& of_listener, CancelSource& to_stop) : terms(of_listener), stop(to_stop) {}

    const ListenerTerms& terms;
    CancelSource& stop;  // requested: the connection ends
    Instant used{};
  };

  void add(Place& place) {
    place.used = this_shard().now();
    places_.push_back(place);
  }
  void touch(Place& place) {
    place.unlink();
    add(place);
  }

  // Of connections of all listeners of a kind but that one.
  std::optional<Instant> least_recent(ListenerKind kind, std::string_view spared) {
    const Place* place = find(kind, spared);
    return place != nullptr ? std::optional(place->used) : std::nullopt;
  }
  // Ends that connection; false when there is none.
  bool end_least_recent(ListenerKind kind, std::string_view spared) {
    Place* place = find(kind, spared);
    if (place == nullptr) return false;
    place->unlink();
    place->stop.request();
    return true;
  }
  // Ends all of one listener.
  void end_all(ListenerKind kind, std::string_view listener) {
    Place* place = places_.empty() ? nullptr : &places_.front();
    while (place != nullptr) {
      Place* const next = places_.next(*place);
      if (place->terms.kind == kind && place->terms.name == listener) {
        place->unlink();
        place->stop.request();
      }
      place = next;
    }
  }

 private:
  Place* find(ListenerKind kind, std::string_view spared) {
    Place* place = places_.empty() ? nullptr : &places_.front();
    while (place != nullptr && (place->terms.kind != kind || place->terms.name == spared)) {
      place = places_.next(*place);
    }
    return place;
  }

  IntrusiveList<Place> places_;  // the least recent first
};

}  // namespace ottla::server
