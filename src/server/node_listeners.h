// Which listeners a node has open: those that it was started with, and then those that `listeners` is altered to while it
// runs.
//
// Use:         OTTLA_CO_CHECK(co_await listeners.open_all(settings));   …   co_await listeners.follow(altered);
// Lifetime:    what it is given outlives it; all that follow() began has ended before it is destroyed.
// Concurrency: confined to the first shard; alterations are followed one at a time, and the last one counts.
// Invariants:  as the reference does it,
//              1. a listener is its name: one that stays keeps its address
//              2. only clients' listeners come and go, and only on a broker
//              3. those that others were told to use at the start stay open, and others are not told of new ones
// Errors:      open_all() ends at the first that cannot be opened. Later ones are logged.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "config/listeners.h"
#include "config/node_shape.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"
#include "server/acceptor.h"
#include "server/node_settings.h"
#include "server/node_view.h"
#include "server/open_listener.h"

namespace ottla::server {

class NodeListeners {
 public:
  NodeListeners(const NodeFacts& facts, Acceptor& acceptor, Logger log)
      : facts_(facts), acceptor_(acceptor), log_(log) {}

  const std::vector<OpenListener>& open() const { return open_; }
  Task<Result<void>> open_all(SharedSettings started);
  // Listeners, and the limits of connections with them.
  Task<void> follow(SharedSettings altered);

 private:
  Task<Result<void>> open_one(config::Endpoint endpoint, SharedSettings settings);
  Task<void> close_what_is_gone(const config::NodeShape& shape);
  Task<void> open_what_is_new(const config::NodeShape& shape, SharedSettings settings);
  bool is_open(std::string_view name) const;

  const NodeFacts& facts_;
  Acceptor& acceptor_;
  Logger log_;
  std::vector<OpenListener> open_;
  SharedSettings wanted_;  // of the last alteration
  Semaphore turn_{1};
};

}  // namespace ottla::server
