#include "rpc/server_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/when.h"

namespace ottla::rpc {
namespace {

// A request's header: its own tags are all that takes memory.
constexpr std::size_t kLargestHeader = std::size_t{64} << 10;
// Calls that a connection keeps: as many as clients have in work unless they are told to have more.
constexpr std::size_t kMostSpare = 5;

}  // namespace

ServerConnection::ServerConnection(std::unique_ptr<Stream> stream, Service& service,
                                   const ServerConnectionOptions& options, ByteMeters bytes,
                                   std::span<const std::byte> unread)
    : service_(service),
      options_(options),
      bytes_(bytes),
      stream_(std::move(stream)),
      splitter_(options.largest_request, options.buffers != nullptr ? *options.buffers : heap_buffers()) {
  splitter_.go_on_with(unread);
}

ServerConnection::~ServerConnection() = default;

Task<void> ServerConnection::run(Cancel cancel) {
  overlapping_.emplace(cancel);
  co_await serve_all(overlapping_->cancel_token());
  co_await overlapping_->stop();
  overlapping_.reset();
  if (!departed_) co_await stream_->close();
}

Task<void> ServerConnection::serve_all(Cancel cancel) {
  for (;;) {
    if (service_.wants_away() && co_await leave(cancel)) co_return;
    if (is_muted() && !(co_await while_muted(cancel)).ok()) {
      end(Errc::cancelled);
      co_return;
    }
    Result<Incoming> request = co_await next_request(cancel);
    if (!request.ok()) {
      (void)co_await all_answered(cancel);
      end(request.error());
      co_return;
    }
    const bool overlaps = service_.may_overlap(request->head);
    const Result<void> served = co_await serve(std::move(*request), overlaps, cancel);
    if (!served.ok()) {
      end(served.error());
      co_return;
    }
  }
}

Task<Result<Incoming>> ServerConnection::next_request(Cancel cancel) {
  Held held;
  for (;;) {
    OTTLA_CO_TRY(std::optional<Slice> frame, splitter_.next());
    if (frame) {
      Result<Incoming> request = admit(std::move(*frame));
      if (request.ok()) request->memory = std::move(held.permit);
      co_return request;
    }
    OTTLA_CO_CHECK(co_await read_more(held, cancel));
  }
}

// As old as the shard's turn: this is about minutes, and is asked three times a request.
Instant ServerConnection::idle_deadline() const {
  return this_shard().now() + options_.idle;
}

Task<Result<void>> ServerConnection::read_more(Held& held, Cancel cancel) {
  if (splitter_.at_boundary()) {
    splitter_.release();
    OTTLA_CO_CHECK(co_await with_deadline(idle_deadline(), cancel,
                                          [this](Cancel inner) { return stream_->wait_readable(inner); }));
  }
  const auto claim = static_cast<std::int64_t>(splitter_.claim());
  if (claim > 0 && options_.memory != nullptr && held.permit.units() == 0) {
    OTTLA_CO_TRY(held.permit,
                 co_await options_.memory->acquire(std::min(claim, options_.memory_size), cancel));
    held.since = this_shard().exact_now();
  }
  if (held.permit.units() > 0) {
    OTTLA_CO_TRY(const std::size_t count, co_await read_held(held, cancel));
    held.bytes += static_cast<std::int64_t>(count);
    received(count);
    co_return Result<void>();
  }
  const Result<std::size_t> count = co_await with_deadline(
      idle_deadline(), cancel, [this](Cancel inner) { return stream_->read(splitter_.space(), inner); });
  if (!count.ok()) co_return count.error();
  received(*count);
  co_return Result<void>();
}

void ServerConnection::received(std::size_t bytes) {
  splitter_.received(bytes);
  if (bytes_.in != nullptr) bytes_.in->add(bytes);
}

// Memory is for those whose bytes come: a client that stands still, or drips, has it until another one needs it.
Task<Result<std::size_t>> ServerConnection::read_held(const Held& held, Cancel cancel) {
  const Instant begun = this_shard().exact_now();
  for (;;) {
    const Instant now = this_shard().exact_now();
    const Duration idle_left = options_.idle - (now - begun);
    if (idle_left <= Duration::zero()) co_return Errc::timed_out;
    const Duration left = held.since + may_hold(held) - now;
    if (left <= Duration::zero() && options_.memory->has_waiters()) {
      co_return Error(Errc::timed_out, "others wait for the memory of a request that does not come");
    }
    const Duration look_again = left > Duration::zero() ? left : options_.memory_patience;
    Result<std::size_t> count =
        co_await with_timeout(std::min(idle_left, look_again), cancel,
                              [this](Cancel inner) { return stream_->read(splitter_.space(), inner); });
    if (count.ok() || count.error() != Errc::timed_out) co_return count;
  }
}

Duration ServerConnection::may_hold(const Held& held) const {
  return options_.memory_patience + std::chrono::seconds(held.bytes / options_.least_bytes_per_second);
}

Result<Incoming> ServerConnection::admit(Slice frame) {
  Budget budget("request header", kLargestHeader);
  Arena arena(budget);
  OTTLA_TRY(const protocol::RequestHead head, protocol::read_request_head(frame.as_span(), arena));
  const protocol::Admission admission = protocol::admit(head, options_.served);
  if (admission == protocol::Admission::close) {
    return Error(Errc::unsupported,
                 fmt::format("{} version {} is not served on this listener", head.api->name, head.version));
  }
  return Incoming{.frame = std::move(frame),
                  .head = head,
                  .unknown_version = admission == protocol::Admission::answer_unsupported,
                  .received = this_shard().now()};
}

Task<Result<void>> ServerConnection::serve(Incoming request, bool overlaps, Cancel cancel) {
  if (!overlaps || !last_overlaps_) OTTLA_CO_CHECK(co_await all_answered(cancel));
  last_overlaps_ = overlaps;
  if (is_muted()) OTTLA_CO_CHECK(co_await while_muted(cancel));
  if (!overlaps) {
    Answer answer = co_await service_.serve(std::move(request), cancel);
    if (end_) co_return *end_;
    const Instant turn = answer.passed.made;  // nothing stands in front of it
    OTTLA_CO_CHECK(co_await send(std::move(answer), turn, cancel));
  } else {
    while (calls_.size() >= options_.most_overlapping && !end_)
      OTTLA_CO_CHECK(co_await answered_.wait(cancel));
    Call& call = begin_call();
    overlapping_->spawn([this, taken = std::move(request), &call](Cancel inner) mutable {
      return work(std::move(taken), call, inner);
    });
  }
  if (end_) co_return *end_;
  co_return Result<void>();
}

ServerConnection::Call& ServerConnection::begin_call() {
  if (spare_.empty()) return calls_.emplace_back();
  calls_.splice(calls_.end(), spare_, spare_.begin());
  return calls_.back();
}

void ServerConnection::end_first_call() {
  calls_.front() = {};
  if (spare_.size() < kMostSpare) {
    spare_.splice(spare_.end(), calls_, calls_.begin());
  } else {
    calls_.pop_front();
  }
}

Task<bool> ServerConnection::leave(Cancel cancel) {
  if (!(co_await all_answered(cancel)).ok()) co_return false;
  if (is_muted() && !(co_await while_muted(cancel)).ok()) co_return false;
  if (cancel.requested()) co_return false;
  std::unique_ptr<PendingStream> stream = co_await stream_->depart();
  if (!stream) {
    service_.must_stay();
    co_return false;
  }
  const std::span<const std::byte> unread = splitter_.unread();
  departed_ = {.stream = std::move(stream), .unread = {unread.begin(), unread.end()}};
  co_return true;
}

bool ServerConnection::is_muted() const {
  return muted_until_ > Instant() && this_shard().exact_now() < muted_until_;
}

// An answer that goes out meanwhile may prolong it.
Task<Result<void>> ServerConnection::while_muted(Cancel cancel) {
  while (is_muted()) OTTLA_CO_CHECK(co_await sleep_for(muted_until_ - this_shard().exact_now(), cancel));
  if (end_) co_return *end_;
  co_return Result<void>();
}

Task<void> ServerConnection::work(Incoming request, Call& call, Cancel cancel) {
  call.answer = co_await service_.serve(std::move(request), cancel);
  if (!sending_) co_await send_answers(cancel);
}

Task<void> ServerConnection::send_answers(Cancel cancel) {
  sending_ = true;
  while (!calls_.empty() && calls_.front().answer && !end_) {
    Answer answer = std::move(*calls_.front().answer);
    const Result<void> sent = co_await send(std::move(answer), this_shard().exact_now(), cancel);
    if (!sent.ok()) {
      end(sent.error());
      overlapping_->request_cancel();  // whoever reads must not wait for more
    }
    end_first_call();
    answered_.wake_all();
  }
  sending_ = false;
}

Task<Result<void>> ServerConnection::send(Answer answer, Instant turn, Cancel cancel) {
  if (answer.mute > Duration::zero())
    muted_until_ = std::max(muted_until_, this_shard().exact_now() + answer.mute);
  Result<void> sent = co_await send_bytes(answer, cancel);
  if (answer.passed.api != nullptr) service_.sent(answer.passed, turn, this_shard().exact_now());
  co_return sent;
}

Task<Result<void>> ServerConnection::send_bytes(Answer& answer, Cancel cancel) {
  switch (answer.kind) {
    case Answer::Kind::silence:
      co_return Result<void>();
    case Answer::Kind::hang_up:
      co_return Error(Errc::closed, "the server ended the connection");
    case Answer::Kind::reply:
      break;
  }
  OTTLA_CO_CHECK(co_await write(std::move(answer.bytes), cancel));
  while (answer.rest && !answer.rest->done()) OTTLA_CO_CHECK(co_await write(answer.rest->next(), cancel));
  co_return Result<void>();
}

Task<Result<void>> ServerConnection::write(Chain bytes, Cancel cancel) {
  const std::size_t size = bytes.size();
  Result<void> written = co_await with_deadline(idle_deadline(), cancel, [this, &bytes](Cancel inner) {
    return stream_->write(std::move(bytes), inner);
  });
  if (written.ok() && bytes_.out != nullptr) bytes_.out->add(size);
  co_return written;
}

Task<Result<void>> ServerConnection::all_answered(Cancel cancel) {
  while (!calls_.empty() && !end_) OTTLA_CO_CHECK(co_await answered_.wait(cancel));
  if (end_) co_return *end_;
  co_return Result<void>();
}

void ServerConnection::end(Error error) {
  if (!end_) end_ = std::move(error);
}

}  // namespace ottla::rpc
