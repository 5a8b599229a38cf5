#include "runtime/tls/record_writer.h"

#include <algorithm>
#include <utility>

#include "runtime/file.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/when.h"

namespace ottla {
namespace {

constexpr std::size_t kRecord = TlsEngine::kMaxPlaintext;
// How long an end in good order may wait for a peer that does not read.
constexpr Duration kFarewellPatience = std::chrono::seconds(1);

}  // namespace

Error RecordWriter::refusal() const {
  if (failure_)
    return Error(Errc::closed, "an earlier write failed, so that the peer could not follow", *failure_);
  return Error(Errc::closed, "the stream was finished for writing");
}

Task<Result<void>> RecordWriter::write(Chain chain, Cancel cancel) {
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1, cancel));
  if (failure_ || finished_) co_return refusal();
  if (cancel.requested()) co_return Errc::cancelled;
  Result<void> done = co_await encrypt_chain(std::move(chain), cancel);
  staging_ = nullptr;
  if (!done.ok()) {
    failure_ = done.error();
    engine_.detach_output();
    window_ = nullptr;
  }
  co_return done;
}

Task<Result<void>> RecordWriter::encrypt_chain(Chain chain, Cancel cancel) {
  give_window(chain.size());
  while (!chain.empty()) {
    const bool last = chain.piece_count() == 1;
    if (const Range* range = chain.front().range()) {
      const std::uint64_t size = range->size();
      OTTLA_CO_CHECK(co_await encrypt_range(*range, !last, cancel));
      chain.consume(size);
      continue;
    }
    const Slice& slice = *chain.front().slice();
    if (last || slice.size() >= kRecord) {
      const std::size_t size = last ? slice.size() : slice.size() / kRecord * kRecord;
      OTTLA_CO_CHECK(co_await encrypt_bytes(slice.as_span().first(size), !last, cancel));
      chain.consume(size);
      continue;
    }
    if (!staging_) staging_ = pool_.take(RecordPool::Size::one_record);
    const std::span<std::byte> together = staging_->bytes().first(kRecord);
    const std::size_t size = chain.copy_front(together);
    OTTLA_CO_CHECK(co_await encrypt_bytes(together.first(size), size < chain.size(), cancel));
    chain.consume(size);
  }
  co_return co_await flush(cancel);
}

Task<Result<void>> RecordWriter::encrypt_bytes(std::span<const std::byte> plaintext, bool more,
                                               Cancel cancel) {
  bool full = false;
  while (!plaintext.empty()) {
    if (full || engine_.output_room() < TlsEngine::kMaxRecord) {
      OTTLA_CO_CHECK(co_await flush(cancel));
      if (Shard::current().slice_spent()) co_await yield();
      give_window(more ? RecordPool::kCapacity[1] : plaintext.size());
    }
    OTTLA_CO_TRY(const TlsEngine::Step step,
                 engine_.encrypt(plaintext.first(std::min(plaintext.size(), kRecord))));
    plaintext = plaintext.subspan(step.bytes);
    full = step.need == TlsEngine::Need::output;
  }
  co_return Result<void>();
}

Task<Result<void>> RecordWriter::encrypt_range(Range range, bool more, Cancel cancel) {
  if (range.source().kind() != RangeSource::Kind::file) {
    co_return Error(Errc::unsupported, "only memory and file ranges can be written to a stream");
  }
  auto& file = static_cast<FileRangeSource&>(range.source());
  const Claim<RecordBlock> block =
      pool_.take(range.size() <= kRecord ? RecordPool::Size::one_record : RecordPool::Size::many_records);
  // Whole records at a time, so that a long range makes no short ones in its middle.
  const std::span<std::byte> bytes = block->bytes().first(block->bytes().size() / kRecord * kRecord);
  while (!range.empty()) {
    const auto part =
        bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), range.size())));
    OTTLA_CO_CHECK(co_await file.read_at(range.offset(), part));
    range.remove_front(part.size());
    OTTLA_CO_CHECK(co_await encrypt_bytes(part, more || !range.empty(), cancel));
  }
  co_return Result<void>();
}

void RecordWriter::give_window(std::uint64_t expected) {
  if (window_) return;
  window_ = pool_.take(expected <= kRecord ? RecordPool::Size::one_record : RecordPool::Size::many_records);
  engine_.attach_output(window_->bytes());
}

Task<Result<void>> RecordWriter::flush(Cancel cancel) {
  for (std::span<const std::byte> made; !(made = engine_.pending_output()).empty();) {
    Slice ciphertext = window_ ? Slice(Claim<Block>(std::move(window_)), made) : Slice::copy_of(made);
    window_ = nullptr;
    engine_.detach_output();
    Result<void> sent = co_await beneath_.write(Chain(std::move(ciphertext)), cancel);
    room_.wake_all();
    OTTLA_CO_CHECK(std::move(sent));
  }
  if (window_) engine_.detach_output();
  window_ = nullptr;
  co_return Result<void>();
}

Task<Result<void>> RecordWriter::finish() {
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  if (failure_) co_return refusal();
  if (finished_) co_return Result<void>();
  finished_ = true;
  engine_.finish();
  Result<void> sent = co_await flush({});
  if (!sent.ok()) {
    failure_ = sent.error();
    co_return sent;
  }
  co_return co_await beneath_.finish_writing();
}

Task<void> RecordWriter::say_farewell() {
  if (failure_ || turn_.available() == 0) co_return;
  const Semaphore::Permit turn = (co_await turn_.acquire(1)).value();
  if (!finished_) engine_.finish();
  finished_ = true;
  (void)co_await with_timeout(kFarewellPatience, {}, [this](Cancel cancel) { return flush(cancel); });
}

void RecordWriter::send_answers() {
  if (engine_.pending_output().empty() || answering_ || turn_.available() == 0 || failure_) return;
  answering_ = true;
  answers_.spawn(flush_answers());
}

Task<void> RecordWriter::flush_answers() {
  const Semaphore::Permit turn = (co_await turn_.acquire(1)).value();
  if (!failure_) {
    Result<void> sent = co_await flush({});
    if (!sent.ok()) failure_ = std::move(sent).error();
  }
  answering_ = false;
  room_.wake_all();
}

Task<Result<void>> RecordWriter::wait_for_room(Cancel cancel) {
  if (failure_) co_return refusal();
  send_answers();
  co_return co_await room_.wait(cancel);
}

}  // namespace ottla
