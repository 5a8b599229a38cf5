// The decisions of one node: a Raft of three roles without clock, disk, sockets or memory of another life.
//
// Use:         a driver feeds receive(), propose(), on_timer() and persisted(), and after each of them takes
//              what the outputs hold: messages, replies, the next thing to write, the next deadline.
// Concurrency: confined to one shard; nothing suspends.
// Invariants:  1. a message that rests on the ballot leaves only when the ballot is saved
//              2. acks and the leader's own count use only entries whose sync has ended
//              3. applied_ <= commit_ <= last index; a commit is counted on an entry of the leader's own term
//              4. a node without memory neither votes nor counts before it holds, durably, an entry of a
//                 term above every term that the others knew when its life began (README.md says why)
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/node_id.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "test/kv/ballot.h"
#include "test/kv/disk_progress.h"
#include "test/kv/entry_log.h"
#include "test/kv/message.h"
#include "test/kv/plant.h"
#include "test/kv/store.h"
#include "test/kv/witness.h"

namespace ottla::kv {

inline constexpr std::size_t kMaxNodes = 5;

struct Timing {
  Duration heartbeat = std::chrono::milliseconds(25);
  // An election begins after a silence drawn from [shortest, longest].
  Duration shortest_silence = std::chrono::milliseconds(75);
  Duration longest_silence = std::chrono::milliseconds(150);
};

struct ReplicaConfig {
  NodeId self;
  std::size_t nodes = 3;  // with ids 0, 1, 2...
  Timing timing;
  Plant plant = Plant::none;
};

// What the disk kept. Without a ballot the node has no memory of what it promised.
struct Recovered {
  std::optional<Ballot> ballot;
  std::vector<Entry> entries;
};

// Where an answer goes: a connection of the driver's, which may be gone by then.
using Route = std::uint64_t;

class Replica {
 public:
  Replica(ReplicaConfig config, Recovered recovered, Random random, Witness& witness, Instant now);

  // --- Inputs
  void receive(const Message& message, Instant now);
  // False: not a leader, or too much is under way; nothing was taken.
  bool propose(Route route, std::span<const Command> commands);
  void on_timer(Instant now);

  // What must be on the disk next; empty while one is in flight or nothing is new. persisted() tells that it
  // is there. A leader's followers are sent the same entries at the same time.
  std::optional<Persist> next_persist(Instant now);
  void persisted(Instant now);

  // --- Outputs
  Instant deadline() const { return deadline_; }
  bool wants_persist() const { return !disk_.busy() && disk_.dirty(log_, ballot_to_keep()); }
  struct Envelope {
    NodeId to;
    Message message;
  };
  struct Outcome {
    Route route;
    std::uint32_t sequence;
    std::optional<Answer> answer;  // empty: this node no longer knows; ask again
  };
  std::vector<Envelope> take_messages() { return std::exchange(out_.messages, {}); }
  std::vector<Outcome> take_outcomes() { return std::exchange(out_.outcomes, {}); }

  NodeId leader() const { return leader_; }
  bool leading() const { return role_ == Role::leader; }
  bool votes() const { return standing_.votes; }
  const Ballot& ballot() const { return ballot_; }
  Index commit() const { return commit_; }
  const EntryLog& log() const { return log_; }
  Instant heard_from(NodeId node) const { return peer(node).heard; }

 private:
  enum class Role : std::uint8_t { follower, candidate, leader };
  struct Peer {
    Index match = 0;  // leader: durable there and equal to ours
    Index next = 1;   // leader: what to send next
    bool votes = true;
    Instant heard;                       // any message
    Instant sent;                        // leader: the last Append
    std::optional<Term> term_at_rejoin;  // without memory: what it answered
  };
  struct Pending {
    Index index;
    Route route;
    std::uint32_t sequence;
  };
  struct Held {
    std::uint64_t ticket;
    Envelope envelope;
  };
  struct Outputs {
    std::vector<Held> held;  // by ticket
    std::vector<Envelope> messages;
    std::vector<Outcome> outcomes;
  };
  // What a node without memory may not do, and how it finds its way back.
  struct Standing {
    bool votes = true;
    bool keeps_ballot = true;   // false: not yet about to become a voter
    std::uint64_t nonce = 0;    // of this life
    std::optional<Term> floor;  // the newest term that the others knew when this life began
  };

  // replica.cc
  void send(NodeId to, MessageBody body);
  void send_to_all(const MessageBody& body);
  void set_ballot(Ballot ballot);
  void follow(Term term, NodeId leader, Instant now);
  void truncate(Index last);
  void advance_commit(Index commit);
  void apply_committed();
  void arm_election(Instant now);
  std::optional<Ballot> ballot_to_keep() const {
    return standing_.keeps_ballot ? std::optional(ballot_) : std::nullopt;
  }
  bool ballot_is_saved() const { return !standing_.keeps_ballot || ballot_ == disk_.saved_ballot(); }
  bool majority(std::size_t count) const { return count * 2 > config_.nodes; }
  Peer& peer(NodeId node) { return peers_[static_cast<std::size_t>(node.raw())]; }
  const Peer& peer(NodeId node) const { return peers_[static_cast<std::size_t>(node.raw())]; }
  template <typename F>
  void for_each_peer(F&& f) {
    for (std::size_t i = 0; i < config_.nodes; ++i) {
      const NodeId node(static_cast<std::int32_t>(i));
      if (node != config_.self) f(node);
    }
  }

  // replica_election.cc
  void campaign(Term above, Instant now);
  void count_votes(Instant now);
  void lead(Instant now);
  void receive_vote_request(NodeId from, Term term, const VoteRequest& request, Instant now);
  void receive_rejoin(NodeId from, const Rejoin& request, Instant now);
  void receive_rejoin_reply(NodeId from, Term term, const RejoinReply& reply);
  void ask_to_rejoin(Instant now);
  void rejoin_if_caught_up();

  // replica_leader.cc
  void send_entries(NodeId to, Instant now);
  void heartbeat(Instant now);
  void receive_append_reply(NodeId from, const AppendReply& reply, Instant now);
  void count_commit();

  // replica_follower.cc
  void receive_append(NodeId from, Term term, const Append& append, Instant now);
  void take_entries(const Append& append);
  Index conflict_hint(Index index) const;
  void acknowledge();

  ReplicaConfig config_;
  Random random_;
  Witness& witness_;
  EntryLog log_;
  Store store_;

  Role role_ = Role::follower;
  NodeId leader_ = kNoNode;
  Ballot ballot_;  // grows only; see Ballot
  Standing standing_;
  DiskProgress disk_;
  Instant deadline_;  // of the silence, the next heartbeat, or the next question to the others

  Index verified_ = 0;    // follower: entries up to here equal the leader's; falls with its term
  Index commit_ = 0;      // grows only
  Index applied_ = 0;     // grows only
  bool ack_due_ = false;  // follower: the leader waits for a sync

  std::array<Peer, kMaxNodes> peers_;
  std::bitset<kMaxNodes> granted_;  // candidate: who voted for us
  std::vector<Pending> pending_;    // leader: by index
  Outputs out_;
};

}  // namespace ottla::kv
