#include "runtime/tls/record_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/invariant.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/tls/openssl_errors.h"

namespace ottla {

void RecordReader::begin_with(std::span<const std::byte> ciphertext) {
  if (ciphertext.empty()) return;
  block_ = pool_.take(RecordPool::Size::many_records);
  const std::span<std::byte> bytes = block_->bytes();
  OTTLA_INVARIANT(ciphertext.size() <= bytes.size(), "more ciphertext than a block holds", ciphertext.size());
  std::memcpy(bytes.data(), ciphertext.data(), ciphertext.size());
  engine_.set_input(bytes.first(ciphertext.size()));
}

Task<Result<std::size_t>> RecordReader::read(ReadVector into, Cancel cancel) {
  for (;;) {
    if (failure_) co_return *failure_;
    const Drained drained = drain(into);
    if (drained.bytes > 0 || drained.need == TlsEngine::Need::nothing) co_return drained.bytes;
    if (failure_) co_return *failure_;
    OTTLA_CO_CHECK(co_await provide(drained.need, cancel));
    // A peer may send records without plaintext for ever.
    if (Shard::current().slice_spent()) co_await yield();
  }
}

Task<Result<void>> RecordReader::wait_readable(Cancel cancel) {
  for (;;) {
    if (failure_) co_return Result<void>();
    Result<TlsEngine::Step> found = engine_.peek();
    keep_sessions();
    if (!found.ok()) {
      (void)fail(std::move(found).error());
      co_return Result<void>();
    }
    if (found->bytes > 0) co_return Result<void>();
    Result<void> provided = co_await provide(found->need, cancel);
    if (!provided.ok() && !failure_) co_return provided;
    if (Shard::current().slice_spent()) co_await yield();
  }
}

// Nothing is needed when the spans are full, also when they were empty from the start.
RecordReader::Drained RecordReader::drain(ReadVector into) {
  const OpenSslCall batch;
  Drained drained;
  for (std::span<std::byte> span : into) {
    while (!span.empty()) {
      Result<TlsEngine::Step> step = engine_.decrypt(span);
      if (!step.ok()) {
        (void)fail(std::move(step).error());
        drained.need = TlsEngine::Need::input;
        return drained;
      }
      drained.bytes += step->bytes;
      span = span.subspan(step->bytes);
      if (step->need != TlsEngine::Need::nothing) {
        drained.need = step->need;
        keep_sessions();
        return drained;
      }
    }
  }
  return drained;
}

void RecordReader::keep_sessions() {
  for (SessionPtr& session : engine_.take_sessions()) {
    if (sink_.cache) sink_.cache->put(sink_.server, std::move(session));
  }
}

Task<Result<void>> RecordReader::provide(TlsEngine::Need need, Cancel cancel) {
  if (need == TlsEngine::Need::output) co_return co_await writer_.wait_for_room(cancel);
  writer_.send_answers();
  co_return co_await fetch(cancel);
}

Task<Result<void>> RecordReader::fetch(Cancel cancel) {
  if (!expecting_) {
    block_ = nullptr;
    engine_.release_idle_memory();
    OTTLA_CO_CHECK(co_await beneath_.wait_readable(cancel));
  }
  if (!block_ || block_->bytes().size() < RecordPool::kCapacity[static_cast<std::size_t>(next_size_)]) {
    block_ = pool_.take(next_size_);
  }
  const std::span<std::byte> bytes = block_->bytes();
  Result<std::size_t> got = co_await beneath_.read(bytes, cancel);
  if (!got.ok()) {
    expecting_ = false;
    if (got.error() == Errc::cancelled) co_return Errc::cancelled;
    if (got.error() != Errc::end_of_stream) co_return fail(std::move(got).error());
    co_return fail(Error(Errc::truncated,
                         "the connection ended without TLS's close_notify: the peer broke off, or "
                         "someone on the way cut it"));
  }
  expecting_ = *got == bytes.size();
  next_size_ =
      *got > RecordPool::kCapacity[0] / 2 ? RecordPool::Size::many_records : RecordPool::Size::one_record;
  engine_.set_input(bytes.first(*got));
  co_return Result<void>();
}

Error RecordReader::fail(Error error) {
  block_ = nullptr;
  engine_.set_input({});
  writer_.send_answers();  // an alert says why
  failure_ = std::move(error);
  return *failure_;
}

}  // namespace ottla
