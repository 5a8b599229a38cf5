#include "test/kv/client.h"

#include <algorithm>
#include <utility>

#include "runtime/network.h"
#include "runtime/sleep.h"
#include "runtime/when.h"

namespace ottla::kv {
namespace {

constexpr Duration kConnectTimeout = std::chrono::milliseconds(100);
constexpr Duration kPatience = std::chrono::milliseconds(250);
constexpr Duration kLongestPause = std::chrono::milliseconds(20);

}  // namespace

Client::Client(ClientId id, std::vector<Address> nodes, Random random)
    : id_(id), nodes_(std::move(nodes)), random_(random), target_(random_.below(nodes_.size())) {}

Task<Result<void>> Client::call(std::vector<Command> commands, AnswerSink& sink, Cancel cancel) {
  OTTLA_INVARIANT(commands.size() <= kClientWindow, "more commands than the store remembers",
                  commands.size());
  for (Command& command : commands) {
    command.client = id_;
    command.sequence = next_sequence_++;
  }
  unanswered_ = std::move(commands);
  while (!unanswered_.empty()) {
    const Result<void> done = co_await with_timeout(
        kPatience, cancel, [this, &sink](Cancel inner) { return attempt(sink, inner); });
    if (done.ok()) break;
    if (cancel.requested()) co_return Errc::cancelled;
    co_await close();
    const Duration pause(random_.between(0, kLongestPause.count()));
    OTTLA_CO_CHECK(co_await sleep_for(pause, cancel));
  }
  co_return Result<void>();
}

Task<Result<void>> Client::attempt(AnswerSink& sink, Cancel cancel) {
  const std::size_t asked = target_;
  target_ = (target_ + 1) % nodes_.size();  // where to go if this one is silent
  if (stream_ == nullptr) OTTLA_CO_CHECK(co_await connect(asked, cancel));
  OTTLA_CO_CHECK(co_await stream_->write(encode(Request{unanswered_}), cancel));
  while (!unanswered_.empty()) {
    OTTLA_CO_TRY(const std::span<const std::byte> bytes, co_await reader_->next(cancel));
    OTTLA_CO_TRY(const Frame frame, decode(bytes));
    OTTLA_CO_CHECK(take(frame, sink));
  }
  target_ = asked;
  co_return Result<void>();
}

Task<Result<void>> Client::connect(std::size_t node, Cancel cancel) {
  ConnectOptions options;
  options.timeout = kConnectTimeout;
  OTTLA_CO_TRY(stream_, co_await this_shard().network().connect(nodes_[node], options, cancel));
  reader_ = std::make_unique<FrameReader>(*stream_);
  co_return Result<void>();
}

Result<void> Client::take(const Frame& frame, AnswerSink& sink) {
  if (const auto* redirect = std::get_if<Redirect>(&frame)) {
    turn_to(redirect->leader);
    return Errc::unreachable;
  }
  const auto* reply = std::get_if<Reply>(&frame);
  if (reply == nullptr) return Errc::malformed;
  for (const Answered& answered : reply->answers) {
    const auto found = std::ranges::lower_bound(unanswered_, answered.sequence, {}, &Command::sequence);
    if (found == unanswered_.end() || found->sequence != answered.sequence) continue;
    unanswered_.erase(found);
    sink.answered(answered.sequence, answered.answer);
  }
  return {};
}

void Client::turn_to(NodeId leader) {
  const auto index = static_cast<std::size_t>(leader.raw());
  if (leader != kNoNode && index < nodes_.size()) target_ = index;
}

Task<void> Client::close() {
  reader_.reset();
  if (stream_ != nullptr) co_await stream_->close();
  stream_.reset();
}

}  // namespace ottla::kv
