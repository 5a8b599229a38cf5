#include "controller/active_controller.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/budget.h"
#include "base/invariant.h"
#include "config/node_key.h"
#include "controller/activation.h"
#include "controller/periodic_tasks.h"
#include "controller/sessions.h"
#include "controller/state.h"
#include "protocol/api.h"
#include "runtime/shard.h"
#include "runtime/when.h"

namespace ottla::controller {
namespace {

using config::node_key;
using std::chrono::milliseconds;

constexpr std::size_t kMostTaskMemory = std::size_t{1} << 20U;

ApiError too_many_records() {
  return {ErrorCode::policy_violation, "Unable to perform excessively large batch operation."};
}

class TermKraftVersion final : public KraftVersion {
 public:
  TermKraftVersion(MetadataLog& log, LeaderEpoch epoch) : log_(log), epoch_(epoch) {}

  std::int16_t level() const override { return log_.kraft_version(); }
  Result<> raise(std::int16_t level, bool only_check) override {
    return log_.raise_kraft_version(epoch_, level, only_check);
  }

 private:
  MetadataLog& log_;
  LeaderEpoch epoch_;
};

}  // namespace

// One term of leadership: all that ends with it.
struct ActiveController::Term {
  Term(const ControllerOptions& options, MetadataLog& log, LeaderEpoch term_epoch,
       metadata::MetadataImage image, Instant now)
      : epoch(term_epoch),
        state(std::make_unique<State>(options, std::move(image))),
        sessions(
            std::chrono::milliseconds(options.config.get(config::node_key<"broker.session.timeout.ms">))),
        kraft_version(log, term_epoch),
        tasks(options, now) {}

  LeaderEpoch epoch;
  std::unique_ptr<State> state;
  Sessions sessions;
  TermKraftVersion kraft_version;
  PeriodicTasks tasks;
};

ActiveController::ActiveController(const ControllerOptions& options, MetadataLog& log, Random random,
                                   Logger logger)
    : options_(options),
      log_(log),
      random_(random),
      logger_(logger),
      speed_(milliseconds(options.config.get(node_key<"controller.performance.sample.period.ms">)),
             milliseconds(options.config.get(node_key<"controller.performance.always.log.threshold.ms">))) {}

ActiveController::~ActiveController() = default;

const State* ActiveController::state() const {
  return term_ ? term_->state.get() : nullptr;
}

ApiError ActiveController::not_controller() const {
  if (leader_ == kNoNode) return {ErrorCode::not_controller, "No controller appears to be active."};
  return {ErrorCode::not_controller,
          fmt::format("The active controller appears to be node {}.", leader_.raw())};
}

void ActiveController::lead(LeaderEpoch epoch, const metadata::MetadataImage& image, bool in_transaction) {
  const Instant now = Shard::current().now();
  leader_ = options_.node;
  ++counters_.leaders_seen;
  leave("a new epoch");
  leader_ = options_.node;
  term_ = std::make_unique<Term>(options_, log_, epoch, image, now);
  Result<Activation> activation = activation_records(options_, image, in_transaction);
  if (activation.ok() && !activation->records.empty()) {
    const auto written = write(activation->records, activation->in_parts);
    if (!written.ok()) activation = written.error();
  }
  if (!activation.ok()) {
    logger_.error("cannot become the active controller", field("epoch", epoch),
                  field("error", activation.error()));
    log_.resign(epoch);
    leave("activation failed");
    return;
  }
  if (!term_) return;
  term_->sessions.begin(term_->state->image(), now);
  logger_.info("became the active controller", field("epoch", epoch),
               field("records", activation->records.size()));
  changed_.set();
}

void ActiveController::follow(NodeId leader) {
  if (leader != kNoNode) ++counters_.leaders_seen;
  leave("another leader");
  leader_ = leader;
}

void ActiveController::leave(const char* why) {
  if (term_) logger_.warn("no longer the active controller", field("epoch", term_->epoch), field("why", why));
  term_.reset();
  leader_ = kNoNode;
  for (const auto& [offset, waiting] : waiting_) {
    waiting->lost = true;
    waiting->done.set();
  }
  waiting_.clear();
  changed_.set();
}

void ActiveController::committed(Offset end) {
  if (end <= committed_) return;
  committed_ = end;
  while (!waiting_.empty() && waiting_.begin()->first < end) {
    waiting_.begin()->second->done.set();
    waiting_.erase(waiting_.begin());
  }
}

Task<bool> ActiveController::until_committed(Offset last) {
  if (last < committed_) co_return true;
  Waiting waiting;
  waiting_.emplace(last, &waiting);
  co_await waiting.done.wait();
  co_return !waiting.lost;
}

ApiError ActiveController::refusal_before(const ControllerApi& api, const Asked& asked) {
  ++counters_.operations_started;
  if (stopped_) return {ErrorCode::request_timed_out, "The controller is shutting down."};
  if (asked.deadline && asked.now >= *asked.deadline) {
    ++counters_.operations_timed_out;
    if (api.key == protocol::ApiKey::broker_heartbeat) ++counters_.heartbeats_timed_out;
    return ErrorCode::request_timed_out;
  }
  return term_ ? ApiError() : not_controller();
}

Result<> ActiveController::replay_all(const RecordList& records) {
  Offset offset = log_.end();
  for (const Slice& record : records.values()) {
    OTTLA_CHECK(term_->state->replay(record.as_span(), offset));
    ++offset;
  }
  return {};
}

void ActiveController::undo(metadata::MetadataImage before) {
  term_->state = std::make_unique<State>(options_, std::move(before));
}

// What is appended has been replayed; what could not be is as if it had never been decided.
Result<std::optional<Offset>> ActiveController::write(const RecordList& records, bool in_parts) {
  if (records.empty()) return std::optional<Offset>();
  metadata::MetadataImage before = term_->state->image();
  const Offset first = log_.end();
  if (Result<> replayed = replay_all(records); !replayed.ok()) {
    ++counters_.faults;
    logger_.error("what was decided cannot be replayed", field("error", replayed.error()));
    undo(std::move(before));
    return replayed.error();
  }
  const LeaderEpoch epoch = term_->epoch;
  const Result<Offset> last =
      in_parts ? log_.append_in_parts(epoch, records.values()) : log_.append(epoch, records.values());
  if (!last.ok()) {
    if (last.error() == Errc::too_large && term_) undo(std::move(before));
    return last.error();
  }
  const auto count = static_cast<std::int64_t>(records.size());
  OTTLA_INVARIANT(*last == first + (count - 1), "records are not where they were expected in the log", *last,
                  first, count);
  counters_.records_written += records.size();
  return std::optional(*last);
}

ApiError ActiveController::handle(const ControllerApi& api, const void* request, const Asked& asked,
                                  Arena& arena, void* response) {
  RecordList records;
  Call call{.asked = asked,
            .arena = arena,
            .records = records,
            .random = random_,
            .sessions = term_->sessions,
            .kraft_version = term_->kraft_version,
            .next_offset = log_.end()};
  if (ApiError refused = api.handle(*term_->state, request, call, response); !refused.ok()) return refused;
  if (!api.unlimited && records.size() > kMostRecords) return too_many_records();
  if (call.only_validates) return {};
  const auto written = write(records, api.unlimited);
  if (written.ok()) return {};
  if (written.error() == Errc::too_large) return too_many_records();
  if (written.error() != Errc::closed) return ErrorCode::unknown_server_error;
  if (term_) {
    log_.resign(term_->epoch);
    leave("the log is another's");
  }
  return not_controller();
}

Task<Result<void>> ActiveController::perform(const ControllerApi& api, const void* request, Asked asked,
                                             Arena& arena, void* response) {
  ApiError refused = refusal_before(api, asked);
  const Instant began = Shard::current().exact_now();
  if (refused.ok()) refused = handle(api, request, asked, arena, response);
  if (refused.ok()) {
    // Also what was only read may stand on what is not committed yet.
    const bool committed = co_await until_committed(log_.end() - 1);
    note_speed(api, began);
    if (committed) co_return Result<void>();
    refused = {ErrorCode::not_controller, "No controller appears to be active."};
  }
  co_return api.refuse(request, asked.version, refused, arena, response);
}

void ActiveController::note_speed(const ControllerApi& api, Instant began) {
  using Millis = std::chrono::duration<double, std::milli>;
  const Instant now = Shard::current().exact_now();
  const Duration taken = now - began;
  const std::string_view name = protocol::find_api(static_cast<std::int16_t>(api.key))->name;
  if (speed_.is_slow(taken)) {
    logger_.warn("slow", field("event", name), field("milliseconds", Millis(taken).count()));
  }
  const auto past = speed_.count(name, taken, now);
  if (!past) return;
  logger_.info("took", field("events", past->events),
               field("average_ms", Millis(past->all).count() / static_cast<double>(past->events)),
               field("slowest", past->slowest), field("slowest_ms", Millis(past->longest).count()));
}

bool ActiveController::run_task(const Asked& asked, bool (*task)(const State&, Call&)) {
  Budget budget("a task of the controller", kMostTaskMemory);
  Arena arena(budget);
  RecordList records;
  Call call{.asked = asked,
            .arena = arena,
            .records = records,
            .random = random_,
            .sessions = term_->sessions,
            .kraft_version = term_->kraft_version,
            .next_offset = log_.end()};
  const bool more = task(*term_->state, call);
  if (const auto written = write(records, true); !written.ok()) {
    if (written.error() == Errc::closed && term_) {
      log_.resign(term_->epoch);
      leave("the log is another's");
    }
    return false;
  }
  return more;
}

void ActiveController::run_due_tasks(Moment moment) {
  const Asked asked{.now_ms = moment.now_ms, .now = moment.now};
  while (term_) {
    const auto due = term_->tasks.due(moment.now);
    if (!due) return;
    const std::uint64_t faults = counters_.faults;
    const bool more = run_task(asked, due->task->run);
    if (!term_) return;
    auto outcome = more ? PeriodicTasks::Outcome::more : PeriodicTasks::Outcome::done;
    if (counters_.faults != faults) outcome = PeriodicTasks::Outcome::failed;
    term_->tasks.settle(*due, outcome, moment.now);
  }
}

Task<Result<void>> ActiveController::run(Cancel cancel) {
  while (!cancel.requested()) {
    changed_.reset();
    const std::optional<Instant> next = term_ ? term_->tasks.next() : std::nullopt;
    if (next) {
      static_cast<void>(co_await with_deadline(*next, cancel, [this](Cancel given_up) -> Task<Result<void>> {
        co_return co_await changed_.wait(given_up);
      }));
    } else {
      static_cast<void>(co_await changed_.wait(cancel));
    }
    Shard& shard = Shard::current();
    run_due_tasks({.now_ms = to_epoch_millis(shard.wall_now()), .now = shard.exact_now()});
  }
  stopped_ = true;
  leave("this node stops");
  co_return Errc::cancelled;
}

std::optional<Instant> ActiveController::last_contact(NodeId broker, std::int64_t epoch) const {
  return term_ ? term_->sessions.last_contact(broker, epoch) : std::nullopt;
}

ControllerFigures ActiveController::figures() const {
  ControllerFigures figures{.leading = leading(), .last_committed = committed_ - 1};
  if (!term_) return figures;
  const metadata::MetadataImage& image = term_->state->image();
  figures.last_applied = log_.end() - 1;
  for (const auto& [id, broker] : image.cluster.brokers) {
    if (broker->fenced) {
      ++figures.fenced_brokers;
    } else if (broker->in_controlled_shutdown) {
      ++figures.brokers_shutting_down;
    } else {
      ++figures.active_brokers;
    }
  }
  figures.topics = image.topics.by_id.size();
  figures.partitions = term_->state->partitions().size();
  figures.leaderless_partitions = term_->state->partitions().leaderless().size();
  figures.imbalanced_partitions = term_->state->partitions().imbalanced().size();
  return figures;
}

}  // namespace ottla::controller
