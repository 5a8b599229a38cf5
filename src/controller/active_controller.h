// The active controller at work: one that leads the metadata quorum.
//
// Use:         ActiveController controller(options, log, tools);   co_await controller.run(cancel);
//              meanwhile   co_await controller.perform(*find_controller_api(key), &request, asked, arena, &response);
//              and what the quorum tells: lead(), follow(), committed().
// Lifetime:    `log` outlives it; run() must have ended before it is destroyed.
// Concurrency: confined to the shard of the quorum.
// Invariants:  1. handlers run one at a time, upon all that was decided before
//              2. what was decided is appended at once, whole; a response leaves when it is committed
//              3. what was not committed when leadership ended is forgotten
// Errors:      perform(): out_of_budget when there is no room for a refusal; a response otherwise, always.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "controller/api_table.h"
#include "controller/call.h"
#include "controller/controller_options.h"
#include "metadata/image.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::controller {

// The log that the quorum agrees on.
class MetadataLog {
 public:
  virtual ~MetadataLog() = default;
  // Appends if this node leads in that epoch, else gives nothing. The offset of the last record, which is committed when
  // committed() has told of an end above it.
  virtual std::optional<Offset> append(LeaderEpoch epoch, std::span<const Slice> values) = 0;
  // Where the next record goes.
  virtual Offset end() const = 0;
  virtual void resign(LeaderEpoch epoch) = 0;
  virtual std::int16_t kraft_version() const = 0;
  virtual Result<> raise_kraft_version(LeaderEpoch epoch, std::int16_t version, bool only_check) = 0;
};

struct ControllerState;  // of one term

class ActiveController {
 public:
  ActiveController(const ControllerOptions& options, MetadataLog& log);
  ActiveController(const ActiveController&) = delete;
  ActiveController& operator=(const ActiveController&) = delete;
  ~ActiveController();

  // What time asks for, until it is cancelled.
  Task<Result<void>> run(Cancel cancel);

  // Structures of the API's messages. All that they and `asked` refer to lives until this ends.
  Task<Result<void>> perform(const ControllerApi& api, const void* request, Asked asked, Arena& arena,
                             void* response);

  // This node leads from now on. `image` holds all that was written before the epoch, but for a transaction that was
  // begun and neither ended nor aborted.
  void lead(LeaderEpoch epoch, const metadata::MetadataImage& image, bool in_transaction);
  // Somebody else leads, or nobody (kNoNode).
  void follow(NodeId leader, LeaderEpoch epoch);
  // All below is committed.
  void committed(Offset end);

  bool leading() const;

 private:
  std::unique_ptr<ControllerState> inside_;
};

}  // namespace ottla::controller
