// The active controller at work: one that leads the metadata quorum.
//
// Use:         ActiveController controller(options, log);   co_await controller.run(cancel);
//              meanwhile   co_await controller.perform(*find_controller_api(key), &request, asked, arena, &response);
//              and what the quorum tells: lead(), follow(), committed().
// Lifetime:    options and log outlive it; run() must have ended before it is destroyed, and with it every perform().
// Concurrency: confined to the shard of the quorum.
// Invariants:  1. handlers run one at a time, upon all that was decided before
//              2. what was decided is appended at once, whole; a response leaves when it is committed
//              3. what was not committed when leadership ended is forgotten
// Errors:      perform(): out_of_budget when there is no room for a refusal; a response otherwise, always.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/leader_epoch.h"
#include "base/log.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/result.h"
#include "controller/api_table.h"
#include "controller/call.h"
#include "controller/controller_options.h"
#include "controller/event_speed.h"
#include "controller/metadata_log.h"
#include "metadata/image.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/random.h"
#include "runtime/task.h"

namespace ottla::controller {

// Counts from the start on.
struct ControllerCounters {
  std::uint64_t operations_started = 0;
  std::uint64_t operations_timed_out = 0;
  std::uint64_t heartbeats_timed_out = 0;
  std::uint64_t leaders_seen = 0;  // how often somebody began to lead
  std::uint64_t records_written = 0;
  std::uint64_t faults = 0;  // what a handler decided could not be replayed
};

// What is now. Of the cluster: as this controller has decided, so only while it leads.
struct ControllerFigures {
  bool leading = false;
  Offset last_applied{-1};
  Offset last_committed{-1};
  std::size_t active_brokers = 0;
  std::size_t fenced_brokers = 0;
  std::size_t brokers_shutting_down = 0;
  std::size_t topics = 0;
  std::size_t partitions = 0;
  std::size_t leaderless_partitions = 0;
  std::size_t imbalanced_partitions = 0;  // not led by their preferred replicas
};

class ActiveController {
 public:
  // A seed for ids and places of replicas.
  ActiveController(const ControllerOptions& options, MetadataLog& log, Random random, Logger logger = {});
  ActiveController(const ActiveController&) = delete;
  ActiveController& operator=(const ActiveController&) = delete;
  ~ActiveController();

  // What time asks for, until it is cancelled; then whoever waits is refused.
  Task<Result<void>> run(Cancel cancel);

  // Structures of the API's messages. All that they and `asked` refer to lives until this ends.
  Task<Result<void>> perform(const ControllerApi& api, const void* request, Asked asked, Arena& arena,
                             void* response);

  // This node leads from now on. `image` holds all that the log had before the epoch, but for a transaction that was
  // begun and neither ended nor aborted.
  void lead(LeaderEpoch epoch, const metadata::MetadataImage& image, bool in_transaction);
  // Somebody else leads, or nobody (kNoNode).
  void follow(NodeId leader);
  // All below is committed.
  void committed(Offset end);

  bool leading() const { return term_ != nullptr; }
  const ControllerCounters& counters() const { return counters_; }
  ControllerFigures figures() const;
  // When that registration was heard of last; nothing when it never was, or this node does not lead.
  std::optional<Instant> last_contact(NodeId broker, std::int64_t epoch) const;
  // What is decided upon; null when this node does not lead.
  const State* state() const;

 private:
  struct Term;
  struct Waiting {
    bool lost = false;
    Event done;
  };
  struct Moment {
    std::int64_t now_ms;
    Instant now;
  };

  ApiError refusal_before(const ControllerApi& api, const Asked& asked);
  // Nothing when nothing was written.
  Result<std::optional<Offset>> write(const RecordList& records, bool in_parts);
  ApiError handle(const ControllerApi& api, const void* request, const Asked& asked, Arena& arena,
                  void* response);
  Result<> replay_all(const RecordList& records);
  void undo(metadata::MetadataImage before);
  Task<bool> until_committed(Offset last);
  void run_due_tasks(Moment moment);
  bool run_task(const Asked& asked, bool (*task)(const State&, Call&));
  void leave(const char* why);
  void note_speed(const ControllerApi& api, Instant began);
  ApiError not_controller() const;

  const ControllerOptions& options_;
  MetadataLog& log_;
  Random random_;
  Logger logger_;
  std::unique_ptr<Term> term_;               // while this node leads
  NodeId leader_ = kNoNode;                  // as the quorum tells
  Offset committed_ = Offset(0);             // the first that is not
  std::multimap<Offset, Waiting*> waiting_;  // for their last records to be committed
  Event changed_;                            // the term began or ended
  bool stopped_ = false;
  ControllerCounters counters_;
  EventSpeed speed_;
};

}  // namespace ottla::controller
