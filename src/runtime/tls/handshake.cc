#include "runtime/tls/handshake.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/offload.h"
#include "runtime/shard.h"
#include "runtime/tls/greeting.h"
#include "runtime/tls/secure_stream.h"
#include "runtime/tls/tls_engine.h"
#include "runtime/when.h"

namespace ottla {
namespace {

constexpr std::size_t kFirstRead = 2 * 1024;
constexpr std::size_t kOutput = 8 * 1024;
// A refused peer gets so long, and so many bytes, to come to the alert: a connection that is closed with
// unread bytes is reset, and the reset would overtake the alert.
constexpr Duration kLastWordPatience = std::chrono::milliseconds(500);
constexpr std::size_t kLastWordBytes = 64 * 1024;

// Ends when the peer has seen what was sent, or is not going to.
Task<Result<void>> wait_for_end(Stream& stream, Cancel cancel) {
  std::array<std::byte, 1024> ignored;
  for (std::size_t seen = 0; seen < kLastWordBytes;) {
    OTTLA_CO_TRY(const std::size_t got, co_await stream.read(ignored, cancel));
    seen += got;
  }
  co_return Result<void>();
}

class Handshake {
 public:
  Handshake(Stream& stream, const HandshakePlan& plan)
      : stream_(stream), plan_(plan), input_(kFirstRead), from_client_(plan.context->is_server()) {}

  Task<Result<void>> run(Cancel cancel) {
    if (!from_client_) {
      OTTLA_CO_CHECK(make_engine());
      OTTLA_CO_CHECK(co_await step(cancel));
    }
    while (!done_) {
      OTTLA_CO_CHECK(co_await receive_record(cancel));
      if (!engine_) OTTLA_CO_CHECK(make_engine());
      OTTLA_CO_CHECK(co_await step(cancel));
    }
    co_return Result<void>();
  }

  // The alert that says why it failed, if there is one and the peer listens.
  Task<void> last_word(Cancel cancel) {
    if (!engine_ || engine_->pending_output().empty() || cancel.requested()) co_return;
    (void)co_await with_timeout(kLastWordPatience, cancel, [this](Cancel inner) -> Task<Result<void>> {
      OTTLA_CO_CHECK(co_await send(inner));
      OTTLA_CO_CHECK(co_await stream_.finish_writing());
      co_return co_await wait_for_end(stream_, inner);
    });
  }

  std::unique_ptr<TlsEngine> take_engine() {
    engine_->detach_output();
    return std::move(engine_);
  }
  TlsFacts take_facts() { return std::move(facts_); }
  // What came behind the handshake.
  std::span<const std::byte> leftover() const { return std::span(input_).first(filled_); }

 private:
  Result<void> make_engine() {
    SessionPtr session = plan_.sessions.cache ? plan_.sessions.cache->take(plan_.sessions.server) : nullptr;
    OTTLA_TRY(engine_, TlsEngine::make(plan_.context, plan_.server_name, std::move(session),
                                       Shard::current().wall_now()));
    output_.resize(kOutput);
    engine_->attach_output(output_);
    return {};
  }

  // Reads until a whole record is there, so that a peer which sends byte by byte costs one step a record.
  Task<Result<void>> receive_record(Cancel cancel) {
    while (whole_records(std::span(input_).first(filled_)) == 0) {
      if (filled_ == input_.size()) input_.resize(kRecordHeader + kMaxRecordBody);
      const std::size_t allowed = std::min(input_.size() - filled_, kMaxHandshake - received_);
      if (allowed == 0) {
        co_return Error(Errc::too_large, "the peer's TLS handshake takes more than " +
                                             std::to_string(kMaxHandshake) + " bytes");
      }
      Result<std::size_t> got = co_await stream_.read(std::span(input_).subspan(filled_, allowed), cancel);
      if (!got.ok()) co_return broken_off(std::move(got).error());
      filled_ += *got;
      received_ += *got;
      if (!greeted_ && filled_ >= kRecordHeader) {
        greeted_ = filled_ >= kRecordHeader + 4;
        OTTLA_CO_CHECK(check_greeting(std::span(input_).first(filled_), from_client_));
      }
    }
    co_return Result<void>();
  }

  Error broken_off(Error error) const {
    if (error == Errc::end_of_stream) {
      return Error(Errc::truncated, received_ == 0
                                        ? "the peer ended the connection without a word of TLS"
                                        : "the peer ended the connection within the TLS handshake");
    }
    return error == Errc::cancelled ? error : std::move(error).with_context("TLS handshake");
  }

  // Lets the engine work on all whole records, and sends what it says.
  Task<Result<void>> step(Cancel cancel) {
    const std::size_t whole = whole_records(std::span(input_).first(filled_));
    engine_->set_input(std::span(input_).first(whole));
    for (;;) {
      auto need = co_await offload(HelperKind::compute, [this] { return compute(); });
      if (!need.ok()) co_return std::move(need).error();
      OTTLA_CO_CHECK(co_await send(cancel));
      if (*need == TlsEngine::Need::output) continue;
      done_ = *need == TlsEngine::Need::nothing;
      break;
    }
    const std::size_t used = whole - engine_->input().size();
    std::copy(input_.begin() + static_cast<std::ptrdiff_t>(used),
              input_.begin() + static_cast<std::ptrdiff_t>(filled_), input_.begin());
    filled_ -= used;
    engine_->set_input({});
    co_return Result<void>();
  }

  // On a helper's thread.
  Result<TlsEngine::Need> compute() {
    OTTLA_TRY(const TlsEngine::Need need, engine_->handshake());
    if (need == TlsEngine::Need::nothing) facts_ = engine_->facts();
    return need;
  }

  Task<Result<void>> send(Cancel cancel) {
    const auto pending = engine_->pending_output();
    if (pending.empty()) co_return Result<void>();
    Chain chain(Slice::copy_of(pending));
    engine_->detach_output();
    engine_->attach_output(output_);
    Result<void> sent = co_await stream_.write(std::move(chain), cancel);
    if (!sent.ok()) co_return broken_off(std::move(sent).error());
    co_return Result<void>();
  }

  Stream& stream_;
  const HandshakePlan& plan_;
  std::unique_ptr<TlsEngine> engine_;  // a server's is made when a whole record came
  std::vector<std::byte> input_;       // filled_ bytes that no step has used
  std::vector<std::byte> output_;
  std::size_t filled_ = 0;
  std::size_t received_ = 0;
  const bool from_client_;
  bool greeted_ = false;  // the first bytes were looked at
  bool done_ = false;
  TlsFacts facts_;
};

}  // namespace

Task<Result<std::unique_ptr<TlsStream>>> shake_hands(std::unique_ptr<Stream> beneath, HandshakePlan plan,
                                                     Cancel cancel) {
  Handshake handshake(*beneath, plan);
  Result<void> done = co_await handshake.run(cancel);
  if (!done.ok()) {
    co_await handshake.last_word(cancel);
    co_await beneath->close();
    co_return std::move(done).error();
  }
  auto stream = std::make_unique<SecureStream>(std::move(beneath), handshake.take_engine(), plan.pool,
                                               plan.sessions, handshake.take_facts());
  stream->begin_with(handshake.leftover());
  co_return std::unique_ptr<TlsStream>(std::move(stream));
}

}  // namespace ottla
