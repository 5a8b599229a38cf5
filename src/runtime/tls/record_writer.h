// The sending half of a TLS stream: plaintext into records, records into few large writes.
//
// Lifetime:    belongs to its stream; stop() must have ended before it is destroyed.
// Concurrency: confined to its shard. Writers, and answers that OpenSSL makes while reading, take turns.
// Invariants:  1. ciphertext leaves in the order in which it was made
//              2. without a writer no block is held
//              3. after a failure nothing is encrypted any more: the peer could not follow
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/chain.h"
#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/semaphore.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/tls/record_pool.h"
#include "runtime/tls/tls_engine.h"

namespace ottla {

class RecordWriter {
 public:
  RecordWriter(Stream& beneath, TlsEngine& engine, RecordPool& pool)
      : beneath_(beneath), engine_(engine), pool_(pool) {}

  Task<Result<void>> write(Chain chain, Cancel cancel);
  // close_notify, then no more writes.
  Task<Result<void>> finish();
  // Like finish(), if that needs no wait for another writer; for an end in good order.
  Task<void> say_farewell();
  // Starts sending what OpenSSL had to answer while reading; a writer at work takes it along instead.
  void send_answers();
  // Ends when the engine can put out answers again.
  Task<Result<void>> wait_for_room(Cancel cancel);
  // After the stream beneath was closed.
  Task<void> stop() { return answers_.wait(); }

 private:
  Task<Result<void>> encrypt_chain(Chain chain, Cancel cancel);
  Task<Result<void>> encrypt_bytes(std::span<const std::byte> plaintext, bool more, Cancel cancel);
  Task<Result<void>> encrypt_range(Range range, bool more, Cancel cancel);
  Task<Result<void>> flush(Cancel cancel);
  Task<void> flush_answers();
  void give_window(std::uint64_t expected);
  Error refusal() const;

  Stream& beneath_;
  TlsEngine& engine_;
  RecordPool& pool_;
  Semaphore turn_{1};             // who may use beneath_'s writing side
  Claim<RecordBlock> window_;     // where the engine puts ciphertext now; held by who has the turn
  Claim<RecordBlock> staging_;    // small pieces on their way into one record
  std::optional<Error> failure_;  // set once
  bool finished_ = false;
  bool answering_ = false;  // flush_answers() is under way
  Event room_;              // pulsed after each write beneath
  TaskGroup answers_;
};

}  // namespace ottla
