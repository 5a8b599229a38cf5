// How the driver reaches other replicas.
//
// Lifetime:    outlives the RaftNode that uses it.
// Concurrency: confined to one shard; the core has at most one request to each destination under way, and gives up
//              waiting by itself.
#pragma once

#include "base/result.h"
#include "raft/decision.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::raft {

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // Adds the cluster's id, and ends with the reply. Any error means that none will come.
  virtual Task<Result<Reply>> ask(Destination to, Request request, Cancel cancel) = 0;
};

// What a RaftNode tells the rest of its process. Called from its shard; may call it back.
class RaftListener {
 public:
  // All below is committed and can be read from the log, or from a snapshot.
  virtual void committed(Offset high_watermark) = 0;
  virtual void leader_changed(LeaderChanged change) = 0;
  // A peer did what no correct peer does; it was ignored.
  virtual void odd(std::string text) = 0;

 protected:
  ~RaftListener() = default;
};

}  // namespace ottla::raft
