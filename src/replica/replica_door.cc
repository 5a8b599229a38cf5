#include "replica/replica_door.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "replica/fetching.h"
#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "runtime/travel.h"

namespace ottla::replica {

using protocol::ErrorCode;

ReplicaSet& ReplicaDoor::here() const {
  return set_of(this_shard().id());
}

ShardId ReplicaDoor::shard_of(const PartitionKey& key) const {
  return placement_.find(key).value_or(this_shard().id());
}

// Unlike those of all other shards.
std::uint64_t ReplicaDoor::next_wait() {
  return ++waits_ * sets_.size() + this_shard().id().raw();
}

template <typename Item>
std::map<ShardId, std::vector<std::size_t>> ReplicaDoor::by_shard(const std::vector<Item>& items) const {
  std::map<ShardId, std::vector<std::size_t>> shards;
  for (std::size_t place = 0; place < items.size(); ++place)
    shards[shard_of(items[place].key)].push_back(place);
  return shards;
}
template std::map<ShardId, std::vector<std::size_t>> ReplicaDoor::by_shard(
    const std::vector<FetchItem>&) const;

// --- Produce -------------------------------------------------------------------------------------------------

namespace {

struct TravellingItem {
  PartitionKey key;
  Travelling records;
  storage::AppendTerms terms;
};

Task<void> append_item(ReplicaSet& set, TravellingItem item, AppendCall call, AppendAnswer& answer) {
  ExclusiveBytes records(std::move(item.records).arrive().flatten());
  Partition* const partition = set.find(item.key);
  if (partition == nullptr) {
    answer.error = set.missing(item.key);
    co_return;
  }
  call.terms = item.terms;
  answer = co_await partition->append(std::move(records), call, set.stopping());
}

// Side by side, in their order.
Task<std::vector<AppendAnswer>> append_all(ReplicaSet& set, std::vector<TravellingItem> items,
                                           AppendCall call) {
  std::vector<AppendAnswer> answers(items.size());
  TaskGroup group;
  for (std::size_t each = 0; each < items.size(); ++each)
    group.spawn(append_item(set, std::move(items[each]), call, answers[each]));
  co_await group.wait();
  co_return answers;
}

}  // namespace

std::unique_ptr<Producing> ReplicaDoor::begin_produce(ProduceCall call) {
  return std::unique_ptr<Producing>(new Producing(*this, std::move(call)));
}

// Tasks begin in the order of their spawns, and messages arrive in the order in which they were sent. Each append goes
// through the same number of either, so that none overtakes another one to its partition.
Producing::Producing(ReplicaDoor& door, ProduceCall call)
    : door_(door),
      call_(std::move(call)),
      deadline_(this_shard().exact_now() + call_.timeout),
      answers_(call_.items.size()),
      group_(door.here().stopping()) {
  const bool one_here =
      call_.items.size() == 1 && door_.shard_of(call_.items.front().key) == this_shard().id();
  if (one_here) {
    only_shard_ = this_shard().id();
    group_.spawn(append_here(0, group_.cancel_token()));
    return;
  }
  auto shards = door_.by_shard(call_.items);
  if (shards.size() == 1) only_shard_ = shards.begin()->first;
  for (auto& [shard, places] : shards) {
    if (shard == this_shard().id()) {
      for (const std::size_t place : places) group_.spawn(append_here(place, group_.cancel_token()));
    } else {
      group_.spawn(append_there({shard, std::move(places)}));
    }
  }
}

Task<std::vector<AppendAnswer>> Producing::answers() {
  co_await group_.wait();
  co_return std::move(answers_);
}

Task<void> Producing::append_here(std::size_t place, Cancel cancel) {
  ProduceItem& item = call_.items[place];
  AppendAnswer& answer = answers_[place];
  Partition* const partition = door_.here().find(item.key);
  if (partition == nullptr) {
    answer.error = door_.here().missing(item.key);
    co_return;
  }
  answer = co_await partition->append(
      std::move(item.records), {.acks = call_.acks, .terms = item.terms, .deadline = deadline_}, cancel);
}

Task<void> Producing::append_there(Batch batch) {
  std::vector<TravellingItem> items;
  items.reserve(batch.places.size());
  for (const std::size_t place : batch.places) {
    ProduceItem& item = call_.items[place];
    items.push_back({item.key, Travelling(Chain(std::move(item.records).freeze())), item.terms});
  }
  ReplicaSet& set = door_.set_of(batch.shard);
  const AppendCall call{.acks = call_.acks, .deadline = deadline_};
  std::vector<AppendAnswer> answers = co_await on(
      this_shard().process().shard(batch.shard),
      [&set, call, items = std::move(items)]() mutable { return append_all(set, std::move(items), call); });
  for (std::size_t each = 0; each < batch.places.size(); ++each)
    answers_[batch.places[each]] = std::move(answers[each]);
}

// --- Fetch ---------------------------------------------------------------------------------------------------

Task<std::vector<ReadAnswer>> ReplicaDoor::fetch(FetchCall call, Cancel cancel) {
  Fetching fetching(*this, std::move(call), cancel);
  co_return co_await fetching.run();
}

// What became of a question to the sessions of a shard.
template <typename F>
struct SessionVisit {
  using Answer = std::invoke_result_t<F&, FetchSessions&>;

  std::optional<Answer> answer;  // unless the session is elsewhere
  std::optional<ShardId> elsewhere;
  F question;                            // then to be asked there
  std::vector<std::int32_t> ended = {};  // sessions whose homes have to hear of it
};

ShardId ReplicaDoor::session_home(std::int32_t session_id) const {
  if (session_id <= 0) return this_shard().id();
  const std::int32_t ids = session_ids(sets_.size());
  const auto shard = static_cast<std::size_t>((session_id - 1) / ids);
  return ShardId(static_cast<std::uint32_t>(std::min(shard, sets_.size() - 1)));
}

namespace {

std::int64_t session_clock_ms() {
  return std::chrono::floor<std::chrono::milliseconds>(this_shard().now().time_since_epoch()).count();
}

template <typename F>
SessionVisit<F> visit(FetchSessions& sessions, std::int32_t id, F f) {
  SessionVisit<F> visit{.answer = {}, .elsewhere = sessions.whereabouts(id), .question = std::move(f)};
  if (visit.elsewhere) return visit;
  visit.answer.emplace(visit.question(sessions));
  visit.ended = sessions.ended_away();
  return visit;
}

}  // namespace

// Wherever it was last asked is as good as anywhere for one that is on its way: its reader uses it twice at a time.
template <typename F>
auto ReplicaDoor::with_sessions(std::int32_t session_id, F f)
    -> Task<std::invoke_result_t<F&, FetchSessions&>> {
  const ShardId self = this_shard().id();
  if (session_id <= 0 || here().sessions().has(session_id)) {
    SessionVisit<F> made = visit(here().sessions(), session_id, std::move(f));
    if (!made.ended.empty()) co_await tell_homes(std::move(made.ended), self);
    co_return std::move(*made.answer);
  }
  const ShardId home = session_home(session_id);
  SessionVisit<F> made = co_await visit_on(home, session_id, std::move(f));
  if (made.answer) {
    co_await tell_homes(std::move(made.ended), home);
    co_return std::move(*made.answer);
  }
  const ShardId at = *made.elsewhere;
  SessionVisit<F> there = co_await visit_on(at, session_id, std::move(made.question));
  co_await tell_homes(std::move(there.ended), at);
  if (there.answer) co_return std::move(*there.answer);
  co_return there.question(here().sessions());
}

template <typename F>
Task<SessionVisit<F>> ReplicaDoor::visit_on(ShardId shard, std::int32_t session_id, F f) {
  co_return co_await on(this_shard().process().shard(shard),
                        [&set = set_of(shard), session_id, f = std::move(f)]() mutable {
                          return visit(set.sessions(), session_id, std::move(f));
                        });
}

Task<void> ReplicaDoor::tell_homes(std::vector<std::int32_t> ended, ShardId at) {
  for (const std::int32_t id : ended) {
    const ShardId home = session_home(id);
    co_await on(this_shard().process().shard(home),
                [&set = set_of(home), id, at] { set.sessions().note_end(id, at); });
  }
}

Task<void> ReplicaDoor::bring_session(std::int32_t session_id) {
  FetchSessions& sessions = here().sessions();
  const ShardId self = this_shard().id();
  const ShardId home = session_home(session_id);
  struct Found {
    FetchSessions::Parcel parcel;
    std::optional<ShardId> elsewhere;
  };
  const auto take_from = [session_id, self](FetchSessions& from) {
    Found found{.parcel = from.let_go(session_id, self), .elsewhere = {}};
    if (found.parcel.empty()) found.elsewhere = from.whereabouts(session_id);
    return found;
  };
  if (!sessions.keep_room()) co_return;
  Found found;
  if (home == self) {
    found.elsewhere = sessions.whereabouts(session_id);
  } else {
    found = co_await on(this_shard().process().shard(home),
                        [&set = set_of(home), take_from] { return take_from(set.sessions()); });
  }
  if (found.elsewhere && *found.elsewhere != self) {
    const ShardId at = *found.elsewhere;
    found = co_await on(this_shard().process().shard(at),
                        [&set = set_of(at), take_from] { return take_from(set.sessions()); });
    if (!found.parcel.empty() && home != self) {
      co_await on(this_shard().process().shard(home), [&set = set_of(home), session_id, self] {
        set.sessions().note_whereabouts(session_id, self);
      });
    }
  }
  if (found.parcel.empty()) {
    sessions.give_up_room();
  } else {
    sessions.take_in(std::move(found.parcel), session_clock_ms());
  }
}

Task<FetchContext> ReplicaDoor::begin_fetch(FetchOpening opening) {
  const std::int32_t id = opening.session_id;
  if (id > 0 && opening.session_epoch > 0 && !here().sessions().has(id))
    return begin_elsewhere(std::move(opening));
  return with_sessions(id, [opening = std::move(opening)](FetchSessions& sessions) mutable {
    return sessions.begin(std::move(opening), session_clock_ms());
  });
}

Task<FetchContext> ReplicaDoor::begin_elsewhere(FetchOpening opening) {
  const std::int32_t id = opening.session_id;
  co_await bring_session(id);
  co_return co_await with_sessions(id, [opening = std::move(opening)](FetchSessions& sessions) mutable {
    return sessions.begin(std::move(opening), session_clock_ms());
  });
}

Task<FetchReply> ReplicaDoor::finish_fetch(FetchContext context, std::vector<FetchFacts> facts) {
  const std::int32_t id = context.session_id;
  return with_sessions(id, [context = std::move(context), facts = std::move(facts)](FetchSessions& sessions) {
    return sessions.finish(context, facts, session_clock_ms());
  });
}

Task<FetchReply> ReplicaDoor::throttle_fetch(FetchContext context) {
  const std::int32_t id = context.session_id;
  return with_sessions(
      id, [context = std::move(context)](FetchSessions& sessions) { return sessions.throttle(context); });
}

// --- Log directories -----------------------------------------------------------------------------------------

Task<std::vector<LogDirFacts>> ReplicaDoor::describe_log_dirs() {
  co_return co_await on(this_shard().process().shard(ShardId(0)),
                        [&log_dirs = log_dirs_] { return log_dirs.describe(); });
}

Task<std::vector<ErrorCode>> ReplicaDoor::move(std::vector<MoveWish> wishes) {
  co_return co_await on(this_shard().process().shard(ShardId(0)),
                        [&log_dirs = log_dirs_, wishes = std::move(wishes)]() mutable {
                          return log_dirs.move(std::move(wishes));
                        });
}

// --- Questions -----------------------------------------------------------------------------------------------

namespace {

template <typename Answer, typename Call, typename F>
Task<std::vector<Answer>> answer_all(ReplicaSet& set, std::vector<Asked<Call>> asked, F answer) {
  std::vector<Answer> answers;
  answers.reserve(asked.size());
  for (Asked<Call>& each : asked) {
    Partition* const partition = set.find(each.key);
    if (partition == nullptr) {
      answers.push_back(Answer{.error = set.missing(each.key)});
    } else {
      answers.push_back(co_await answer(set, *partition, each.call));
    }
  }
  co_return answers;
}

}  // namespace

// `answer(set, partition, call)` gives a Task<Answer>, on the partition's shard.
template <typename Answer, typename Call, typename F>
Task<std::vector<Answer>> ReplicaDoor::ask(std::vector<Asked<Call>> asked, F answer) {
  std::vector<Answer> answers(asked.size());
  const auto ask_shard = [&](ShardId shard, std::vector<std::size_t> places) -> Task<void> {
    std::vector<Asked<Call>> here;
    here.reserve(places.size());
    for (const std::size_t place : places) here.push_back(asked[place]);
    ReplicaSet& set = set_of(shard);
    std::vector<Answer> answered =
        co_await on(this_shard().process().shard(shard), [&set, here = std::move(here), answer]() mutable {
          return answer_all<Answer, Call, F>(set, std::move(here), answer);
        });
    for (std::size_t each = 0; each < places.size(); ++each)
      answers[places[each]] = std::move(answered[each]);
  };
  TaskGroup group;
  for (auto& [shard, places] : by_shard(asked)) group.spawn(ask_shard(shard, std::move(places)));
  co_await group.wait();
  co_return answers;
}

Task<std::vector<OffsetAnswer>> ReplicaDoor::find_offsets(std::vector<Asked<OffsetCall>> asked) {
  return ask<OffsetAnswer>(std::move(asked), [](ReplicaSet&, Partition& partition, const OffsetCall& call) {
    return partition.find_offset(call);
  });
}

Task<std::vector<EpochEndAnswer>> ReplicaDoor::ends_of_epochs(std::vector<Asked<EpochCall>> asked) {
  return ask<EpochEndAnswer>(
      std::move(asked), [](ReplicaSet&, Partition& partition, const EpochCall& call) -> Task<EpochEndAnswer> {
        co_return partition.end_of_epoch(call.epoch, call.current_epoch);
      });
}

Task<std::vector<DeleteAnswer>> ReplicaDoor::delete_records(std::vector<Asked<Offset>> asked,
                                                            Duration timeout) {
  const Instant deadline = this_shard().exact_now() + timeout;
  return ask<DeleteAnswer>(std::move(asked),
                           [deadline](ReplicaSet& set, Partition& partition, const Offset& offset) {
                             return partition.delete_before(offset, deadline, set.stopping());
                           });
}

Task<std::vector<ProducersAnswer>> ReplicaDoor::active_producers(std::vector<PartitionKey> keys) {
  std::vector<Asked<NoCall>> asked;
  asked.reserve(keys.size());
  for (const PartitionKey& key : keys) asked.push_back({key, {}});
  return ask<ProducersAnswer>(std::move(asked),
                              [](ReplicaSet&, Partition& partition, const NoCall&) -> Task<ProducersAnswer> {
                                co_return partition.active_producers();
                              });
}

}  // namespace ottla::replica
