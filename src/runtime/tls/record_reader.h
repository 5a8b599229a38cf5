// The receiving half of a TLS stream: large reads of ciphertext, plaintext straight into the caller's spans.
//
// Lifetime:    belongs to its stream.
// Concurrency: confined to its shard; one read or wait at a time.
// Invariants:  1. while it waits for a peer that has nothing to say, it holds no block
//              2. after the end or a failure every read gives that same end or failure
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/tls/record_pool.h"
#include "runtime/tls/record_writer.h"
#include "runtime/tls/session_cache.h"
#include "runtime/tls/tls_engine.h"

namespace ottla {

// Where a client's sessions go. Without a cache they are dropped.
struct SessionSink {
  std::shared_ptr<SessionCache> cache;
  std::string server;
};

class RecordReader {
 public:
  RecordReader(Stream& beneath, TlsEngine& engine, RecordPool& pool, RecordWriter& writer, SessionSink sink)
      : beneath_(beneath), engine_(engine), pool_(pool), writer_(writer), sink_(std::move(sink)) {}

  // Ciphertext that came with the end of the handshake; at most one block of many records.
  void begin_with(std::span<const std::byte> ciphertext);

  Task<Result<void>> wait_readable(Cancel cancel);
  Task<Result<std::size_t>> read(ReadVector into, Cancel cancel);

 private:
  struct Drained {
    std::size_t bytes = 0;
    TlsEngine::Need need = TlsEngine::Need::nothing;
  };
  Drained drain(ReadVector into);
  void keep_sessions();
  // What the engine needs before it can give more.
  Task<Result<void>> provide(TlsEngine::Need need, Cancel cancel);
  Task<Result<void>> fetch(Cancel cancel);
  Error fail(Error error);

  Stream& beneath_;
  TlsEngine& engine_;
  RecordPool& pool_;
  RecordWriter& writer_;
  SessionSink sink_;
  Claim<RecordBlock> block_;      // holds engine_.input()
  std::optional<Error> failure_;  // set once
  bool expecting_ = false;        // the last read filled its block: there is more
  RecordPool::Size next_size_ = RecordPool::Size::one_record;
};

}  // namespace ottla
