#include "server/observation/observer.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/json_text.h"
#include "base/metric_registry.h"
#include "base/metric_snapshot.h"
#include "base/result.h"
#include "base/slice.h"
#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::server {
namespace {

// A shard tells so many series, then lets others work.
constexpr std::size_t kSeriesAtOnce = 500;

Task<MetricSnapshot> collect_here() {
  this_shard().set_priority(Priority::background);
  MetricSnapshot snapshot;
  while (!this_shard().metrics().collect(snapshot, kSeriesAtOnce)) co_await yield();
  co_return snapshot;
}

http::Response json(int status, std::string_view text) {
  return {.status = status,
          .fields = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = Chain(Slice::copy_of(text))};
}

http::Response health(const std::vector<HealthReason>& reasons, std::string_view good, std::string_view bad) {
  std::string text;
  JsonText out(text);
  out.begin_object();
  out.key("status");
  out.text(reasons.empty() ? good : bad);
  out.key("reasons");
  out.begin_array();
  for (const HealthReason& each : reasons) {
    out.begin_object();
    out.key("part");
    out.text(each.part);
    out.key("reason");
    out.text(each.text);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return json(reasons.empty() ? 200 : 503, text + "\n");
}

}  // namespace

Task<Result<std::unique_ptr<Observer>>> Observer::listen(Process& process, Address address,
                                                         ObservedState state) {
  auto observer = std::make_unique<Observer>(process, std::move(state), this_shard().exact_now());
  Observer* const self = observer.get();
  OTTLA_CO_TRY(observer->server_,
               co_await http::Server::listen(
                   this_shard().network(), std::move(address),
                   [self](http::Request request, Cancel) { return self->answer(std::move(request)); }, {}));
  co_return observer;
}

Task<void> Observer::stop() {
  co_await server_->stop();
}

Task<std::string> Observer::metrics() {
  MetricSnapshot all;
  for (std::size_t each = 0; each < process_.shard_count(); ++each) {
    Shard& shard = process_.shard(ShardId(static_cast<std::uint32_t>(each)));
    all.merge(co_await on(shard, [] { return collect_here(); }));
  }
  PrometheusText text;
  text.add(all);
  idle_.tell(all, this_shard().exact_now(), state_.roles, text);
  co_await state_.more_metrics(text);
  co_return text.take();
}

Task<http::Response> Observer::answer(http::Request request) {
  const std::string_view path = request.path();
  const bool known = path == "/metrics" || path == "/healthz" || path == "/readyz";
  if (!known) co_return http::Response::text(404, "There are /metrics, /healthz and /readyz.\n");
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response refused = http::Response::text(405, "Only GET is understood here.\n");
    refused.fields.add("Allow", "GET, HEAD");
    co_return refused;
  }
  if (path == "/healthz") co_return health(state_.not_well(), "well", "failed");
  if (path == "/readyz") co_return health(state_.not_ready(), "ready", "not ready");
  const std::string text = co_await metrics();
  co_return http::Response{.status = 200,
                           .fields = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
                           .body = Chain(Slice::copy_of(text))};
}

}  // namespace ottla::server
