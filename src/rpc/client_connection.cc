#include "rpc/client_connection.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/error.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/request_header.h"
#include "protocol/schema.h"
#include "runtime/cancel.h"
#include "runtime/network.h"
#include "runtime/stream.h"
#include "runtime/task.h"

namespace ottla::rpc {
namespace {

// A reply's header is a number and tags that nobody has defined yet.
constexpr std::size_t kLargestHeader = std::size_t{64} << 10;

}  // namespace

ClientConnection::ClientConnection(std::unique_ptr<Stream> stream, ClientConnectionOptions options)
    : options_(std::move(options)), stream_(std::move(stream)), splitter_(options_.largest_reply) {
  tasks_.spawn([this](Cancel cancel) { return read_replies(cancel); });
}

ClientConnection::~ClientConnection() = default;

Task<Result<std::unique_ptr<ClientConnection>>> ClientConnection::connect(Network& network, Address address,
                                                                          ClientConnectionOptions options,
                                                                          Cancel cancel) {
  OTTLA_CO_TRY(auto stream, co_await network.connect(std::move(address), options.connect, cancel));
  co_return std::make_unique<ClientConnection>(std::move(stream), std::move(options));
}

Task<Result<Reply>> ClientConnection::call(protocol::Encodable request, Cancel cancel) {
  Waiter waiter;
  OTTLA_CO_CHECK(co_await write(request, &waiter, cancel));
  const auto waited = co_await waiter.done.wait(cancel);
  if (waiter.outcome) co_return std::move(*waiter.outcome);
  for (Expected& each : expected_) {
    if (each.waiter == &waiter) each.waiter = nullptr;
  }
  co_return waited.error();
}

Task<Result<void>> ClientConnection::send(protocol::Encodable request, Cancel cancel) {
  return write(request, nullptr, cancel);
}

Task<Result<void>> ClientConnection::write(protocol::Encodable request, Waiter* waiter, Cancel cancel) {
  OTTLA_CO_TRY(const Semaphore::Permit permit, co_await writing_.acquire(1, cancel));
  if (failure_) co_return *failure_;
  const std::int32_t correlation = next_correlation_;
  OTTLA_CO_TRY(Chain frame, protocol::encode_request(
                                request, {.correlation = correlation, .client_id = options_.client_id}));
  next_correlation_ = correlation == INT32_MAX ? 0 : correlation + 1;
  if (waiter != nullptr) {
    expected_.push_back({.correlation = correlation,
                         .api = protocol::find_api(request.message->key),
                         .version = request.version,
                         .waiter = waiter});
  }
  // Once bytes may have gone out the request cannot be taken back.
  const auto written = co_await stream_->write(std::move(frame), {});
  if (!written.ok()) fail(written.error());
  co_return written;
}

Task<void> ClientConnection::read_replies(Cancel cancel) {
  for (;;) {
    const auto count = co_await stream_->read(splitter_.space(), cancel);
    if (!count.ok()) {
      fail(count.error());
      co_return;
    }
    splitter_.received(*count);
    const auto taken = take_replies();
    if (!taken.ok()) {
      fail(taken.error());
      co_return;
    }
  }
}

Result<> ClientConnection::take_replies() {
  for (;;) {
    OTTLA_TRY(std::optional<Slice> frame, splitter_.next());
    if (!frame) return {};
    OTTLA_CHECK(take(std::move(*frame)));
  }
}

Result<> ClientConnection::take(Slice frame) {
  if (expected_.empty()) return Error(Errc::malformed, "a reply that nobody asked for");
  const Expected expected = expected_.front();
  Budget budget("reply header", kLargestHeader);
  Arena arena(budget);
  std::int32_t correlation = 0;
  OTTLA_TRY(const std::size_t body, protocol::read_response_head(frame.as_span(), *expected.api,
                                                                 expected.version, arena, correlation));
  if (correlation != expected.correlation) {
    return Error(Errc::malformed, fmt::format("a reply with correlation {} where {} was due", correlation,
                                              expected.correlation));
  }
  expected_.pop_front();
  if (expected.waiter != nullptr) {
    expected.waiter->outcome =
        Reply{.api = expected.api, .version = expected.version, .frame = std::move(frame), .body = body};
    expected.waiter->done.set();
  }
  return {};
}

void ClientConnection::fail(Error error) {
  if (failure_) return;
  failure_ = std::move(error);
  for (const Expected& each : std::exchange(expected_, {})) {
    if (each.waiter == nullptr) continue;
    each.waiter->outcome = *failure_;
    each.waiter->done.set();
  }
}

Task<void> ClientConnection::close() {
  fail(Errc::closed);
  co_await tasks_.stop();
  co_await stream_->close();
}

}  // namespace ottla::rpc
