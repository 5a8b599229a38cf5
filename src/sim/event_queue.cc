#include "sim/event_queue.h"

namespace ottla::sim {

void EventQueue::schedule(SimEvent& event, Instant due) {
  if (event.queue_ != nullptr) cancel(event);
  event.queue_ = this;
  event.due_ = due;
  const Entry entry{due, next_sequence_++, &event};
  heap_.push_back(entry);
  sift_up(heap_.size() - 1, entry);
}

void EventQueue::cancel(SimEvent& event) {
  if (event.queue_ == nullptr) return;
  OTTLA_INVARIANT(event.queue_ == this, "an event stands in another world's queue");
  event.queue_ = nullptr;
  remove_at(event.slot_);
}

void EventQueue::clear() {
  for (const Entry& entry : heap_) entry.event->queue_ = nullptr;
  heap_.clear();
}

void EventQueue::happen_next() {
  SimEvent* event = heap_.front().event;
  event->queue_ = nullptr;
  remove_at(0);
  event->happen();
}

void EventQueue::remove_at(std::size_t slot) {
  const Entry last = heap_.back();
  heap_.pop_back();
  if (slot == heap_.size()) return;
  if (slot > 0 && last.before(heap_[(slot - 1) / kArity])) {
    sift_up(slot, last);
  } else {
    sift_down(slot, last);
  }
}

void EventQueue::sift_up(std::size_t slot, const Entry& entry) {
  while (slot > 0) {
    const std::size_t parent = (slot - 1) / kArity;
    if (!entry.before(heap_[parent])) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, entry);
}

void EventQueue::sift_down(std::size_t slot, const Entry& entry) {
  for (;;) {
    const std::size_t first = slot * kArity + 1;
    if (first >= heap_.size()) break;
    const std::size_t end = first + kArity < heap_.size() ? first + kArity : heap_.size();
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(entry)) break;
    place(slot, heap_[least]);
    slot = least;
  }
  place(slot, entry);
}

}  // namespace ottla::sim
