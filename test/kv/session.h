// One connection that a node has accepted, with what waits to be said on it.
//
// Lifetime:    lives in the frame of the coroutine that serves it, which closes the stream.
// Concurrency: confined to one shard; write_answers() is one coroutine beside the one that reads.
// Invariants:  a session whose peer does not take its answers is given up before more than kMostAnswers wait
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "test/kv/message.h"

namespace ottla::kv {

class Session {
 public:
  Session(std::unique_ptr<Stream> stream, Cancel cancel)
      : stream_(std::move(stream)), source_(cancel), heard_(this_shard().now()) {}

  Stream& stream() { return *stream_; }
  Cancel cancel_token() { return source_.token(); }
  void give_up() { source_.request(); }
  void heard(Instant now) { heard_ = now; }
  // Gives up when the peer has been silent, or a write stuck, for too long.
  void check(Instant now);

  void answer(Answered answered);
  void redirect(NodeId leader);
  // Until cancelled.
  Task<void> write_answers();

 private:
  static constexpr std::size_t kMostAnswers = 4096;

  std::unique_ptr<Stream> stream_;
  CancelSource source_;
  std::vector<Answered> answers_;
  std::optional<Redirect> redirect_;
  Event something_;
  Instant heard_;
  std::optional<Instant> writing_since_;
};

}  // namespace ottla::kv
