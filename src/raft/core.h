// The decisions of one replica of the metadata log: KRaft as Apache Kafka does it, for voters and observers, without
// disk, network or clock of its own.
//
// Use:         feed it what happens (requests, replies, time, what the disk has done), and after each of these carry
//              out take(), in the order that decision.h says; wake it at deadline().
// Lifetime:    one life of a process; the next one is made of what the disk kept.
// Concurrency: confined to one shard; nothing suspends.
// Invariants:  1. an epoch or vote is durable before a message that rests on it leaves
//              2. epochs and the high watermark never go back; nothing committed is cut off
//              3. the leader counts what is durable; a voter fetches only behind what is durable
//              4. voters change one at a time, behind a commit of the leader's own epoch
// Errors:      what peers do wrong is answered with the reference's codes, or ignored and told as an Oddity.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "raft/connections.h"
#include "raft/control_history.h"
#include "raft/decision.h"
#include "raft/election_state.h"
#include "raft/log_shape.h"
#include "raft/outbox.h"
#include "raft/roles.h"
#include "runtime/random.h"

namespace ottla::raft {

// The reference's configuration keys controller.quorum.*, with its defaults.
struct Timing {
  Duration election_timeout = std::chrono::seconds(1);  // and up to as much again
  Duration fetch_timeout = std::chrono::seconds(2);
  Duration election_backoff_max = std::chrono::seconds(1);
  Duration request_timeout = std::chrono::seconds(2);
  Duration retry_backoff = std::chrono::milliseconds(20);
  Duration fetch_max_wait = std::chrono::milliseconds(500);
};

struct CoreOptions {
  ReplicaKey self;
  std::string cluster;
  std::string listener;  // on which voters talk to each other
  Endpoints endpoints;   // where others find this replica
  VersionRange kraft_versions{kStaticVoters, kLatestKRaftVersion};
  VoterSet configured_voters;       // controller.quorum.voters; empty when voters stand in the log
  std::vector<Endpoint> bootstrap;  // controller.quorum.bootstrap.servers
  bool can_become_voter = true;     // a controller; a broker never votes, and need not sync what it fetches
  bool auto_join = false;
  std::int32_t fetch_max_bytes = 1 << 20;
  std::int32_t snapshot_max_bytes = 1 << 20;
  Timing timing;
};

// What the disk kept; all of it durable.
struct Recovered {
  ElectionState election;
  LogShape log;
  std::vector<ControlEntry> control;  // in the snapshot (at its last offset) and in the log
};

class Core {
 public:
  Core(CoreOptions options, Recovered recovered, Random random, Instant now);

  // --- Inputs
  void request(RequestToken token, const Request& request, Instant now);
  // A reply that is no longer waited for is passed over.
  void reply(Correlation correlation, const Reply& reply, Instant now);
  // No reply will come: the connection broke, or was never made.
  void request_failed(Correlation correlation, Instant now);
  void tick(Instant now);

  // Appends to the log if this replica leads in `epoch`, else gives nothing. Committed when the high watermark has
  // passed the offset, that of the last of `count` records.
  std::optional<Offset> append(LeaderEpoch epoch, std::int32_t count, Slice bytes, Instant now);

  void election_saved(std::uint64_t version, Instant now);
  void log_synced(Offset end, std::uint64_t generation, Instant now);
  // This replica made a snapshot of what is committed; or dropped what stood before one.
  void snapshot_taken(const SnapshotFile& snapshot);
  void log_begins_at(const LogPosition& snapshot);
  // The last piece of a leader's snapshot is durable; `control` is what the snapshot says of the quorum.
  void snapshot_installed(const SnapshotFile& snapshot, std::span<const ControlEntry> control, Instant now);

  // Leads no more, if it does in that epoch, and asks the best follower to stand.
  void resign(LeaderEpoch epoch, Instant now);
  // Resigns, and waits until another leader is known: at most `patience`. A ShutDown tells the end.
  void shut_down(Duration patience, Instant now);
  // Raises kraft.version, if this replica leads in `epoch`. invalid_argument says why it cannot be.
  Result<void> raise_kraft_version(LeaderEpoch epoch, std::int16_t version, bool only_check, Instant now);

  // --- Outputs
  Decisions take() { return outbox_.take(); }
  Instant deadline() const { return wake_at_; }

  const ReplicaKey& self() const { return options_.self; }
  LeaderEpoch epoch() const { return election_.epoch; }
  // This replica itself included.
  NodeId leader() const;
  bool leading() const { return std::holds_alternative<Leader>(role_); }
  bool is_voter() const { return history_.voters().is_voter(self()); }
  const Role& role() const { return role_; }
  // Replicas without a vote that fetch from this one while it leads.
  std::size_t observers(Instant now) const;
  const ElectionState& election() const { return election_; }
  const LogShape& log() const { return log_; }
  Offset durable_end() const { return durable_end_; }
  // The highest that this replica ever knew.
  Offset committed() const { return committed_; }
  const ControlHistory& history() const { return history_; }

 private:
  // core.cc
  void run();
  bool poll();
  bool finish_shutdown();
  void wake(Instant at) { wake_at_ = std::min(wake_at_, at); }
  void oddity(std::string text) { outbox_.notice(Oddity{std::move(text)}); }
  void tell_leader();
  void advance_committed(Offset high_watermark);
  std::optional<Destination> voter_address(NodeId voter, const Endpoints& known = {}) const;
  Correlation send(Destination to, decltype(Request::body) body);
  bool send_if_ready(const std::optional<Destination>& to, decltype(Request::body) body);
  void answer(RequestToken token, ErrorCode error, decltype(Reply::body) body, std::string message = {});
  void refuse(RequestToken token, ErrorCode top, decltype(Reply::body) body);

  // core_roles.cc
  Role first_role();
  Instant random_election_end();
  void save(ElectionState state);
  void enter(Role role);
  void leave_leadership();
  void become_unattached(LeaderEpoch epoch, NodeId leader);
  void become_prospective();
  void become_candidate();
  void become_leader(const Ballots& ballots);
  void become_follower(LeaderEpoch epoch, NodeId leader, Endpoints endpoints);
  void become_resigned();
  void after_lost_pre_vote();
  Endpoints leader_endpoints() const;
  bool consistent(LeaderEpoch epoch, NodeId leader) const;
  bool learn(LeaderEpoch epoch, NodeId leader, Endpoints endpoints);

  // core_poll.cc
  bool poll_role(Unattached& role);
  bool poll_role(Prospective& role);
  bool poll_role(Candidate& role);
  bool poll_role(Leader& role);
  bool poll_role(Follower& role);
  bool poll_role(Resigned& role);
  bool poll_as_voter(Follower& role);
  void poll_as_observer(Follower& role);
  void ask_for_votes(const Ballots& ballots, bool pre_vote);
  void begin_epoch_where_unknown(Leader& role);
  bool may_fetch() const;
  FetchRequest fetch_request() const;
  std::vector<Destination> servers() const;
  void fetch_from_anyone();
  void fetch_from_best(Follower& role);
  bool reports_to_leader(const Follower& role) const;

  // core_election.cc
  void handle(RequestToken token, const VoteRequest& request);
  void handle(RequestToken token, const BeginEpochRequest& request);
  void handle(RequestToken token, const EndEpochRequest& request);
  bool may_grant(const VoteRequest& request) const;
  bool names_other(const ReplicaKey& voter) const;
  std::optional<ErrorCode> check_for_voters(NodeId from, LeaderEpoch epoch) const;
  Duration succession_pause(std::span<const ReplicaKey> successors) const;
  std::optional<bool> handle_head(NodeId from, const Reply& reply);
  bool handle(NodeId from, const Reply& reply, const VoteReply& vote);
  bool handle(NodeId from, const Reply& reply, const BeginEpochReply& begin);
  bool handle(NodeId from, const Reply& reply, const EndEpochReply& end);

  // core_leader.cc
  void handle(RequestToken token, const FetchRequest& request);
  void handle(RequestToken token, const FetchSnapshotRequest& request);
  void handle(RequestToken token, const DescribeRequest& request);
  std::optional<ErrorCode> check_for_leader(LeaderEpoch epoch) const;
  FetchReply try_fetch(const FetchRequest& request);
  FetchReply fetch_reply(const FetchRequest& request) const;
  void retry_parked(bool all);
  void expire_parked(Leader& role);
  void append_control(std::vector<ControlRecord> records);
  void log_grew();
  void committed_by_majority();

  // core_follower.cc
  bool handle(NodeId from, const Reply& reply, const FetchReply& fetch);
  bool handle(NodeId from, const Reply& reply, const FetchSnapshotReply& piece);
  bool truncate(const LogPosition& leader_end);
  bool load_snapshot(Follower& role, const LogPosition& id);
  bool append_fetched(const FetchReply& fetch);
  void restart_log(const LogPosition& snapshot, std::span<const ControlEntry> control);
  void fetched(Follower& role);

  // core_voters.cc
  void handle(RequestToken token, const AddVoterRequest& request);
  void handle(RequestToken token, const RemoveVoterRequest& request);
  void handle(RequestToken token, const UpdateVoterRequest& request);
  void handle(RequestToken token, const VersionsRequest& request);
  bool handle(NodeId from, const Reply& reply, const DescribeReply& describe);
  bool handle(NodeId from, const Reply& reply, const VoterChangeReply& change);
  bool handle(NodeId from, const Reply& reply, const VersionsReply& versions);
  struct Refusal {
    ErrorCode error = ErrorCode::none;
    std::string message;
  };
  std::optional<Refusal> refusal_of_change(const char* verb);
  void end_change(ErrorCode error, std::string message);
  void expire_change(Leader& role);
  void voters_committed(Leader& role);
  Refusal update_voter(Leader& role, const UpdateVoterRequest& request);
  VoterNode local_voter() const { return {self(), options_.endpoints, options_.kraft_versions}; }

  const CoreOptions options_;
  Random random_;
  Instant now_;                     // of the input that is being handled
  Instant wake_at_;                 // the next deadline
  ElectionState election_;          // see there; durable soon after each change
  LogShape log_;                    // as decided; the disk follows
  Offset durable_end_ = Offset(0);  // falls with truncations only
  std::uint64_t generation_ = 0;    // of the log, between truncations
  ControlHistory history_;
  Offset committed_ = Offset(0);  // grows only
  Connections connections_;
  std::vector<Destination> bootstrap_;
  Outbox outbox_;
  Role role_;
  std::optional<LeaderChanged> told_leader_;
  std::optional<Instant> shutdown_until_;
  bool shut_down_ = false;
};

}  // namespace ottla::raft
