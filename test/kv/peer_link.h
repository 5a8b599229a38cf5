// The way to one other node: a connection that is made when there is something to say, and made again when it
// breaks. What is lost with a connection is lost: the replica repeats what matters.
//
// Lifetime:    run() is the one coroutine of a link and closes what it opened; the link outlives it.
// Concurrency: confined to one shard.
// Invariants:  no more than kMostWaiting frames wait; newer ones are dropped
#pragma once

#include <cstdint>
#include <memory>

#include "base/chain.h"
#include "runtime/address.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/stream.h"
#include "runtime/task.h"

namespace ottla::kv {

class PeerLink {
 public:
  explicit PeerLink(Address address) : address_(std::move(address)) {}

  void send(Chain frame);
  Task<void> run(Cancel cancel);
  // Gives up a connection on which a write does not end, or that speaks to nobody: `heard` is when the peer
  // was last heard, by whatever way.
  void check(Instant now, Instant heard, Duration patience);

 private:
  static constexpr std::size_t kMostWaiting = 256;

  Task<Result<void>> speak(Cancel cancel);

  Address address_;
  Chain waiting_;
  std::size_t waiting_count_ = 0;
  Event something_;
  CancelSource* attempt_ = nullptr;  // of the living connection
  Instant since_;                    // when that attempt, or its write in flight, began
  bool writing_ = false;
};

}  // namespace ottla::kv
