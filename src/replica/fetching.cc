#include "replica/fetching.h"

#include <algorithm>
#include <utility>

#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "runtime/travel.h"
#include "runtime/when.h"

namespace ottla::replica {

using protocol::ErrorCode;

namespace {

// An answer on its way between shards.
struct TravellingAnswer {
  ReadAnswer answer;  // without its records
  Travelling records;
  bool has_records = false;
};

std::vector<TravellingAnswer> pack(std::vector<ReadAnswer> answers) {
  std::vector<TravellingAnswer> packed;
  packed.reserve(answers.size());
  for (ReadAnswer& answer : answers) {
    TravellingAnswer& next = packed.emplace_back();
    next.has_records = !answer.records.empty();
    if (next.has_records) next.records = Travelling(std::exchange(answer.records, Chain()));
    next.answer = std::move(answer);
  }
  return packed;
}

}  // namespace

Fetching::Fetching(ReplicaDoor& door, FetchCall call, Cancel cancel)
    : door_(door),
      call_(std::move(call)),
      cancel_(cancel),
      deadline_(this_shard().exact_now() + call_.max_wait),
      shards_(door.by_shard(call_.items)) {
  if (call_.only_shard != nullptr && shards_.size() == 1) *call_.only_shard = shards_.begin()->first;
}

Task<std::vector<ReadAnswer>> Fetching::run() {
  co_await read_all();
  while (!enough() && this_shard().exact_now() < deadline_) {
    const bool again = co_await wait();
    co_await read_all();
    if (!again) break;
  }
  co_return std::move(answers_);
}

// --- Reading -------------------------------------------------------------------------------------------------

// Partitions are served in the order of the request: who comes first gets what fits, and at least one batch. Readers
// count on it, so that none of their partitions starves.
Task<void> Fetching::read_all() {
  answers_.clear();
  answers_.resize(call_.items.size());
  if (shards_.empty()) co_return;
  if (shards_.size() == 1) {
    Room room{call_.max_bytes, true};
    co_return co_await read_on(shards_.begin()->first, shards_.begin()->second, room);
  }
  if (!co_await read_at_once()) co_await read_in_order();
}

Task<bool> Fetching::read_at_once() {
  const std::uint64_t share = call_.max_bytes / shards_.size();
  std::vector<Room> rooms(shards_.size(), Room{share, false});
  TaskGroup group;
  std::size_t next = 0;
  for (const auto& [shard, places] : shards_) group.spawn(read_on(shard, places, rooms[next++]));
  co_await group.wait();
  const auto any_limited = [&](const auto& shard) { return was_limited(shard.second, share); };
  if (std::ranges::any_of(shards_, any_limited)) co_return false;
  for (const ReadAnswer& answer : answers_) {
    if (!answer.records.empty()) break;
    if (answer.first_too_large) co_return false;
  }
  co_return true;
}

bool Fetching::was_limited(const Places& places, std::uint64_t room) const {
  for (const std::size_t place : places) {
    const ReadAnswer& answer = answers_[place];
    if (room < call_.items[place].call.max_bytes && answer.next < answer.visible_end) return true;
    room -= std::min<std::uint64_t>(room, answer.records.size());
  }
  return false;
}

Task<void> Fetching::read_in_order() {
  std::vector<ShardId> shard_of(call_.items.size(), this_shard().id());
  for (const auto& [shard, places] : shards_) {
    for (const std::size_t place : places) shard_of[place] = shard;
  }
  Room room{call_.max_bytes, true};
  // What one partition gives leaves so much less for the next one. Neighbours of one shard go together.
  for (std::size_t place = 0; place < shard_of.size();) {
    const ShardId shard = shard_of[place];
    Places run;
    for (; place < shard_of.size() && shard_of[place] == shard; ++place) run.push_back(place);
    co_await read_on(shard, run, room);
  }
}

Task<void> Fetching::read_on(ShardId shard, const Places& places, Room& room) {
  std::vector<FetchItem> items;
  items.reserve(places.size());
  for (const std::size_t place : places) items.push_back(call_.items[place]);
  if (shard == this_shard().id()) {
    std::vector<ReadAnswer> read = co_await read_here(door_.here(), std::move(items), room);
    for (std::size_t each = 0; each < places.size(); ++each) answers_[places[each]] = std::move(read[each]);
  } else {
    ReplicaSet& set = door_.set_of(shard);
    std::vector<TravellingAnswer> read =
        co_await on(this_shard().process().shard(shard),
                    [&set, items = std::move(items), room]() mutable -> Task<std::vector<TravellingAnswer>> {
                      co_return pack(co_await read_here(set, std::move(items), room));
                    });
    for (std::size_t each = 0; each < places.size(); ++each) {
      ReadAnswer& answer = answers_[places[each]];
      answer = std::move(read[each].answer);
      if (read[each].has_records) answer.records = std::move(read[each].records).arrive();
    }
  }
  for (const std::size_t place : places) {
    const std::uint64_t size = answers_[place].records.size();
    room.bytes -= std::min(room.bytes, size);
    room.at_least_one = room.at_least_one && size == 0;
  }
}

Task<std::vector<ReadAnswer>> Fetching::read_here(ReplicaSet& set, std::vector<FetchItem> items, Room room) {
  std::vector<ReadAnswer> answers;
  answers.reserve(items.size());
  for (FetchItem& item : items) {
    Partition* const partition = set.find(item.key);
    if (partition == nullptr) {
      answers.push_back({.error = set.missing(item.key)});
      continue;
    }
    item.call.max_bytes = std::min(item.call.max_bytes, room.bytes);
    item.call.at_least_one = room.at_least_one;
    answers.push_back(co_await partition->read(item.call));
    const std::uint64_t size = answers.back().records.size();
    room.bytes -= std::min(room.bytes, size);
    room.at_least_one = room.at_least_one && size == 0;
  }
  co_return answers;
}

// --- Waiting -------------------------------------------------------------------------------------------------

std::uint64_t Fetching::readable(std::size_t place) const {
  const ReadAnswer& answer = answers_[place];
  // There is more than was taken: that counts as all that the reader would take.
  if (answer.next < answer.visible_end) {
    return std::max<std::uint64_t>(answer.records.size(), call_.items[place].call.max_bytes);
  }
  return answer.records.size();
}

bool Fetching::enough() const {
  std::uint64_t bytes = 0;
  for (std::size_t place = 0; place < answers_.size(); ++place) {
    if (!answers_[place].ok() || answers_[place].diverging) return true;
    bytes += readable(place);
  }
  return answers_.empty() || bytes >= call_.min_bytes;
}

std::vector<Fetching::WaitItem> Fetching::wait_items(const Places& places) const {
  std::vector<WaitItem> items;
  items.reserve(places.size());
  for (const std::size_t place : places) {
    const FetchItem& item = call_.items[place];
    items.push_back({item.key,
                     {.isolation = item.call.isolation,
                      .seen = answers_[place].visible_end,
                      .most = item.call.max_bytes}});
  }
  return items;
}

Task<bool> Fetching::wait() {
  std::uint64_t bytes = 0;
  for (std::size_t place = 0; place < answers_.size(); ++place) bytes += readable(place);
  const std::uint64_t wanted = call_.min_bytes - bytes;
  const bool is_local = shards_.size() == 1 && shards_.begin()->first == this_shard().id();
  if (is_local) co_return co_await wait_here(wait_items(shards_.begin()->second), wanted);
  co_return co_await wait_everywhere(wanted);
}

bool Fetching::watch_all(ReplicaSet& set, FetchWait& wait, const std::vector<WaitItem>& items) {
  for (const WaitItem& item : items) {
    Partition* const partition = set.find(item.key);
    if (partition == nullptr) return false;
    partition->watch(wait, item.place);
  }
  return true;
}

Task<bool> Fetching::wait_here(std::vector<WaitItem> items, std::uint64_t wanted) {
  FetchWait wait(wanted);
  if (!watch_all(door_.here(), wait, items)) co_return true;
  const auto until = [&wait](Cancel cancel) -> Task<Result<void>> {
    co_return co_await wait.rung().wait(cancel);
  };
  const Result<void> rung = co_await with_deadline(deadline_, cancel_, until);
  co_return rung.ok();
}

// On another shard, or on this one beside others.
Task<bool> Fetching::wait_on(ReplicaSet& set, std::uint64_t name, std::vector<WaitItem> items,
                             std::uint64_t wanted, Instant deadline) {
  FetchWait wait(wanted);
  const ReplicaSet::NamedWait named = set.name_wait(name, wait);
  if (!watch_all(set, wait, items)) co_return true;
  const auto until = [&wait](Cancel cancel) -> Task<Result<void>> {
    co_return co_await wait.rung().wait(cancel);
  };
  const Result<void> rung = co_await with_deadline(deadline, set.stopping(), until);
  co_return rung.ok();
}

// If so much comes on all shards together, so much comes on one of them at least.
Task<bool> Fetching::wait_everywhere(std::uint64_t wanted) {
  if (cancel_.requested()) co_return false;
  const std::uint64_t share = (wanted + shards_.size() - 1) / shards_.size();
  const std::uint64_t name = door_.next_wait();
  bool rung = false;
  std::size_t waiting = shards_.size();
  Event first;
  TaskGroup group;
  const auto wait_at = [&](ShardId shard, std::vector<WaitItem> items) -> Task<void> {
    ReplicaSet& set = door_.set_of(shard);
    const Instant deadline = deadline_;
    const bool was_rung = co_await on(this_shard().process().shard(shard),
                                      [&set, name, items = std::move(items), share, deadline]() mutable {
                                        return wait_on(set, name, std::move(items), share, deadline);
                                      });
    rung = rung || was_rung;
    --waiting;
    first.set();
  };
  for (const auto& [shard, places] : shards_) group.spawn(wait_at(shard, wait_items(places)));
  const Result<void> ended = co_await first.wait(cancel_);
  if (!ended.ok()) rung = false;
  if (waiting > 0) {
    for (const auto& [shard, places] : shards_) {
      ReplicaSet& set = door_.set_of(shard);
      // As a task, so that it comes behind the one that waits, which may not have begun.
      co_await on(this_shard().process().shard(shard), [&set, name]() -> Task<void> {
        set.end_wait(name);
        co_return;
      });
    }
  }
  co_await group.wait();
  co_return rung&& ended.ok();
}

}  // namespace ottla::replica
