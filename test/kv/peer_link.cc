#include "test/kv/peer_link.h"

#include <utility>

#include "runtime/network.h"
#include "runtime/sleep.h"

namespace ottla::kv {
namespace {

constexpr Duration kBetweenAttempts = std::chrono::milliseconds(10);
constexpr Duration kConnectTimeout = std::chrono::milliseconds(150);

}  // namespace

void PeerLink::send(Chain frame) {
  if (waiting_count_ == kMostWaiting) return;
  ++waiting_count_;
  waiting_.append(std::move(frame));
  something_.set();
}

Task<void> PeerLink::run(Cancel cancel) {
  while (!cancel.requested()) {
    if (!(co_await something_.wait(cancel)).ok()) break;
    CancelSource attempt(cancel);
    attempt_ = &attempt;
    (void)co_await speak(attempt.token());
    attempt_ = nullptr;
    waiting_.clear();
    waiting_count_ = 0;
    something_.reset();
    (void)co_await sleep_for(kBetweenAttempts, cancel);
  }
}

Task<Result<void>> PeerLink::speak(Cancel cancel) {
  Shard& shard = this_shard();
  writing_ = false;
  since_ = shard.now();
  ConnectOptions options;
  options.timeout = kConnectTimeout;
  OTTLA_CO_TRY(std::unique_ptr<Stream> stream, co_await shard.network().connect(address_, options, cancel));
  Result<void> result;
  while (result.ok()) {
    result = co_await something_.wait(cancel);
    if (!result.ok()) break;
    something_.reset();
    waiting_count_ = 0;
    writing_ = true;
    since_ = shard.now();
    result = co_await stream->write(std::exchange(waiting_, Chain()), cancel);
    writing_ = false;
  }
  co_await stream->abort();
  co_return result;
}

void PeerLink::check(Instant now, Instant heard, Duration patience) {
  if (attempt_ == nullptr || now < since_ + patience) return;
  if (writing_ || now > heard + 2 * patience) attempt_->request();
}

}  // namespace ottla::kv
