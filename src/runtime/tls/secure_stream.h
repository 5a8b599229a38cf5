// The stream that a finished handshake gives.
//
// Lifetime:    close() or abort() must have ended before it is destroyed.
// Concurrency: confined to its shard.
// Invariants:  1. whoever is inside keeps close() waiting, so that nothing here is used after its end
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "runtime/gate.h"
#include "runtime/tls/record_pool.h"
#include "runtime/tls/record_reader.h"
#include "runtime/tls/record_writer.h"
#include "runtime/tls/tls_engine.h"
#include "runtime/tls/tls_stream.h"

namespace ottla {

class SecureStream final : public TlsStream {
 public:
  SecureStream(std::unique_ptr<Stream> beneath, std::unique_ptr<TlsEngine> engine,
               std::shared_ptr<RecordPool> pool, SessionSink sink, TlsFacts facts)
      : beneath_(std::move(beneath)),
        engine_(std::move(engine)),
        pool_(std::move(pool)),
        facts_(std::move(facts)),
        writer_(*beneath_, *engine_, *pool_),
        reader_(*beneath_, *engine_, *pool_, writer_, std::move(sink)) {}

  void begin_with(std::span<const std::byte> ciphertext) { reader_.begin_with(ciphertext); }

  using Stream::read;
  Task<Result<void>> wait_readable(Cancel cancel) override;
  Task<Result<std::size_t>> read(ReadVector into, Cancel cancel) override;
  Task<Result<void>> write(Chain chain, Cancel cancel) override;
  Task<Result<void>> finish_writing() override;
  Task<void> close() override;
  Task<void> abort() override;
  Address local_address() const override { return beneath_->local_address(); }
  Address peer_address() const override { return beneath_->peer_address(); }
  const TlsFacts& facts() const override { return facts_; }

 private:
  Result<Gate::Pass> enter();
  Task<void> leave_all();

  std::unique_ptr<Stream> beneath_;
  std::unique_ptr<TlsEngine> engine_;
  std::shared_ptr<RecordPool> pool_;
  TlsFacts facts_;
  RecordWriter writer_;
  RecordReader reader_;
  Gate inside_;
  bool closing_ = false;
};

}  // namespace ottla
