// Elections, and how a node whose disk was lost finds its way back into them.
#include <algorithm>

#include "test/kv/replica.h"

namespace ottla::kv {

void Replica::campaign(Term above, Instant now) {
  follow(next(above), kNoNode, now);
  set_ballot({ballot_.term, config_.self});
  role_ = Role::candidate;
  granted_.reset();
  send_to_all(VoteRequest{log_.last_index(), log_.last_term()});
}

// A candidate's vote for itself counts, like any other, once it is saved.
void Replica::count_votes(Instant now) {
  if (ballot_is_saved()) granted_.set(static_cast<std::size_t>(config_.self.raw()));
  if (majority(granted_.count())) lead(now);
}

void Replica::lead(Instant now) {
  role_ = Role::leader;
  leader_ = config_.self;
  witness_.leads(config_.self, ballot_.term);
  // Entries of older terms are committed by committing one of our own.
  log_.append({ballot_.term, Command{}});
  for_each_peer([&](NodeId node) {
    Peer& follower = peer(node);
    follower.match = 0;
    follower.next = log_.last_index();
    follower.votes = true;  // only a voter's ack can be wrong about it, and acks tell
    follower.heard = now;
  });
  deadline_ = now + config_.timing.heartbeat;
}

void Replica::receive_vote_request(NodeId from, Term term, const VoteRequest& request, Instant now) {
  if (term > ballot_.term) follow(term, kNoNode, now);
  const bool free = ballot_.vote == kNoNode || ballot_.vote == from;
  const bool complete = request.last_term > log_.last_term() ||
                        (request.last_term == log_.last_term() && request.last_index >= log_.last_index());
  const bool granted = term == ballot_.term && role_ == Role::follower && free && complete;
  if (granted) {
    if (ballot_.vote == kNoNode) set_ballot({term, from});
    arm_election(now);
  }
  send(from, VoteReply{granted});
}

void Replica::receive_rejoin(NodeId from, const Rejoin& request, Instant now) {
  if (!standing_.votes) return;
  if (!request.floor) {
    send(from, RejoinReply{request.nonce});
  } else if (role_ == Role::leader && ballot_.term <= *request.floor) {
    // Only a leader elected without that node's lost votes can give it back its place.
    campaign(*request.floor, now);
  }
}

void Replica::receive_rejoin_reply(NodeId from, Term term, const RejoinReply& reply) {
  if (standing_.votes || standing_.floor || reply.nonce != standing_.nonce) return;
  peer(from).term_at_rejoin = term;
  Term floor;
  bool complete = true;
  for_each_peer([&](NodeId node) {
    const std::optional<Term>& told = peer(node).term_at_rejoin;
    complete = complete && told.has_value();
    floor = std::max(floor, told.value_or(Term()));
  });
  if (!complete) return;
  standing_.floor = floor;
  ask_to_rejoin(peer(from).heard);
}

void Replica::ask_to_rejoin(Instant now) {
  deadline_ = now + config_.timing.shortest_silence;
  const bool led = leader_ != kNoNode && now < peer(leader_).heard + config_.timing.longest_silence;
  if (led) return;
  for_each_peer([&](NodeId node) {
    if (standing_.floor || !peer(node).term_at_rejoin) send(node, Rejoin{standing_.nonce, standing_.floor});
  });
}

// An entry above the floor was made by a leader whose election no lost vote could touch, and it follows all
// that this node may have acknowledged in its lost life.
void Replica::rejoin_if_caught_up() {
  if (standing_.keeps_ballot || !standing_.floor) return;
  const Index held = std::min(verified_, disk_.durable());
  if (log_.term_at(held) <= *standing_.floor) return;
  standing_.keeps_ballot = true;
  if (ballot_.vote == kNoNode) set_ballot({ballot_.term, leader_});
}

}  // namespace ottla::kv
