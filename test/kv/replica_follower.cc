#include <algorithm>

#include "test/kv/replica.h"

namespace ottla::kv {

void Replica::receive_append(NodeId from, Term term, const Append& append, Instant now) {
  if (!standing_.votes && (!standing_.floor || term <= *standing_.floor)) return;
  if (term < ballot_.term) return send(from, AppendReply{false, standing_.votes, 0});
  OTTLA_INVARIANT(term > ballot_.term || role_ != Role::leader, "two leaders in one term", term, from);
  follow(term, from, now);
  if (!log_.has(append.previous_index, append.previous_term)) {
    return send(from, AppendReply{false, standing_.votes, conflict_hint(append.previous_index)});
  }
  take_entries(append);
  verified_ = std::max(verified_, append.previous_index + append.entries.size());
  advance_commit(std::min(append.commit, verified_));
  rejoin_if_caught_up();
  ack_due_ = true;
  if (append.entries.empty() || verified_ <= disk_.durable()) acknowledge();
}

void Replica::take_entries(const Append& append) {
  Index index = append.previous_index;
  for (const Entry& entry : append.entries) {
    ++index;
    if (log_.has(index, entry.term)) continue;
    if (index <= log_.last_index()) truncate(index - 1);
    log_.append(entry);
  }
}

// Where the leader may try next: before the run of entries whose term it does not know.
Index Replica::conflict_hint(Index index) const {
  if (index > log_.last_index()) return log_.last_index();
  const Term term = log_.term_at(index);
  while (index > commit_ && log_.term_at(index) == term) --index;
  return index;
}

void Replica::acknowledge() {
  if (!ack_due_ || role_ != Role::follower || leader_ == kNoNode) return;
  const Index held = std::min(verified_, disk_.durable());
  ack_due_ = held < verified_;
  send(leader_, AppendReply{true, standing_.votes, held});
}

}  // namespace ottla::kv
