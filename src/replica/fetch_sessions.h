// Incremental fetch sessions (KIP-227): a reader names its partitions once, then only what changes, and is told only
// what changed.
//
// Use:         FetchContext context = sessions.begin({…}, now);     // what to read: context.partitions
//              … read …   FetchReply reply = sessions.finish(context, facts, now);   // what to send
// Lifetime:    a context is for one request; its session may end meanwhile.
// Concurrency: confined to its shard. A session follows its reader to another shard; the shard that gave out its id, the
//              home, keeps in mind where it is. Pure: times and random numbers are passed in.
// Invariants:  1. at most `slots` sessions, those counted for which room is kept
//              2. a session belongs to requests with topic ids, or to those without
//              3. each request of a session has the epoch behind that of the one before
//              4. an id is not given out again while its session lives, here or elsewhere
// Limits:      a session is made only when there is room, or when one can be evicted: a stale one, one of a consumer
//              for a follower, or one that is old enough and no larger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/offset.h"
#include "base/partition_id.h"
#include "base/uuid.h"
#include "protocol/error_code.h"
#include "runtime/shard.h"

namespace ottla::replica {

// A partition as requests name it: by the id of its topic, or, in versions before 13, by its name.
struct FetchTopic {
  Uuid id = {};
  std::shared_ptr<const std::string> name = {};  // null when there is an id
  PartitionId index;

  friend bool operator==(const FetchTopic& a, const FetchTopic& b) {
    return a.index == b.index && a.id == b.id &&
           (a.name == b.name || (a.name && b.name && *a.name == *b.name));
  }
};

// What a request says of one partition.
struct FetchWish {
  FetchTopic partition;
  Offset offset;
  Offset log_start = kUnknownOffset;  // of the follower
  std::int32_t max_bytes = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t last_fetched_epoch = -1;

  friend bool operator==(const FetchWish&, const FetchWish&) = default;
};

struct FetchOpening {
  std::int16_t version = 0;
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;
  bool from_follower = false;
  std::vector<FetchWish> wishes;
  std::vector<FetchTopic> forgotten;
};

// One request on its way through.
struct FetchContext {
  enum class Kind : std::uint8_t { refused, sessionless, full, incremental };

  Kind kind = Kind::sessionless;
  protocol::ErrorCode error = protocol::ErrorCode::none;  // of the whole request, when it is refused
  std::int32_t session_id = 0;                            // of an incremental one
  std::int32_t epoch = 0;                                 // that its session has while it is under way
  bool uses_ids = false;
  bool from_follower = false;
  std::vector<FetchWish> partitions = {};  // all that are to be read, each once
};

// What was found for one of them.
struct FetchFacts {
  std::size_t records_size = 0;
  Offset high_watermark = kUnknownOffset;
  Offset log_start = kUnknownOffset;
  bool failed = false;
  bool diverging = false;
  bool preferred_replica = false;
};

struct FetchReply {
  protocol::ErrorCode error = protocol::ErrorCode::none;  // then no partition is sent
  std::int32_t session_id = 0;
  std::vector<bool> sent = {};  // by the place in FetchContext::partitions
};

struct FetchSession {
  struct Kept {
    FetchWish wish;
    Offset high_watermark = kUnknownOffset;  // that were sent last
    Offset log_start = kUnknownOffset;
  };
  struct HashTopic {
    std::size_t operator()(const FetchTopic& topic) const;
  };

  std::int32_t id = 0;
  bool privileged = false;  // of a follower
  bool uses_ids = false;
  std::int32_t epoch = 0;  // that the next request has
  std::int64_t created_ms = 0;
  std::int64_t used_ms = 0;
  std::size_t counted = 0;  // partitions, as the order of eviction knows it
  std::list<Kept> kept;     // those that gave nothing for longest come first
  std::unordered_map<FetchTopic, std::list<Kept>::iterator, HashTopic> by_topic;
};

class FetchSessions {
 public:
  struct Limits {
    std::size_t slots = 1000;               // this shard's share
    std::int64_t evict_after_ms = 120'000;  // unused for so long a session is stale
    std::int32_t first_id = 1;              // of the ids that this shard gives out
    std::int32_t last_id = 0x7fff'ffff;
  };
  // `random` gives any 64 bits.
  FetchSessions(const Limits& limits, std::function<std::uint64_t()> random)
      : limits_(limits), random_(std::move(random)) {}

  FetchContext begin(FetchOpening opening, std::int64_t now_ms);
  // `facts`: one for each of the context's partitions.
  FetchReply finish(const FetchContext& context, std::span<const FetchFacts> facts, std::int64_t now_ms);
  // Nothing is sent this time, since the reader is throttled; the session stays as it is.
  FetchReply throttle(const FetchContext& context) const;
  // What finish() would send, without its effects: to know the size before a quota is asked.
  std::vector<bool> preview(const FetchContext& context, std::span<const FetchFacts> facts) const;

  // --- Sessions that live on another shard than the one that gave out their ids -------------------------------
  bool has(std::int32_t id) const { return sessions_.contains(id); }
  // A session on its way.
  using Parcel = std::map<std::int32_t, FetchSession>::node_type;
  // Keeps room for one that may come, until it is taken in or given up. False when there is none.
  bool keep_room();
  void give_up_room() { --kept_room_; }
  void take_in(Parcel parcel, std::int64_t now_ms);
  // Nothing when it is not here. A home notes where its session goes.
  Parcel let_go(std::int32_t id, ShardId to);
  // Of a home: where that session of its own is, when it is elsewhere.
  std::optional<ShardId> whereabouts(std::int32_t id) const;
  void note_whereabouts(std::int32_t id, ShardId shard);
  void note_end(std::int32_t id, ShardId shard);
  // Those that ended here since this was asked last, and whose homes have to hear of it.
  std::vector<std::int32_t> ended_away() { return std::exchange(ended_away_, {}); }

  std::size_t size() const { return sessions_.size(); }
  std::size_t partitions() const { return partitions_; }
  std::uint64_t evictions() const { return evictions_; }

 private:
  using Session = FetchSession;
  using Kept = FetchSession::Kept;
  using HashTopic = FetchSession::HashTopic;
  using Evictable = std::tuple<bool, std::size_t, std::int32_t>;  // privileged, partitions, id

  FetchContext refuse(protocol::ErrorCode error) const;
  FetchContext begin_full(FetchOpening opening);
  FetchContext begin_incremental(FetchOpening opening, std::int64_t now_ms);
  static void update(Session& session, const FetchOpening& opening);
  static void keep(Session& session, Kept kept);
  static bool must_send(const Kept& kept, const FetchFacts& facts);
  const Session* find(const FetchContext& context) const;
  std::int32_t make_session(const FetchContext& context, std::span<const FetchFacts> facts,
                            std::int64_t now_ms);
  bool evict_for(const Evictable& newcomer, std::int64_t now_ms);
  std::int32_t draw_id();
  bool has_room() const { return sessions_.size() + kept_room_ < limits_.slots; }
  bool is_home_of(std::int32_t id) const { return id >= limits_.first_id && id <= limits_.last_id; }
  void touch(Session& session, std::int64_t now_ms);
  void remove(std::int32_t id);
  void leave_orders(const Session& session);

  const Limits limits_;
  const std::function<std::uint64_t()> random_;
  std::map<std::int32_t, Session> sessions_;
  std::set<std::pair<std::int64_t, std::int32_t>> by_use_;  // when it was used last, id
  std::set<Evictable> for_all_;
  std::set<Evictable> for_followers_;
  std::map<std::int32_t, ShardId> away_;  // sessions of this home
  std::vector<std::int32_t> ended_away_;  // of other homes
  std::size_t kept_room_ = 0;
  std::size_t partitions_ = 0;
  std::uint64_t evictions_ = 0;
};

// How many ids each of so many shards gives out: those of shard N begin at 1 + N times as many.
constexpr std::int32_t session_ids(std::size_t shards) {
  return static_cast<std::int32_t>(0x7fff'ffff / static_cast<std::int64_t>(shards));
}

// The epoch of a session's request behind this one; -1 stays.
constexpr std::int32_t next_session_epoch(std::int32_t epoch) {
  if (epoch < 0) return -1;
  return epoch == 0x7fff'ffff ? 1 : epoch + 1;
}

}  // namespace ottla::replica
