#include "server/broker_lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/error_code.h"
#include "protocol/error_info.h"
#include "protocol/fields.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/broker_registration.h"
#include "runtime/shard.h"
#include "runtime/timed_wait.h"

namespace ottla::server {
namespace {

using protocol::BrokerHeartbeatRequest;
using protocol::BrokerHeartbeatResponse;
using protocol::BrokerRegistrationRequest;
using protocol::BrokerRegistrationResponse;
using protocol::ErrorCode;
using std::chrono::milliseconds;

constexpr std::size_t kMostReplyMemory = std::size_t{1} << 20;
constexpr Duration kFirstPause = milliseconds(100);  // after a failure; it doubles with each one
// While things happen fast, the next heartbeat follows soon.
constexpr Duration kPauseAfterCatchingUp = milliseconds(10);
constexpr Duration kFirstPauseInShutdown = milliseconds(50);

Result<void> check_code(std::int16_t code, const char* request) {
  if (code == 0) return {};
  return Error(Errc::unsupported, fmt::format("{}: the controller answered {}", request,
                                              protocol::info_of(static_cast<ErrorCode>(code)).name));
}

}  // namespace

BrokerLifecycle::BrokerLifecycle(Options options, ControllerLink& link, std::function<MetadataSight()> sight,
                                 Logger log)
    : options_(std::move(options)), link_(link), sight_(std::move(sight)), log_(log) {}

Task<void> BrokerLifecycle::run(Cancel cancel) {
  state_ = BrokerState::starting;
  const Instant begun = this_shard().exact_now();
  while (!cancel.requested() && state_ != BrokerState::shutting_down) {
    hurry_.reset();
    const Result<void> sent =
        registered_ ? co_await send_heartbeat(cancel) : co_await send_registration(cancel);
    if (!sent.ok()) {
      if (sent.error() == Errc::cancelled || sent.error() == Errc::closed) break;
      pause_ = pause_after_failure();
      log_.info("no word from the controller", field("reason", sent.error()));
      // Haste does no good now.
      hurry_.reset();
    }
    if (has_lost_patience(begun)) break;
    Duration pause = pause_;
    if (const auto deadline = directory_deadline())
      pause = std::min(pause, *deadline - this_shard().exact_now());
    (void)co_await wait_at_most(hurry_, std::max(pause, Duration(0)), cancel);
  }
  state_ = BrokerState::shutting_down;
  may_stop_.set();
}

std::optional<Instant> BrokerLifecycle::directory_deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [id, directory] : failed_directories_) {
    const Instant deadline = directory.since + options_.directory_failure_timeout;
    if (!directory.told) earliest = std::min(earliest.value_or(deadline), deadline);
  }
  return earliest;
}

bool BrokerLifecycle::has_lost_patience(Instant begun) {
  const Instant now = this_shard().exact_now();
  const std::optional<Instant> deadline = directory_deadline();
  if (epoch_ < 0 && now - begun >= options_.registration_timeout) {
    fail(Error(Errc::timed_out,
               "could not register with the controllers in initial.broker.registration.timeout.ms"));
  } else if (deadline && now >= *deadline) {
    fail(
        Error(Errc::timed_out,
              "could not tell the controllers in log.dir.failure.timeout.ms of a log directory that failed"));
  }
  return failure_.has_value();
}

Task<Result<void>> BrokerLifecycle::send_registration(Cancel cancel) {
  std::vector<BrokerRegistrationRequest::Listener> listeners;
  for (const metadata::Listener& each : options_.listeners) {
    listeners.push_back({.name = each.name,
                         .host = each.host,
                         .port = each.port,
                         .security_protocol = static_cast<std::int16_t>(each.protocol)});
  }
  std::vector<BrokerRegistrationRequest::Feature> features;
  for (const metadata::SupportedFeature& each : options_.features) {
    features.push_back(
        {.name = each.name, .min_supported_version = each.least, .max_supported_version = each.most});
  }
  const BrokerRegistrationRequest request = {
      .broker_id = options_.id.raw(),
      .cluster_id = options_.cluster_id,
      .incarnation_id = options_.incarnation,
      .listeners = listeners,
      .features = features,
      .rack = options_.rack ? protocol::NullableText(*options_.rack) : protocol::NullableText(nullptr),
      .log_dirs = options_.directories,
      .previous_broker_epoch = options_.previous_epoch};
  OTTLA_CO_TRY(const rpc::Reply reply,
               co_await link_.call(Asking(request), options_.session_timeout / 2, cancel));
  Budget budget("registration", kMostReplyMemory);
  Arena arena(budget);
  BrokerRegistrationResponse response;
  OTTLA_CO_CHECK(reply.read(arena, response));
  OTTLA_CO_CHECK(check_code(response.error_code, "registration"));
  failures_ = 0;
  registered_ = true;
  epoch_ = response.broker_epoch;
  pause_ = Duration(0);
  cordoned_told_ = false;
  log_.info("registered with the controller", field("epoch", epoch_));
  co_return Result<void>();
}

Task<Result<void>> BrokerLifecycle::send_heartbeat(Cancel cancel) {
  const MetadataSight sight = sight_();
  std::vector<Uuid> failed;
  for (const auto& [id, directory] : failed_directories_) failed.push_back(id);
  const bool tells_cordoned = sight.cordoning && cordoned_ && !cordoned_told_;
  const std::vector<Uuid> cordoned = tells_cordoned ? *cordoned_ : std::vector<Uuid>();
  const BrokerHeartbeatRequest request = {
      .broker_id = options_.id.raw(),
      .broker_epoch = epoch_,
      .current_metadata_offset = sight.offset,
      .want_fence = !ready_,
      .want_shut_down = state_ == BrokerState::pending_controlled_shutdown,
      .offline_log_dirs = failed,
      .cordoned_log_dirs = tells_cordoned ? protocol::Array<Uuid>(cordoned) : protocol::Array<Uuid>::null()};
  OTTLA_CO_TRY(const rpc::Reply reply,
               co_await link_.call(Asking(request), options_.session_timeout / 2, cancel));
  Budget budget("heartbeat", kMostReplyMemory);
  Arena arena(budget);
  BrokerHeartbeatResponse response;
  OTTLA_CO_CHECK(reply.read(arena, response));
  const auto error = static_cast<ErrorCode>(response.error_code);
  if (error == ErrorCode::stale_broker_epoch || error == ErrorCode::broker_id_not_registered) {
    registered_ = false;  // somebody has taken its place, or it was unregistered
  }
  OTTLA_CO_CHECK(check_code(response.error_code, "heartbeat"));
  failures_ = 0;
  for (const Uuid& directory : failed) failed_directories_[directory].told = true;
  if (tells_cordoned && cordoned == *cordoned_) cordoned_told_ = true;
  hear(response.is_caught_up, response.is_fenced, response.should_shut_down);
  co_return Result<void>();
}

void BrokerLifecycle::hear(bool is_caught_up, bool is_fenced, bool should_shut_down) {
  pause_ = options_.heartbeat_interval;
  switch (state_) {
    case BrokerState::starting:
      pause_ = kPauseAfterCatchingUp;
      if (!is_caught_up) return;
      log_.info("caught up with the metadata");
      state_ = BrokerState::recovery;
      caught_up_.set();
      return;
    case BrokerState::recovery:
      if (is_fenced) return;
      log_.info("unfenced: clients may come");
      state_ = BrokerState::running;
      unfenced_.set();
      return;
    case BrokerState::pending_controlled_shutdown:
      if (should_shut_down) {
        log_.info("the controller lets this broker go");
        state_ = BrokerState::shutting_down;
        pause_ = Duration(0);
      } else if (!std::exchange(heard_of_shutdown_, true)) {
        pause_ = kFirstPauseInShutdown;
      }
      return;
    case BrokerState::running:
    case BrokerState::not_running:
    case BrokerState::shutting_down:
      return;
  }
}

void BrokerLifecycle::set_ready() {
  ready_ = true;
  hurry();
}

void BrokerLifecycle::begin_shutdown() {
  switch (state_) {
    case BrokerState::running:
      state_ = BrokerState::pending_controlled_shutdown;
      break;
    case BrokerState::pending_controlled_shutdown:
      return;
    default:
      // Nobody relies on it yet.
      state_ = BrokerState::shutting_down;
      may_stop_.set();
  }
  hurry();
}

void BrokerLifecycle::directory_failed(const Uuid& directory) {
  const FailedDirectory failed{.since = this_shard().exact_now()};
  if (!failed_directories_.try_emplace(directory, failed).second) return;
  std::erase(options_.directories, directory);
  hurry();
}

void BrokerLifecycle::set_cordoned(std::vector<Uuid> directories) {
  if (cordoned_ == directories) return;
  cordoned_ = std::move(directories);
  cordoned_told_ = false;
  if (registered_) hurry();
}

void BrokerLifecycle::register_again() {
  registered_ = false;
  hurry();
}

void BrokerLifecycle::hurry() {
  hurry_.set();
}

Duration BrokerLifecycle::pause_after_failure() {
  const Duration longest = options_.session_timeout;
  Duration pause = kFirstPause;
  for (std::uint64_t each = 0; each < failures_ && pause < longest; ++each) pause *= 2;
  ++failures_;
  pause = std::min(pause, longest);
  // A little of chance, so that many brokers do not come back at once.
  const auto spread = static_cast<std::uint64_t>(pause.count() / 50) + 1;
  return pause + Duration(static_cast<Duration::rep>(this_shard().random().below(spread)));
}

void BrokerLifecycle::fail(Error error) {
  failure_ = std::move(error);
  failed_.set();
}

}  // namespace ottla::server
