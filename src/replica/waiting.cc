#include "replica/waiting.h"

#include <algorithm>

namespace ottla::replica {

void OffsetWaiters::insert(Awaiter& awaiter) {
  // Offsets rise as they come, but for those of different waits at one partition.
  WaiterList later;
  while (!waiting_.empty() && static_cast<Awaiter&>(waiting_.back()).offset_ > awaiter.offset_) {
    Waiter& last = waiting_.back();
    static_cast<ListHook<>&>(last).unlink();
    later.push_front(last);
  }
  waiting_.push_back(awaiter);
  waiting_.splice_back(later);
}

void OffsetWaiters::reached(Offset offset) {
  while (!waiting_.empty()) {
    auto& first = static_cast<Awaiter&>(waiting_.front());
    if (first.offset_ > offset) return;
    first.grant();
  }
}

Offset FetchWatchers::Ends::of(storage::Isolation isolation) const {
  switch (isolation) {
    case storage::Isolation::log_end:
      return log_end;
    case storage::Isolation::high_watermark:
      return high_watermark;
    case storage::Isolation::committed:
      return last_stable;
  }
  return high_watermark;
}

void FetchWatchers::moved(const Ends& ends) {
  if (list_.empty()) return;
  // Whoever is rung leaves with all of its watches, wherever in here they stand.
  IntrusiveList<FetchWatch, FetchWatchTag> looking;
  looking.splice_back(list_);
  while (!looking.empty()) {
    FetchWatch& watch = looking.pop_front();
    list_.push_back(watch);
    if (ends.of(watch.isolation) <= watch.seen) continue;
    const std::uint64_t now = std::min(std::max<std::uint64_t>(appended_ - watch.had, 1), watch.most);
    const std::uint64_t more = now - std::min(now, watch.counted);
    watch.counted += more;
    watch.fetch->count(more);
  }
}

void FetchWatchers::ring_all() {
  while (!list_.empty()) list_.front().fetch->ring();
}

void FetchWait::watch(FetchWatchers& watchers, const Place& place) {
  if (rung_.is_set()) return;
  FetchWatch& watch = watches_.emplace_back();
  watch.fetch = this;
  watch.isolation = place.isolation;
  watch.seen = place.seen;
  watch.most = place.most;
  watch.had = watchers.appended_;
  watchers.list_.push_back(watch);
}

void FetchWait::count(std::uint64_t bytes) {
  bytes_ += bytes;
  if (bytes_ >= wanted_) ring();
}

void FetchWait::ring() {
  for (FetchWatch& watch : watches_) watch.unlink();
  rung_.set();
}

}  // namespace ottla::replica
