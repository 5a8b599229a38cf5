#include "test/kv/session.h"

#include <utility>

namespace ottla::kv {
namespace {

constexpr Duration kLongestSilence = std::chrono::seconds(3);
constexpr Duration kLongestWrite = std::chrono::milliseconds(500);

}  // namespace

void Session::check(Instant now) {
  const bool stuck = writing_since_ && now > *writing_since_ + kLongestWrite;
  if (stuck || now > heard_ + kLongestSilence) give_up();
}

void Session::answer(Answered answered) {
  if (answers_.size() == kMostAnswers) return give_up();
  answers_.push_back(answered);
  something_.set();
}

void Session::redirect(NodeId leader) {
  redirect_ = Redirect{leader};
  something_.set();
}

Task<void> Session::write_answers() {
  while ((co_await something_.wait(source_.token())).ok()) {
    something_.reset();
    Chain out;
    if (!answers_.empty()) out.append(encode(answers_));
    answers_.clear();
    if (redirect_) out.append(encode(*std::exchange(redirect_, std::nullopt)));
    writing_since_ = this_shard().now();
    const Result<void> written = co_await stream_->write(std::move(out), source_.token());
    writing_since_.reset();
    if (!written.ok()) break;
  }
  give_up();
}

}  // namespace ottla::kv
