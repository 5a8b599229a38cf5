// This node's part in the metadata quorum: the log with its snapshots, the replica that keeps it, and those who follow
// what is committed.
//
// Use:         OTTLA_CO_TRY(auto quorum, co_await MetadataQuorum::open(options, tools));  quorum->add(controller);
//              group.spawn([&](Cancel cancel) { return quorum->run(cancel); });  …  quorum->shut_down(patience);
//              co_await group.wait();  co_await quorum->close();
// Lifetime:    run() must have ended before close(), and close() before it is destroyed. Listeners outlive run().
// Concurrency: confined to one shard.
// Invariants:  1. listeners hear of committed records only, each once and in their order (QuorumListener)
//              2. the loader's publishers are told of a batch before on_round_end() of its round
// Errors:      any error of the disk ends run(). Whoever waits for a commit then waits for ever: stop them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/chain.h"
#include "base/log.h"
#include "base/result.h"
#include "metadata/bootstrap.h"
#include "metadata/loader.h"
#include "protocol/api_key.h"
#include "quorum/disk_log.h"
#include "quorum/messages/serving.h"
#include "quorum/peer_transport.h"
#include "quorum/quorum_listener.h"
#include "quorum/quorum_options.h"
#include "quorum/snapshot_trigger.h"
#include "raft/raft_node.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace ottla::quorum {

struct QuorumTools {
  // A record that could not be replayed into an image; it was left out. A controller may not go on.
  std::function<void(Offset offset, const Error& error)> on_fault = {};
};

class MetadataQuorum final : private raft::RaftListener {
 public:
  static Task<Result<std::unique_ptr<MetadataQuorum>>> open(QuorumOptions options, QuorumTools tools);
  ~MetadataQuorum();

  // Until it is cancelled, has shut down, or the disk fails. The only voter leads before this suspends.
  Task<Result<void>> run(Cancel cancel);
  // Not ok when the log was not closed in good order: its directory was not, then.
  Task<Result<void>> close();

  // Before run(), or while it runs: who comes late is told what it missed from a snapshot or the log's beginning on.
  void add(QuorumListener& listener);
  void remove(QuorumListener& listener);
  // Makes images of what is committed, and tells publishers.
  metadata::Loader& loader() { return loader_; }
  const metadata::Loader& loader() const { return loader_; }

  // --- For the active controller
  // The records as one batch, or nothing of them: gives the last one's offset, which is committed once on_batch() has
  // shown it. closed when this node does not lead in that epoch (any more); too_large when they fit into no batch.
  Result<Offset> append(LeaderEpoch epoch, std::span<const Slice> records);
  // The same for records that may be seen one without the other: in as many batches as they need.
  Result<Offset> append_in_parts(LeaderEpoch epoch, std::span<const Slice> records);
  // Leads no more, if it does in that epoch.
  void resign(LeaderEpoch epoch) { node_->resign(epoch); }
  // invalid_argument says why it cannot be.
  Result<void> raise_kraft_version(LeaderEpoch epoch, std::int16_t version, bool only_check) {
    return node_->raise_kraft_version(epoch, version, only_check);
  }
  // What a new cluster's first leader writes.
  const metadata::Bootstrap& bootstrap() const { return bootstrap_; }

  // Hands leadership on, and ends run() when another leader is known, or after `patience`.
  void shut_down(Duration patience) { node_->shut_down(patience); }

  // --- For the listeners of the network
  // Whether that API is the quorum's: Vote, BeginQuorumEpoch, EndQuorumEpoch, Fetch, FetchSnapshot, DescribeQuorum,
  // AddRaftVoter, RemoveRaftVoter, UpdateRaftVoter.
  static bool serves(protocol::ApiKey api);
  struct Asked {
    std::int16_t version = 0;
    std::string_view listener;  // on which it came
  };
  // Answers it: from the request's structure to the response's, both of that API. What the response refers to lives in
  // `arena` and `records`, which it fills.
  Task<void> serve(protocol::ApiKey api, Asked asked, const void* request, Arena& arena, Chain& records,
                   void* response);

  // --- What is known
  NodeId node() const { return node_->core().self().id; }
  const raft::ReplicaKey& self() const { return node_->core().self(); }
  bool leading() const { return node_->core().leading(); }
  // kNoNode: not known. This node, while it leads.
  NodeId leader() const { return leader_.leader; }
  LeaderEpoch epoch() const { return node_->core().epoch(); }
  // Where the leader listens for the quorum's own requests; nothing when it is not known.
  std::optional<raft::Endpoint> leader_endpoint() const;
  Offset high_watermark() const { return node_->core().committed(); }
  Offset log_end() const { return node_->core().log().end(); }
  std::int16_t kraft_version() const { return node_->core().history().kraft_version(); }
  const raft::VoterSet& voters() const { return node_->core().history().voters(); }
  std::optional<raft::LogPosition> latest_snapshot() const { return node_->core().log().latest_snapshot(); }
  const raft::Core& core() const { return node_->core(); }
  // Of the last snapshot that this node made since its start; before that, of none, when it started.
  struct MadeSnapshot {
    Instant at{};
    std::uint64_t bytes = 0;
  };
  const MadeSnapshot& made_snapshot() const { return made_snapshot_; }
  const std::string& cluster_id() const { return options_.raft.cluster; }
  // Broken snapshots that were passed over when the log was opened.
  const std::vector<Error>& damages() const { return log_->damages(); }

 private:
  struct Follower {
    QuorumListener* listener = nullptr;
    Offset next = Offset(0);  // what it is to be told next
    bool begun = false;
    std::optional<raft::LeaderChanged> told_leader = {};
    Offset told_high_watermark = kUnknownOffset;
  };

  MetadataQuorum(QuorumOptions options, QuorumTools tools, std::unique_ptr<DiskLog> log,
                 metadata::Bootstrap bootstrap);

  // RaftListener
  void committed(Offset high_watermark) override;
  void leader_changed(raft::LeaderChanged change) override;
  void odd(std::string text) override;

  // quorum_feed.cc
  Task<void> feed(Cancel cancel);
  Task<Result<void>> feed_all(Cancel cancel);
  Task<Result<void>> feed_snapshot(raft::LogPosition id);
  Task<Result<void>> feed_batches(Offset from);
  Result<void> show(const raft::Batch& batch);
  void tell_marks();
  void tell_leader();
  Offset least_next() const;
  Offset readable_end() const;
  bool needs_snapshot(const Follower& follower) const;

  // quorum_serve.cc
  ServingTerms terms_for(const Asked& asked) const;
  struct Call {
    Asked asked;
    const void* request;
    Arena* arena;
    Chain* records;
    void* response;
  };
  template <typename Request, typename Response>
  Task<void> serve_as(Call call);

  // quorum_snapshots.cc
  Task<void> make_snapshots(Cancel cancel);
  Task<Result<void>> make_snapshot(metadata::SharedImage image);
  Task<void> keep_clean(Cancel cancel);
  Task<Result<void>> clean();
  void fail(const Error& error);

  const QuorumOptions options_;
  Logger logger_;
  std::unique_ptr<DiskLog> log_;
  metadata::Bootstrap bootstrap_;
  std::unique_ptr<PeerTransport> transport_;
  metadata::Loader loader_;
  std::unique_ptr<QuorumListener> loading_;  // the loader as a listener
  std::unique_ptr<raft::RaftNode> node_;
  std::vector<Follower> followers_;  // loading_ first
  raft::LeaderChanged leader_;       // as raft tells it
  bool high_watermark_known_ = false;
  record::CodecPool codecs_;
  SnapshotTrigger trigger_;
  MadeSnapshot made_snapshot_;
  Event news_;          // for feed()
  Event snapshot_due_;  // for make_snapshots()
  std::optional<Error> failure_;
  CancelSource* running_ = nullptr;  // while run() runs
};

}  // namespace ottla::quorum
