// What people and programs that watch a node may ask it over HTTP: /metrics, /healthz and /readyz.
//
// Use:         OTTLA_CO_TRY(auto observer, co_await Observer::listen(process, address, state));
//              … state changes …   co_await observer->stop();
// Lifetime:    stop() must have ended before it is destroyed; the state outlives it.
// Concurrency: confined to the first shard. Metrics of other shards come by message.
// Errors:      those of listening. Who asks for something else is told what there is.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "http/server.h"
#include "runtime/address.h"
#include "runtime/clock.h"
#include "runtime/task.h"
#include "server/observation/health_reason.h"
#include "server/observation/idle_window.h"
#include "server/observation/node_roles.h"
#include "server/observation/prometheus_text.h"

namespace ottla {
class Process;
}

namespace ottla::server {

struct ObservedState {
  NodeRoles roles = {};
  std::function<std::vector<HealthReason>()> not_ready;  // empty: ready
  std::function<std::vector<HealthReason>()> not_well;   // empty: nothing has failed
  // What is told besides the metrics that the shards count.
  std::function<Task<void>(PrometheusText& text)> more_metrics;
};

class Observer {
 public:
  static Task<Result<std::unique_ptr<Observer>>> listen(Process& process, Address address,
                                                        ObservedState state);
  Observer(Process& process, ObservedState state, Instant now)
      : process_(process), state_(std::move(state)), idle_(now) {}
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // With the real port when 0 was asked for.
  Address address() const { return server_->address(); }
  Task<void> stop();

 private:
  Task<http::Response> answer(http::Request request);
  Task<std::string> metrics();

  Process& process_;
  const ObservedState state_;
  IdleWindow idle_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace ottla::server
