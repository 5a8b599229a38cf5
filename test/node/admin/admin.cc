#include "test/node/admin/admin.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "protocol/error_code.h"
#include "protocol/messages/init_producer_id.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kTopics = 3;  // of an administrator
constexpr std::size_t kUsers = 2;
constexpr std::size_t kMostOpen = 4;  // requests about one thing of which nobody knows
// What an image says reaches all shards at once, in good times; a node comes back from all that befalls it.
constexpr Duration kSoon = seconds(60);

bool nobody_knows(ErrorCode code) {
  switch (code) {
    case ErrorCode::request_timed_out:
    case ErrorCode::not_controller:
    case ErrorCode::unknown_server_error:
      return true;
    default:
      return false;
  }
}

// For reasons that have nothing to do with the thing itself: what is alive at the moment, and who is registered.
bool declines(ErrorCode code) {
  switch (code) {
    case ErrorCode::throttling_quota_exceeded:
    case ErrorCode::invalid_replication_factor:
    case ErrorCode::invalid_replica_assignment:
    case ErrorCode::duplicate_broker_registration:
    case ErrorCode::broker_not_available:
      return true;
    default:
      return false;
  }
}

}  // namespace

Admin::Admin(Terms terms, Ledger& ledger, Ears ears)
    : terms_(std::move(terms)),
      ledger_(ledger),
      ears_(std::move(ears)),
      line_(terms_.broker, fmt::format("admin-{}", terms_.index)),
      controller_line_(terms_.controller, fmt::format("admin-{}", terms_.index)) {}

std::uint64_t Admin::below(std::uint64_t bound) {
  return this_shard().random().below(bound);
}
std::string Admin::any_topic() {
  return fmt::format("topic-{}-{}", terms_.index, below(kTopics));
}
std::string Admin::any_user() {
  return fmt::format("user-{}-{}", terms_.index, below(kUsers));
}

Task<int> Admin::run(Cancel cancel) {
  cancel_ = cancel;
  const std::int64_t slowest = std::int64_t{20} << below(6);
  while (!stops()) {
    (void)co_await sleep_for(
        milliseconds(static_cast<std::int64_t>(below(static_cast<std::uint64_t>(slowest)))), cancel);
    if (!stops()) co_await do_something();
  }
  if (!cancel.requested()) co_await finish_up();
  co_await line_.close();
  co_await controller_line_.close();
  co_return 0;
}

Task<void> Admin::do_something() {
  // What cannot be asked is not asked: it would stay open for nothing.
  if (co_await line_.connected(cancel_) == nullptr) co_return;
  const std::uint64_t what = below(20);
  if (what < 12) co_return co_await change_something();
  if (what < 18) co_return co_await look_at_something();
  if (what == 18) co_return co_await take_producer_id();
  co_await (one_in(2) ? elect() : move_logs());
}

Task<void> Admin::change_something() {
  const bool first = terms_.index == 0;
  switch (below(first ? 16 : 11)) {
    case 0:
    case 1:
      return alter_quota(any_user());
    case 2:
    case 3:
      return alter_credential(any_user(), static_cast<std::int8_t>(1 + below(2)));
    case 11:
    case 12:
      return alter_broker(one_in(2) ? "1" : "");
    case 13:
      return update_feature();
    case 14:
      return register_member();
    case 15:
      return unregister_member();
    default:
      return change_topic();
  }
}

Task<void> Admin::change_topic() {
  switch (below(10)) {
    case 0:
    case 1:
    case 2:
      return create(any_topic());
    case 3:
    case 4:
      return remove(any_topic());
    case 5:
      return grow(any_topic());
    case 6:
      return replace_topic_configs(any_topic());
    case 7:
      return reassign(any_topic());
    default:
      return alter_topic(any_topic());
  }
}

std::optional<Ledger::Ticket> Admin::begin(const std::string& thing, Step step) {
  if (ledger_.open(thing) >= kMostOpen) return std::nullopt;
  return ledger_.begin(thing, std::move(step));
}

Admin::Answer Admin::answered(std::int16_t code, protocol::NullableText text) {
  return {.code = code, .text = std::string(text.value_or(""))};
}

void Admin::settle(Ledger::Ticket ticket, std::optional<Answer> answer) {
  if (answer && nobody_knows(static_cast<ErrorCode>(answer->code))) answer.reset();
  if (!answer && terms_.plant == AdminPlant::done_before_commit) answer = Answer{.code = 0};
  if (answer && answer->code != 0 && terms_.plant == AdminPlant::refusal_as_done) answer = Answer{.code = 0};
  if (!answer) return ledger_.lost(ticket);
  if (declines(static_cast<ErrorCode>(answer->code))) return ledger_.declined(ticket);
  if (answer->code != 0) return ledger_.refused(ticket, fmt::format("{}: {}", answer->code, answer->text));
  ledger_.done(ticket);
  ears_.acked();
}

Task<std::optional<rpc::Reply>> Admin::ask(protocol::Encodable request) {
  line_.forget();
  const Duration patience = milliseconds(std::int64_t{100} << below(7));
  const Result<rpc::Reply> reply = co_await line_.ask(request, patience, cancel_);
  co_return reply.ok() ? std::optional(*reply) : std::nullopt;
}

Task<void> Admin::expect(std::string what, std::function<Task<bool>()> look) {
  const Instant end = this_shard().now() + kSoon;
  while (!co_await look()) {
    if (cancel_.requested()) co_return;
    if (this_shard().now() > end) {
      ears_.accuse(fmt::format("M6: {} does not come into force: clients are shown '{}', and it is {}", what,
                               shown_, ledger_.shown(what)));
      co_return;
    }
    (void)co_await sleep_for(milliseconds(20), cancel_);
  }
}

Task<void> Admin::take_producer_id() {
  protocol::InitProducerIdRequest request;
  request.transactional_id = nullptr;
  const auto reply = co_await ask({request, static_cast<std::int16_t>(below(6))});
  protocol::InitProducerIdResponse response;
  if (reply && line_.read(*reply, response) && response.error_code == 0)
    ears_.producer_id(response.producer_id);
}

Task<void> Admin::look_at_something() {
  const bool first = terms_.index == 0;
  const std::string topic = any_topic();
  const std::string user = any_user();
  switch (below(first ? 6 : 4)) {
    case 0:
      co_return co_await expect("topic:" + topic, [this, topic] { return look_at_topic(topic); });
    case 1:
      co_return co_await expect("topic:" + topic,
                                [this, topic] { return look_at_configs("topic:" + topic, 2, topic); });
    case 2:
      co_return co_await expect("quota:user=" + user, [this, user] { return look_at_quota(user); });
    case 3: {
      const auto mechanism = static_cast<std::int8_t>(1 + below(2));
      co_return co_await expect(fmt::format("scram:{}:{}", mechanism, user),
                                [this, user, mechanism] { return look_at_credential(user, mechanism); });
    }
    case 4:
      co_return co_await expect("broker:", [this] { return look_at_configs("broker:", 4, ""); });
    default:
      co_return co_await expect("feature:share.version", [this] { return look_at_features(); });
  }
}

// All is well again.
Task<void> Admin::finish_up() {
  co_await look_at_all();
  const std::string last = fmt::format("last-{}", terms_.index);
  const Instant end = this_shard().now() + kSoon;
  const auto made = [](const State& state) { return !state.empty(); };
  while (!ledger_.possible("topic:" + last, made) || ledger_.open("topic:" + last) > 0) {
    if (cancel_.requested() || this_shard().now() > end) break;
    if (co_await line_.connected(cancel_) != nullptr) co_await create(last);
    (void)co_await sleep_for(milliseconds(50), cancel_);
  }
  co_await expect("topic:" + last, [this, last] { return look_at_topic(last); });
  if (terms_.index == 0) {
    co_await expect("topic:" + last, [this] { return look_at_logs(); });
  }
}

Task<void> Admin::look_at_all() {
  for (std::size_t index = 0; index < kTopics; ++index) {
    const std::string topic = fmt::format("topic-{}-{}", terms_.index, index);
    co_await expect("topic:" + topic, [this, topic] { return look_at_topic(topic); });
    co_await expect("topic:" + topic, [this, topic] { return look_at_configs("topic:" + topic, 2, topic); });
  }
  for (std::size_t index = 0; index < kUsers; ++index) {
    const std::string user = fmt::format("user-{}-{}", terms_.index, index);
    co_await expect("quota:user=" + user, [this, user] { return look_at_quota(user); });
    for (const std::int8_t mechanism : {std::int8_t{1}, std::int8_t{2}}) {
      co_await expect(fmt::format("scram:{}:{}", mechanism, user),
                      [this, user, mechanism] { return look_at_credential(user, mechanism); });
    }
  }
  if (terms_.index != 0) co_return;
  co_await expect("broker:1", [this] { return look_at_configs("broker:1", 4, "1"); });
  co_await expect("broker:", [this] { return look_at_configs("broker:", 4, ""); });
  co_await expect("feature:share.version", [this] { return look_at_features(); });
}

}  // namespace ottla::server
