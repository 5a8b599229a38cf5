// What a follower does with its leader's replies: it appends, cuts, or loads a snapshot.
#include <algorithm>
#include <limits>
#include <utility>

#include "raft/core.h"

namespace ottla::raft {
namespace {

// A batch counts its offsets in 32 bits.
constexpr std::int64_t kLongestBatch = std::numeric_limits<std::int32_t>::max();
// No log gets so far; whoever says so would leave no offsets for what follows.
constexpr Offset kGreatestOffset(std::numeric_limits<std::int64_t>::max() / 2);

}  // namespace

bool Core::handle(NodeId from, const Reply& reply, const FetchReply& fetch) {
  if (const std::optional<bool> done = handle_head(from, reply)) return *done;
  auto* role = std::get_if<Follower>(&role_);
  if (role == nullptr || reply.epoch != election_.epoch) return false;
  if (fetch.diverging) {
    if (!truncate(*fetch.diverging)) return false;
  } else if (fetch.snapshot) {
    if (!load_snapshot(*role, *fetch.snapshot)) return false;
  } else {
    if (!append_fetched(fetch)) return false;
    advance_committed(std::min(log_.end(), fetch.high_watermark));
  }
  fetched(*role);
  return true;
}

void Core::fetched(Follower& role) {
  role.has_fetched = true;
  role.fetch_until = now_ + options_.timing.fetch_timeout;
}

bool Core::truncate(const LogPosition& leader_end) {
  if (leader_end.offset < Offset(0) || leader_end.epoch < LeaderEpoch(0)) return false;
  const Offset end = std::max(log_.divergence_from(leader_end), log_.start());
  if (end < committed_) {
    oddity("the leader wants the log cut at " + end.to_string() + ", and all below " +
           committed_.to_string() + " is committed");
    return false;
  }
  if (end == log_.end()) return false;
  log_.truncate_to(end);
  durable_end_ = std::min(durable_end_, end);
  history_.truncate_to(end);
  outbox_.step(TruncateLog{end, ++generation_});
  return true;
}

bool Core::load_snapshot(Follower& role, const LogPosition& id) {
  const bool senseless = id.offset <= Offset(0) || id.offset > kGreatestOffset || id.epoch < LeaderEpoch(0);
  if (senseless || id <= log_.end_position() || id.offset < committed_) {
    oddity("the leader offers snapshot " + id.to_string() + " to a log that ends at " +
           log_.end_position().to_string());
    return false;
  }
  role.snapshot = FetchingSnapshot{id, 0, false};
  return true;
}

// Takes what continues the log, and nothing from an epoch that has not begun.
bool Core::append_fetched(const FetchReply& fetch) {
  AppendToLog append;
  for (const Batch& batch : fetch.batches) {
    const bool continues =
        batch.base == log_.end() && batch.last >= batch.base && batch.last - batch.base <= kLongestBatch;
    if (!continues || batch.epoch < log_.last_epoch() || batch.epoch > election_.epoch) break;
    if (batch.last > kGreatestOffset) break;
    log_.append(batch.epoch, batch.last + 1);
    history_.add_all(batch.control);
    append.batches.push_back(batch);
  }
  const bool some = !append.batches.empty();
  if (some) outbox_.step(std::move(append));
  if (!some && !fetch.batches.empty()) {
    const Batch& first = fetch.batches.front();
    oddity("the leader sent records from " + LogPosition{first.epoch, first.base}.to_string() +
           " on, which do not continue the log that ends at " + log_.end_position().to_string());
    return false;
  }
  return true;
}

bool Core::handle(NodeId from, const Reply& reply, const FetchSnapshotReply& piece) {
  // That it has no such snapshot any more comes without the head's trouble: the next fetch names another.
  Reply head = reply;
  const bool gone =
      reply.error == ErrorCode::snapshot_not_found || reply.error == ErrorCode::position_out_of_range;
  if (gone) head.error = ErrorCode::none;
  if (const std::optional<bool> done = handle_head(from, head)) return *done;
  auto* role = std::get_if<Follower>(&role_);
  if (role == nullptr || !role->snapshot || role->snapshot->complete) return false;
  if (gone) {
    role->snapshot.reset();
    fetched(*role);
    return true;
  }
  FetchingSnapshot& snapshot = *role->snapshot;
  const auto size = static_cast<std::int64_t>(piece.bytes.size());
  const bool fits = piece.snapshot == snapshot.id && piece.position == snapshot.position && size > 0 &&
                    piece.size >= size && snapshot.position <= piece.size - size;
  if (!fits) {
    oddity("the leader sent another piece of a snapshot than it was asked for");
    role->snapshot.reset();
    return false;
  }
  snapshot.position += size;
  snapshot.complete = snapshot.position == piece.size;
  outbox_.step(WriteSnapshot{snapshot.id, piece.position, piece.bytes, snapshot.complete});
  fetched(*role);
  return true;
}

void Core::snapshot_installed(const SnapshotFile& snapshot, std::span<const ControlEntry> control,
                              Instant now) {
  now_ = now;
  log_.add_snapshot(snapshot);
  auto* follower = std::get_if<Follower>(&role_);
  if (follower != nullptr && follower->snapshot && follower->snapshot->id == snapshot.id)
    follower->snapshot.reset();
  const bool ahead = snapshot.id > log_.end_position() && snapshot.id.offset >= committed_;
  if (ahead && !leading()) restart_log(snapshot.id, control);
  run();
}

void Core::restart_log(const LogPosition& snapshot, std::span<const ControlEntry> control) {
  log_.restart_at(snapshot);
  durable_end_ = log_.end();
  history_.clear();
  history_.add_all(control);
  outbox_.step(RestartLog{snapshot, ++generation_});
  advance_committed(snapshot.offset);
  // Who stood for election did so with another log and among other voters.
  const bool stands = std::holds_alternative<Prospective>(role_) || std::holds_alternative<Candidate>(role_);
  if (stands) become_unattached(election_.epoch, kNoNode);
}

}  // namespace ottla::raft
