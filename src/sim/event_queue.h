// What will happen, and when: a heap of events that live inside whatever waits for them.
//
// Lifetime:    an event leaves the queue when it is destroyed; the queue outlives its events.
// Concurrency: confined to the world's one thread.
// Invariants:  1. events come out by time, then in the order in which they were scheduled
//              2. scheduling allocates nothing once the heap has grown to its working size
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/invariant.h"
#include "runtime/clock.h"

namespace ottla::sim {

class EventQueue;

class SimEvent {
 public:
  SimEvent() = default;
  SimEvent(const SimEvent&) = delete;
  SimEvent& operator=(const SimEvent&) = delete;

  bool scheduled() const { return queue_ != nullptr; }
  Instant due() const { return due_; }
  inline void cancel();

 protected:
  ~SimEvent() { cancel(); }

 private:
  friend class EventQueue;
  // Runs between two steps of the shards, so that no shard is current.
  virtual void happen() = 0;

  EventQueue* queue_ = nullptr;  // set while scheduled
  Instant due_;
  std::size_t slot_ = 0;
};

class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  ~EventQueue() { clear(); }

  // Moves the event when it is scheduled already.
  void schedule(SimEvent& event, Instant due);
  void cancel(SimEvent& event);
  void clear();

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  Instant next_due() const {
    OTTLA_INVARIANT(!heap_.empty(), "no event is scheduled");
    return heap_.front().due;
  }
  // Takes the first event out and lets it happen.
  void happen_next();

 private:
  struct Entry {
    Instant due;
    std::uint64_t sequence;
    SimEvent* event;
    bool before(const Entry& other) const {
      return due != other.due ? due < other.due : sequence < other.sequence;
    }
  };
  static constexpr std::size_t kArity = 4;

  void place(std::size_t slot, const Entry& entry) {
    heap_[slot] = entry;
    entry.event->slot_ = slot;
  }
  void sift_up(std::size_t slot, const Entry& entry);
  void sift_down(std::size_t slot, const Entry& entry);
  void remove_at(std::size_t slot);

  std::vector<Entry> heap_;
  std::uint64_t next_sequence_ = 0;
};

inline void SimEvent::cancel() {
  if (queue_ != nullptr) queue_->cancel(*this);
}

}  // namespace ottla::sim
