#include "replica/fetch_sessions.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace ottla::replica {

using protocol::ErrorCode;
using Kind = FetchContext::Kind;

namespace {

constexpr std::int16_t kFirstWithIds = 13;
constexpr std::int32_t kOpenSession = 0;
constexpr std::int32_t kNoSession = -1;

}  // namespace

std::size_t FetchSession::HashTopic::operator()(const FetchTopic& topic) const {
  const std::size_t hash = topic.name ? std::hash<std::string>()(*topic.name) : std::hash<Uuid>()(topic.id);
  return hash * 31 + std::hash<PartitionId>()(topic.index);
}

FetchContext FetchSessions::refuse(ErrorCode error) const {
  return {.kind = Kind::refused, .error = error};
}

FetchContext FetchSessions::begin(FetchOpening opening, std::int64_t now_ms) {
  const bool is_full = opening.session_epoch == kOpenSession || opening.session_epoch == kNoSession;
  return is_full ? begin_full(std::move(opening)) : begin_incremental(std::move(opening), now_ms);
}

FetchContext FetchSessions::begin_full(FetchOpening opening) {
  // Whatever session it names has come to its end.
  if (opening.session_id != 0) remove(opening.session_id);
  FetchContext context{.kind = opening.session_epoch == kNoSession ? Kind::sessionless : Kind::full,
                       .uses_ids = opening.version >= kFirstWithIds,
                       .from_follower = opening.from_follower};
  std::unordered_map<FetchTopic, std::size_t, HashTopic> places;
  for (FetchWish& wish : opening.wishes) {
    const auto [place, is_new] = places.try_emplace(wish.partition, context.partitions.size());
    if (is_new) {
      context.partitions.push_back(std::move(wish));
    } else {
      context.partitions[place->second] = std::move(wish);
    }
  }
  return context;
}

FetchContext FetchSessions::begin_incremental(FetchOpening opening, std::int64_t now_ms) {
  const auto found = sessions_.find(opening.session_id);
  if (found == sessions_.end()) return refuse(ErrorCode::fetch_session_id_not_found);
  Session& session = found->second;
  if (session.epoch != opening.session_epoch) return refuse(ErrorCode::invalid_fetch_session_epoch);
  if (session.uses_ids != (opening.version >= kFirstWithIds))
    return refuse(ErrorCode::fetch_session_topic_id_error);
  update(session, opening);
  if (session.kept.empty()) {
    remove(session.id);
    return begin_full({.version = opening.version,
                       .session_epoch = kNoSession,
                       .from_follower = opening.from_follower,
                       .wishes = std::move(opening.wishes),
                       .forgotten = {}});
  }
  touch(session, now_ms);
  session.epoch = next_session_epoch(session.epoch);
  FetchContext context{.kind = Kind::incremental,
                       .session_id = session.id,
                       .epoch = session.epoch,
                       .uses_ids = session.uses_ids,
                       .from_follower = opening.from_follower};
  context.partitions.reserve(session.kept.size());
  for (const Kept& kept : session.kept) context.partitions.push_back(kept.wish);
  return context;
}

void FetchSessions::keep(Session& session, Kept kept) {
  const FetchTopic partition = kept.wish.partition;
  session.kept.push_back(std::move(kept));
  session.by_topic[partition] = std::prev(session.kept.end());
}

void FetchSessions::update(Session& session, const FetchOpening& opening) {
  for (const FetchWish& wish : opening.wishes) {
    const auto known = session.by_topic.find(wish.partition);
    if (known == session.by_topic.end()) {
      keep(session, {.wish = wish});
    } else {
      known->second->wish = wish;
    }
  }
  for (const FetchTopic& partition : opening.forgotten) {
    const auto known = session.by_topic.find(partition);
    if (known == session.by_topic.end()) continue;
    session.kept.erase(known->second);
    session.by_topic.erase(known);
  }
}

bool FetchSessions::must_send(const Kept& kept, const FetchFacts& facts) {
  return facts.records_size > 0 || facts.failed || facts.diverging || facts.preferred_replica ||
         kept.high_watermark != facts.high_watermark || kept.log_start != facts.log_start;
}

// Nothing when another request of the session has come meanwhile, or when it is gone.
const FetchSessions::Session* FetchSessions::find(const FetchContext& context) const {
  const auto found = sessions_.find(context.session_id);
  if (found == sessions_.end() || found->second.epoch != context.epoch) return nullptr;
  return &found->second;
}

std::vector<bool> FetchSessions::preview(const FetchContext& context,
                                         std::span<const FetchFacts> facts) const {
  std::vector<bool> sent(context.partitions.size(), context.kind != Kind::refused);
  if (context.kind != Kind::incremental) return sent;
  const Session* const session = find(context);
  for (std::size_t place = 0; place < sent.size(); ++place) {
    if (session == nullptr) {
      sent[place] = false;
      continue;
    }
    const auto known = session->by_topic.find(context.partitions[place].partition);
    sent[place] = known != session->by_topic.end() && must_send(*known->second, facts[place]);
  }
  return sent;
}

FetchReply FetchSessions::finish(const FetchContext& context, std::span<const FetchFacts> facts,
                                 std::int64_t now_ms) {
  OTTLA_INVARIANT(facts.size() == context.partitions.size(), "a fetch was answered in part", facts.size());
  if (context.kind == Kind::refused) return {.error = context.error};
  FetchReply reply{.sent = preview(context, facts)};
  if (context.kind == Kind::full) reply.session_id = make_session(context, facts, now_ms);
  if (context.kind != Kind::incremental) return reply;
  reply.session_id = context.session_id;
  if (find(context) == nullptr) {
    reply.error = ErrorCode::invalid_fetch_session_epoch;
    return reply;
  }
  Session& session = sessions_.at(context.session_id);
  for (std::size_t place = 0; place < facts.size(); ++place) {
    if (!reply.sent[place]) continue;
    const auto kept = session.by_topic.at(context.partitions[place].partition);
    // An error that goes away is a change, too.
    kept->high_watermark = facts[place].failed ? kUnknownOffset : facts[place].high_watermark;
    kept->log_start = facts[place].log_start;
    // Whoever gave something comes after all others the next time.
    if (facts[place].records_size > 0) session.kept.splice(session.kept.end(), session.kept, kept);
  }
  return reply;
}

FetchReply FetchSessions::throttle(const FetchContext& context) const {
  if (context.kind != Kind::incremental) return {.error = context.error};
  const bool is_late = find(context) == nullptr;
  return {.error = is_late ? ErrorCode::invalid_fetch_session_epoch : ErrorCode::none,
          .session_id = context.session_id};
}

// --- Making and ending them ----------------------------------------------------------------------------------

std::int32_t FetchSessions::make_session(const FetchContext& context, std::span<const FetchFacts> facts,
                                         std::int64_t now_ms) {
  const Evictable newcomer{context.from_follower, context.partitions.size(), 0};
  if (!has_room() && !evict_for(newcomer, now_ms)) return 0;
  const std::int32_t id = draw_id();
  Session& session = sessions_[id];
  session.id = id;
  session.privileged = context.from_follower;
  session.uses_ids = context.uses_ids;
  session.epoch = next_session_epoch(kOpenSession);
  session.created_ms = now_ms;
  for (std::size_t place = 0; place < facts.size(); ++place) {
    keep(session, {.wish = context.partitions[place],
                   .high_watermark = facts[place].high_watermark,
                   .log_start = facts[place].log_start});
  }
  touch(session, now_ms);
  return id;
}

std::int32_t FetchSessions::draw_id() {
  const auto ids = static_cast<std::uint64_t>(limits_.last_id - limits_.first_id) + 1;
  while (true) {
    const auto id = static_cast<std::int32_t>(limits_.first_id + static_cast<std::int64_t>(random_() % ids));
    if (!sessions_.contains(id) && !away_.contains(id)) return id;
  }
}

bool FetchSessions::evict_for(const Evictable& newcomer, std::int64_t now_ms) {
  if (by_use_.empty()) return false;
  if (now_ms - by_use_.begin()->first > limits_.evict_after_ms) {
    remove(by_use_.begin()->second);
  } else {
    const std::set<Evictable>& candidates = std::get<0>(newcomer) ? for_followers_ : for_all_;
    if (candidates.empty() || newcomer < *candidates.begin()) return false;
    remove(std::get<2>(*candidates.begin()));
  }
  ++evictions_;
  return true;
}

void FetchSessions::leave_orders(const Session& session) {
  by_use_.erase({session.used_ms, session.id});
  const Evictable place{session.privileged, session.counted, session.id};
  for_all_.erase(place);
  for_followers_.erase(place);
  partitions_ -= session.counted;
}

void FetchSessions::touch(Session& session, std::int64_t now_ms) {
  leave_orders(session);
  session.used_ms = now_ms;
  session.counted = session.kept.size();
  partitions_ += session.counted;
  by_use_.insert({now_ms, session.id});
  const Evictable place{session.privileged, session.counted, session.id};
  const bool is_old = now_ms - session.created_ms > limits_.evict_after_ms;
  if (is_old || !session.privileged) for_followers_.insert(place);
  if (is_old) for_all_.insert(place);
}

void FetchSessions::remove(std::int32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  leave_orders(found->second);
  sessions_.erase(found);
  if (!is_home_of(id)) ended_away_.push_back(id);
}

// --- Sessions that live on another shard ---------------------------------------------------------------------

bool FetchSessions::keep_room() {
  if (!has_room()) return false;
  ++kept_room_;
  return true;
}

void FetchSessions::take_in(Parcel parcel, std::int64_t now_ms) {
  OTTLA_INVARIANT(kept_room_ > 0, "a session came for which no room was kept", parcel.key());
  --kept_room_;
  const auto taken = sessions_.insert(std::move(parcel));
  OTTLA_INVARIANT(taken.inserted, "one session on two shards", taken.position->first);
  away_.erase(taken.position->first);
  touch(taken.position->second, now_ms);
}

FetchSessions::Parcel FetchSessions::let_go(std::int32_t id, ShardId to) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return {};
  leave_orders(found->second);
  found->second.counted = 0;
  if (is_home_of(id)) away_[id] = to;
  return sessions_.extract(found);
}

std::optional<ShardId> FetchSessions::whereabouts(std::int32_t id) const {
  const auto found = away_.find(id);
  return found == away_.end() ? std::nullopt : std::optional(found->second);
}

void FetchSessions::note_whereabouts(std::int32_t id, ShardId shard) {
  const auto found = away_.find(id);
  if (found != away_.end()) found->second = shard;
}

void FetchSessions::note_end(std::int32_t id, ShardId shard) {
  const auto found = away_.find(id);
  if (found != away_.end() && found->second == shard) away_.erase(found);
}

}  // namespace ottla::replica
