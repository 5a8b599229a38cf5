// One replica of the metadata log at work: a core with a disk, peers and a clock.
//
// Use:         RaftNode node(...); co_await node.run(cancel) as long as the process lives; meanwhile handle(),
//              append(), shut_down().
// Lifetime:    run() must have ended before it is destroyed. Log, Transport and listener outlive it.
// Concurrency: confined to one shard.
// Disk:        what was decided while the disk was at work is carried out together: one save, one append, one sync.
// Errors:      any error of the disk ends run(); requests that still wait end with closed.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "raft/core.h"
#include "raft/log.h"
#include "raft/transport.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/timer_wheel.h"

namespace ottla::raft {

class RaftNode final : private Timer {
 public:
  RaftNode(CoreOptions options, Recovered recovered, Log& log, Transport& transport, RaftListener& listener);

  // Until it is cancelled, has shut down, or the disk fails. The only voter leads before this suspends.
  Task<Result<void>> run(Cancel cancel);

  // A request of a peer, a tool or a client. closed: this node's life ended first.
  Task<Result<Reply>> handle(Request request);
  // Records for the log, if this node leads in `epoch`, else nothing. Gives the offset of the last one: committed when
  // the listener has heard of a high watermark above it.
  std::optional<Offset> append(LeaderEpoch epoch, std::span<const Slice> values);
  void resign(LeaderEpoch epoch);
  // run() ends when another leader is known, or after `patience`.
  void shut_down(Duration patience);

  // For what is made of the log elsewhere: see Core.
  void snapshot_taken(const SnapshotFile& snapshot) { core_->snapshot_taken(snapshot); }
  void log_begins_at(const LogPosition& snapshot) { core_->log_begins_at(snapshot); }
  Result<void> raise_kraft_version(LeaderEpoch epoch, std::int16_t version, bool only_check);
  const Core& core() const { return *core_; }

 private:
  struct Waiting {
    std::optional<Reply> reply;
    Event done;
  };
  Task<void> keep_time(Cancel cancel);
  Task<void> write_disk(Cancel cancel);
  Task<void> sync_disk(Cancel cancel);
  Task<Result<void>> carry_out_steps(std::vector<DiskStep> steps);
  Task<Result<void>> install(WriteSnapshot piece);
  Task<void> ask(Outgoing outgoing, Cancel cancel);
  Task<void> reply_with_bytes(Answer answer, Cancel cancel);
  void carry_out();
  void tell(const std::vector<Notice>& notices);
  void emit(Decisions decisions);
  void finish(RequestToken token, Reply reply);
  void fail(const Error& error);
  void on_timer() override { tick_.set(); }

  Log& log_;
  Transport& transport_;
  RaftListener& listener_;
  std::optional<Core> core_;
  std::deque<Decisions> decided_;  // and not carried out yet
  std::map<RequestToken, Waiting*> waiting_;
  RequestToken last_token_ = 0;
  std::uint64_t generation_ = 0;  // of the log on the disk
  Offset written_ = Offset(0);    // its end
  bool busy_ = false;             // steps are being carried out
  Instant armed_ = Instant::max();
  Event tick_;
  Event work_;
  Event unsynced_;
  Event ended_;
  std::optional<Error> failure_;
  TaskGroup* group_ = nullptr;  // while run() lives
};

}  // namespace ottla::raft
