#include "test/kv/replica.h"

#include <algorithm>

namespace ottla::kv {

Replica::Replica(ReplicaConfig config, Recovered recovered, Random random, Witness& witness, Instant now)
    : config_(config),
      random_(random),
      witness_(witness),
      log_(std::move(recovered.entries)),
      store_(config.plant),
      ballot_(recovered.ballot.value_or(Ballot{})),
      disk_(log_.last_index(), ballot_, config.plant) {
  OTTLA_INVARIANT(config.nodes <= kMaxNodes, "too many nodes", config.nodes);
  if (!recovered.ballot && config.plant != Plant::lost_disk_votes) {
    OTTLA_INVARIANT(log_.last_index() == 0, "entries without a ballot", log_.last_index());
    standing_ = {.votes = false, .keeps_ballot = false, .nonce = random_.next(), .floor = std::nullopt};
    deadline_ = now;
  } else {
    arm_election(now);
  }
}

void Replica::receive(const Message& message, Instant now) {
  if (message.from.raw() < 0 || static_cast<std::size_t>(message.from.raw()) >= config_.nodes ||
      message.from == config_.self) {
    return;
  }
  Peer& sender = peer(message.from);
  const bool from_leader = message.from == leader_;
  const Instant heard_before = sender.heard;
  sender.heard = now;
  if (const auto* request = std::get_if<Rejoin>(&message.body)) {
    receive_rejoin(message.from, *request, now);
  } else if (const auto* reply = std::get_if<RejoinReply>(&message.body)) {
    receive_rejoin_reply(message.from, message.term, *reply);
  } else if (const auto* append = std::get_if<Append>(&message.body)) {
    receive_append(message.from, message.term, *append, now);
  } else if (!standing_.votes) {
    return;  // neither asked nor answering
  } else if (const auto* vote = std::get_if<VoteRequest>(&message.body)) {
    // A living leader is not disturbed by a node that does not hear it.
    const Instant leader_heard = leader_ == kNoNode || from_leader ? Instant() : peer(leader_).heard;
    const bool disturbs = role_ == Role::follower && leader_ != kNoNode && !from_leader &&
                          now < leader_heard + config_.timing.shortest_silence;
    if (disturbs) {
      sender.heard = heard_before;
      return;
    }
    receive_vote_request(message.from, message.term, *vote, now);
  } else {
    if (message.term > ballot_.term) return follow(message.term, kNoNode, now);
    if (message.term < ballot_.term) return;
    if (const auto* answer = std::get_if<AppendReply>(&message.body)) {
      receive_append_reply(message.from, *answer, now);
    } else if (role_ == Role::candidate && std::get<VoteReply>(message.body).granted) {
      granted_.set(static_cast<std::size_t>(message.from.raw()));
      count_votes(now);
    }
  }
}

void Replica::on_timer(Instant now) {
  if (now < deadline_) return;
  if (role_ == Role::leader) {
    heartbeat(now);
  } else if (standing_.votes) {
    campaign(ballot_.term, now);
  } else {
    ask_to_rejoin(now);
  }
}

std::optional<Persist> Replica::next_persist(Instant now) {
  if (!wants_persist()) return std::nullopt;
  Persist next = disk_.take(log_, ballot_to_keep());
  if (role_ == Role::leader) {
    for_each_peer([&](NodeId node) { send_entries(node, now); });
  }
  if (config_.plant == Plant::reply_before_sync) {
    if (role_ == Role::leader) {
      count_commit();
    } else {
      acknowledge();
    }
  }
  return next;
}

void Replica::persisted(Instant now) {
  disk_.done();
  const auto released = std::find_if(out_.held.begin(), out_.held.end(),
                                     [this](const Held& held) { return held.ticket > disk_.last_ticket(); });
  for (auto held = out_.held.begin(); held != released; ++held)
    out_.messages.push_back(std::move(held->envelope));
  out_.held.erase(out_.held.begin(), released);

  if (standing_.keeps_ballot && disk_.saved_ballot().term > standing_.floor.value_or(Term())) {
    witness_.promised(config_.self, disk_.saved_ballot());
    if (!std::exchange(standing_.votes, true)) {
      witness_.rejoined(config_.self, disk_.saved_ballot().term);
      ack_due_ = true;  // the leader learns that this node counts
    }
  }
  if (role_ == Role::leader) {
    count_commit();
  } else if (role_ == Role::candidate) {
    count_votes(now);
  } else {
    rejoin_if_caught_up();
    acknowledge();
  }
}

void Replica::send(NodeId to, MessageBody body) {
  Envelope envelope{to, Message{config_.self, ballot_.term, std::move(body)}};
  if (ballot_is_saved() || config_.plant == Plant::vote_not_persisted) {
    out_.messages.push_back(std::move(envelope));
  } else {
    out_.held.push_back({disk_.next_ticket(), std::move(envelope)});
  }
}

void Replica::send_to_all(const MessageBody& body) {
  for_each_peer([&](NodeId node) { send(node, body); });
}

// Enters a newer term, or votes in this one.
void Replica::set_ballot(Ballot ballot) {
  OTTLA_INVARIANT(ballot.term > ballot_.term || (ballot.term == ballot_.term && ballot_.vote == kNoNode),
                  "a ballot goes back", ballot.term, ballot_.term, ballot_.vote);
  ballot_ = ballot;
}

void Replica::follow(Term term, NodeId leader, Instant now) {
  if (term > ballot_.term) {
    set_ballot({term, kNoNode});
    verified_ = 0;
    ack_due_ = false;
  }
  if (role_ == Role::leader) {
    for (const Pending& pending : pending_) out_.outcomes.push_back({pending.route, pending.sequence, {}});
    pending_.clear();
  }
  role_ = Role::follower;
  leader_ = leader;
  if (standing_.votes) arm_election(now);
}

void Replica::truncate(Index last) {
  OTTLA_INVARIANT(last >= commit_, "a committed entry would be cut off", last, commit_);
  log_.truncate(last);
  disk_.truncated(last);
}

void Replica::advance_commit(Index commit) {
  if (commit <= commit_) return;
  commit_ = commit;
  apply_committed();
}

void Replica::apply_committed() {
  auto pending = pending_.begin();
  while (applied_ < commit_) {
    const Entry& entry = log_.at(++applied_);
    const Store::Applied result = store_.apply(entry.command);
    witness_.applied(config_.self, applied_, entry, result);
    if (pending == pending_.end() || pending->index != applied_) continue;
    out_.outcomes.push_back({pending->route, pending->sequence, result.answer});
    ++pending;
  }
  pending_.erase(pending_.begin(), pending);
}

void Replica::arm_election(Instant now) {
  deadline_ = now + Duration(random_.between(config_.timing.shortest_silence.count(),
                                             config_.timing.longest_silence.count()));
}

}  // namespace ottla::kv
