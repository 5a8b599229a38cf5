#include "cli/start/serve.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/output.h"
#include "cli/start/node_directories.h"
#include "cli/start/recovery_report.h"
#include "cli/start/screen.h"
#include "cli/start/start_plan.h"
#include "cli/storage/directories.h"
#include "config/node_key.h"
#include "replica/log_loading.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/file_system.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/when.h"
#include "server/memory_plan.h"
#include "server/node.h"
#include "server/observation/health_reason.h"
#include "server/observation/node_status.h"
#include "server/observation/observer.h"
#include "server/observation/process_metrics.h"
#include "server/observation/prometheus_text.h"

namespace ottla::cli {
namespace {

inline constexpr LogModule kLogModule("start");

// Longer than any start, and short enough to be added to a point of time.
constexpr std::chrono::years kForEver(100);

enum class Happened : std::uint8_t { ready, asked_to_stop, failed };

void set_levels(LogLevels& levels, const LogWishes& wishes, Logger log) {
  levels.set_all(wishes.level);
  for (const LogWishes::Module& each : wishes.modules) {
    // A part that has not logged yet is not known: it is tried again when the node runs.
    const Result<> set = levels.set(each.name, each.level);
    if (!set.ok()) log.debug("no such part logs", field("part", each.name));
  }
}

class Serving {
 public:
  Serving(Process& process, Output& out, Output& err, const StartPlan& plan)
      : process_(process),
        out_(out),
        err_(err),
        plan_(plan),
        began_(this_shard().exact_now()),
        recovery_(began_),
        log_(this_shard().log().logger(kLogModule)) {}

  Task<int> run(Cancel cancel) {
    set_levels(process_.log_levels(), plan_.log, log_);
    const Result<int> code = co_await serve(cancel);
    if (node_) co_await stop();
    if (observer_) co_await observer_->stop();
    if (!plan_.temporary_directory.empty()) {
      const Result<void> removed = co_await this_shard().files().remove_tree(plan_.temporary_directory);
      if (!removed.ok()) log_.warn("cannot remove the temporary directory", field("error", removed.error()));
    }
    if (code.ok()) co_return *code;
    err_.write(fmt::format("ottla: {}\n", code.error().to_string()));
    co_return 1;
  }

 private:
  Task<Result<int>> serve(Cancel cancel) {
    OTTLA_CO_CHECK(server::MemoryPlan::check(plan_.node.config, process_.shard_count()));
    if (plan_.http) {
      OTTLA_CO_TRY(observer_, co_await server::Observer::listen(process_, *plan_.http, observed_state()));
    }
    OTTLA_CO_TRY(directories_, co_await ready_directories(this_shard().files(), plan_));
    server::NodeSetup setup{.layers = plan_.node.layers,
                            .config = plan_.node.config,
                            .shape = plan_.node.shape,
                            .cluster_id = directories_.cluster_id,
                            .progress = [this](const replica::LoadingProgress& progress) { tell(progress); }};
    auto started = co_await server::Node::start(process_, std::move(setup));
    if (!started.ok()) co_return std::move(started).error();
    node_ = *std::move(started);
    Happened happened = co_await wait_for_ready(cancel);
    if (happened == Happened::ready) {
      set_levels(process_.log_levels(), plan_.log, log_);
      tell_ready();
      happened = co_await wait_for_end(cancel);
    }
    if (happened == Happened::failed) co_return *failure_;
    co_return 0;
  }

  server::ObservedState observed_state() {
    using server::HealthReason;
    return {.roles = {.broker = plan_.node.shape.broker, .controller = plan_.node.shape.controller},
            .not_ready = [this]() -> std::vector<HealthReason> {
              if (!node_) return {{.part = "node", .text = "it is starting, or stopping"}};
              return server::why_not_ready(node_->status());
            },
            .not_well = [this]() -> std::vector<HealthReason> {
              if (!failure_) return {};
              return {{.part = "node", .text = failure_->to_string()}};
            },
            .more_metrics = [this](server::PrometheusText& text) -> Task<void> {
              co_await server::tell_process(process_, text);
              if (node_) co_await node_->tell_metrics(text);
            }};
  }

  void tell(const replica::LoadingProgress& progress) {
    const auto line = recovery_.line(this_shard().exact_now(), progress);
    if (line) log_.info("opening logs", field("progress", *line));
  }

  Task<Happened> wait_for_ready(Cancel cancel) {
    const auto won = co_await when_any(
        cancel, [this](Cancel inner) { return signal(inner); },
        [this](Cancel inner) { return failed(inner); }, [this](Cancel inner) { return ready(inner); },
        [this](Cancel inner) { return too_slow(inner); });
    co_return won.value;
  }
  Task<Happened> wait_for_end(Cancel cancel) {
    const auto won = co_await when_any(
        cancel, [this](Cancel inner) { return signal(inner); },
        [this](Cancel inner) { return failed(inner); });
    co_return won.value;
  }

  Task<Happened> signal(Cancel cancel) {
    const Result<Signal> got = co_await process_.next_signal(cancel);
    if (got.ok()) log_.info("asked to stop");
    co_return Happened::asked_to_stop;
  }
  Task<Happened> ready(Cancel cancel) {
    const Result<void> waited = co_await node_->wait_ready(cancel);
    if (!waited.ok() && waited.error() != Errc::cancelled) failure_ = waited.error();
    co_return failure_ ? Happened::failed : Happened::ready;
  }
  Task<Happened> failed(Cancel cancel) {
    Error why = co_await node_->wait_failed(cancel);
    if (why == Errc::cancelled) co_return Happened::asked_to_stop;
    failure_ = std::move(why);
    co_return Happened::failed;
  }

  // server.max.startup.time.ms, which is for ever when nobody says otherwise.
  Task<Happened> too_slow(Cancel cancel) {
    using std::chrono::milliseconds;
    const milliseconds most(plan_.node.config.get(config::node_key<"server.max.startup.time.ms">));
    const Result<void> slept = co_await sleep_until(began_ + std::min<milliseconds>(most, kForEver), cancel);
    if (!slept.ok()) co_return Happened::asked_to_stop;
    failure_ = Error(Errc::timed_out,
                     fmt::format("the start took longer than server.max.startup.time.ms={}", most.count()));
    co_return Happened::failed;
  }

  void tell_ready() {
    using std::chrono::milliseconds;
    ScreenFacts facts{
        .clients = {},
        .controllers = {},
        .directories = directories_.all,
        .formatted = directories_.formatted,
        .cluster_id = directories_.cluster_id,
        .node = plan_.node.config.get(config::node_key<"node.id">),
        .http = observer_ ? observer_->address().to_string() : std::string(),
        .milliseconds = std::chrono::floor<milliseconds>(this_shard().exact_now() - began_).count()};
    for (const server::OpenListener& each : node_->listeners()) {
      auto& addresses = each.kind == server::ListenerKind::broker ? facts.clients : facts.controllers;
      addresses.push_back(dialled(each.address));
    }
    const std::string status =
        fmt::format("serves {}", facts.clients.empty() ? facts.controllers.front() : facts.clients.front());
    process_.notify(ServiceState::ready, status);
    log_.info("the node is ready", field("milliseconds", facts.milliseconds));
    if (plan_.temporary) {
      out_.write(fmt::format("bootstrap={}\n",
                             facts.clients.empty() ? facts.controllers.front() : facts.clients.front()));
    } else if (!plan_.quiet) {
      out_.write(start_screen(facts));
    }
    if (!out_.flush().ok()) log_.debug("nobody reads standard output");
  }

  Task<void> stop() {
    process_.notify(ServiceState::stopping, "closes its logs");
    process_.let_signals_kill();
    const Instant asked = this_shard().exact_now();
    const std::unique_ptr<server::Node> node = std::move(node_);  // nobody asks it for its state any more
    co_await node->stop();
    using std::chrono::milliseconds;
    log_.info("stopped", field("milliseconds",
                               std::chrono::floor<milliseconds>(this_shard().exact_now() - asked).count()));
  }

  Process& process_;
  Output& out_;
  Output& err_;
  const StartPlan& plan_;
  const Instant began_;
  RecoveryReport recovery_;
  Logger log_;
  ReadyDirectories directories_;
  std::unique_ptr<server::Observer> observer_;
  std::unique_ptr<server::Node> node_;
  std::optional<Error> failure_;
};

}  // namespace

Task<int> serve_node(Process& process, Output& out, Output& err, StartPlan plan, Cancel cancel) {
  Serving serving(process, out, err, plan);
  co_return co_await serving.run(cancel);
}

}  // namespace ottla::cli
