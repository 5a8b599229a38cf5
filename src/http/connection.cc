#include "http/connection.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/chain.h"
#include "base/error.h"
#include "base/result.h"
#include "base/slice.h"
#include "http/date.h"
#include "runtime/shard.h"
#include "runtime/when.h"

namespace ottla::http {
namespace {

// What a client may still send that was told to stop, so that it reads our answer before it sees the connection go.
constexpr std::size_t kMostIgnored = std::size_t{256} << 10;
constexpr Duration kIgnoringTime = std::chrono::seconds(2);

constexpr bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

Slice head_of(const Response& response, bool keep_alive) {
  std::string head;
  const auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_of(response.status),
                 http_date(this_shard().wall_now()));
  for (const Field& field : response.fields) fmt::format_to(out, "{}: {}\r\n", field.name, field.value);
  if (has_body(response.status)) fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
  if (!keep_alive) head += "Connection: close\r\n";
  head += "\r\n";
  return Slice::copy_of(head);
}

// One connection while it is served; lives in the frame of serve().
class Conversation {
 public:
  Conversation(Stream& stream, const Handler& handler, const ConnectionOptions& options, Cancel cancel)
      : stream_(stream), handler_(handler), options_(options), cancel_(cancel), parser_(options.limits) {}

  // Whether the client is still to read what was sent: it broke off in the middle of what it said.
  Task<bool> run() {
    for (;;) {
      RequestParser::Outcome outcome = parser_.next();
      if (const auto* more = std::get_if<RequestParser::NeedsMore>(&outcome)) {
        if (more->expects_continue && !(co_await send_continue()).ok()) co_return false;
        const Result<void> got = co_await read_more();
        if (got.ok()) continue;
        if (got.error() != Errc::timed_out || parser_.at_boundary()) co_return false;
        outcome = Refusal{408, "the request did not come in time"};
      }
      if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
        (void)co_await send(Response::text(refusal->status, fmt::format("{}\n", refusal->reason)), false,
                            false);
        co_return true;
      }
      if (!co_await answer(std::get<Request>(std::move(outcome)))) co_return false;
    }
  }

 private:
  Task<Result<void>> send_continue() {
    co_return co_await write(Chain(Slice::from_static("HTTP/1.1 100 Continue\r\n\r\n")));
  }

  Task<Result<void>> read_more() {
    if (parser_.at_boundary()) {
      begun_.reset();
      OTTLA_CO_CHECK(co_await with_timeout(options_.idle, cancel_,
                                           [this](Cancel cancel) { return stream_.wait_readable(cancel); }));
    }
    if (!begun_) begun_ = this_shard().exact_now();
    const Result<std::size_t> count =
        co_await with_deadline(*begun_ + options_.request, cancel_,
                               [this](Cancel cancel) { return stream_.read(parser_.space(), cancel); });
    if (!count.ok()) co_return count.error();
    parser_.received(*count);
    co_return Result<void>();
  }

  // Whether there may be another request.
  Task<bool> answer(Request request) {
    const bool keep_alive = request.keep_alive && !cancel_.requested();
    const bool head_only = request.method == "HEAD";
    Response response = co_await handler_(std::move(request), cancel_);
    if (cancel_.requested()) co_return false;
    begun_.reset();
    co_return (co_await send(std::move(response), keep_alive, head_only)).ok() && keep_alive;
  }

  Task<Result<void>> send(Response response, bool keep_alive, bool head_only) {
    Chain chain(head_of(response, keep_alive));
    if (has_body(response.status) && !head_only) chain.append(std::move(response.body));
    co_return co_await write(std::move(chain));
  }

  Task<Result<void>> write(Chain chain) {
    co_return co_await with_timeout(options_.response, cancel_, [this, &chain](Cancel cancel) {
      return stream_.write(std::move(chain), cancel);
    });
  }

  Stream& stream_;
  const Handler& handler_;
  const ConnectionOptions& options_;
  const Cancel cancel_;
  RequestParser parser_;
  std::optional<Instant> begun_;  // when the first byte of the unfinished request was there
};

// Reads on for a moment: bytes that nobody read would make the kernel answer with a reset, which can overtake the
// response.
Task<void> ignore_rest(Stream& stream, Cancel cancel) {
  if (!(co_await stream.finish_writing()).ok()) co_return;
  const Instant deadline = this_shard().exact_now() + kIgnoringTime;
  std::array<std::byte, 4096> room;
  for (std::size_t ignored = 0; ignored < kMostIgnored;) {
    const Result<std::size_t> count = co_await with_deadline(
        deadline, cancel, [&](Cancel inner) { return stream.read(std::span(room), inner); });
    if (!count.ok()) co_return;
    ignored += *count;
  }
}

}  // namespace

Task<void> serve(std::unique_ptr<Stream> stream, const Handler& handler, ConnectionOptions options,
                 Cancel cancel) {
  bool unread = false;
  {
    Conversation conversation(*stream, handler, options, cancel);
    unread = co_await conversation.run();
  }
  if (unread) co_await ignore_rest(*stream, cancel);
  co_await stream->close();
}

}  // namespace ottla::http
