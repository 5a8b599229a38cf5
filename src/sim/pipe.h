// One direction of a connection: bytes that were sent, then arrive, then are read.
//
// Lifetime:    part of its Connection.
// Concurrency: confined to the world's one thread.
// Invariants:  1. acked <= read <= arrived <= sent <= acked + capacity
//              2. bytes arrive in the order in which they were sent, each segment at once
//              3. what cannot be delivered stays, until the way is open again or the sender gives up
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/event_queue.h"

namespace ottla::sim {

class Endpoint;

class Pipe final : private SimEvent {
 public:
  Pipe(Endpoint& from, Endpoint& to) : from_(from), to_(to), give_up_(*this) {}

  // --- The sender's end ------------------------------------------------------------------------------------
  void set_capacity(std::size_t bytes) { capacity_ = bytes; }
  std::size_t room() const { return capacity_ - static_cast<std::size_t>(sent_ - acked_); }
  // Takes over at most room() bytes; they travel when push() is called.
  void put(std::span<const std::byte> bytes);
  void push();
  // The end travels behind everything that was pushed.
  void push_end();
  bool end_pushed() const { return end_pushed_; }
  // Nothing that is under way arrives any more.
  void drop_in_flight();

  // --- The receiver's end ----------------------------------------------------------------------------------
  std::size_t readable() const { return static_cast<std::size_t>(arrived_ - read_); }
  bool ended() const { return ended_; }
  void take(std::span<std::byte> into);

  // --- The way between them --------------------------------------------------------------------------------
  // Something that stood in the way may be gone: try again.
  void try_again();
  // Bytes are under way that have not arrived.
  bool in_flight() const { return first_ < segments_.size(); }

 private:
  struct Segment {
    std::uint64_t end;
    Instant arrival;
    bool last;  // the sender's end follows
  };
  struct GiveUp final : SimEvent {
    explicit GiveUp(Pipe& pipe) : pipe(pipe) {}
    void happen() override;
    Pipe& pipe;
  };

  void happen() override;
  void push_segment(std::uint64_t end, bool last);
  void hold();
  void acknowledge();
  void pop_segment();
  std::byte& at(std::uint64_t position) { return bytes_[position & (ring_ - 1)]; }
  void grow(std::size_t needed);

  Endpoint& from_;
  Endpoint& to_;
  std::size_t capacity_ = 0;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t ring_ = 0;  // a power of two
  std::uint64_t acked_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t arrived_ = 0;
  std::uint64_t pushed_ = 0;
  std::uint64_t sent_ = 0;
  std::vector<Segment> segments_;
  std::size_t first_ = 0;  // the segments before it have arrived
  Instant line_free_;      // when the last pushed byte has left
  bool end_pushed_ = false;
  bool ended_ = false;
  GiveUp give_up_;
};

}  // namespace ottla::sim
