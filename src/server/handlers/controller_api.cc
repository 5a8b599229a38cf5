#include "server/handlers/controller_api.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/invariant.h"
#include "controller/active_controller.h"
#include "controller/api_table.h"
#include "controller/call.h"
#include "protocol/api_key.h"
#include "runtime/shard.h"
#include "server/quotas/mutation_quota.h"
#include "server/quotas/quota_door.h"
#include "server/response_fields.h"

namespace ottla::server {
namespace {

using protocol::ApiKey;

// From which version on a request is refused when its quota is used up; older clients are only made to wait.
std::optional<std::int16_t> strict_since(ApiKey key) {
  switch (key) {
    case ApiKey::create_topics:
      return 6;
    case ApiKey::delete_topics:
      return 5;
    case ApiKey::create_partitions:
      return 3;
    default:
      return std::nullopt;
  }
}

std::optional<MutationGuard> guard_of(const RequestContext& context) {
  ClientQuotas* quotas = context.node.mutation_quotas;
  const std::optional<std::int16_t> since = strict_since(context.api().key);
  if (quotas == nullptr || !since || !quotas->any(QuotaKind::controller_mutation)) return std::nullopt;
  const QuotaClient client{.user = context.client.principal.name,
                           .client_id = context.incoming.head.client_id};
  const auto strictness =
      context.version() >= *since ? ClientQuotas::Strictness::strict : ClientQuotas::Strictness::permissive;
  return std::optional<MutationGuard>(std::in_place, *quotas, client, strictness, quota_clock_ms());
}

}  // namespace

Task<Result<Outcome>> ask_controller(RequestContext& context) {
  const controller::ControllerApi* api = controller::find_controller_api(context.api().key);
  OTTLA_INVARIANT(api != nullptr && context.node.active_controller != nullptr,
                  "no controller serves this API", context.api().name);
  Shard& shard = this_shard();
  context.exempt = context.api().key == ApiKey::alter_partition;
  const std::string principal = context.client.principal.to_string();
  controller::Asked asked{.version = context.version(),
                          .now_ms = to_epoch_millis(shard.wall_now()),
                          .now = shard.exact_now(),
                          .deadline = {},
                          .principal = principal,
                          .client_id = context.incoming.head.client_id,
                          .listener = context.client.listener,
                          .forwarded = context.forwarded};
  std::optional<MutationGuard> guard = guard_of(context);
  if (guard) asked.quota = &*guard;
  if (const std::optional<std::int32_t> timeout = api->timeout_ms(context.request)) {
    asked.deadline = asked.now + std::chrono::milliseconds(*timeout);
  }
  OTTLA_CO_CHECK(co_await context.node.active_controller->perform(*api, context.request, asked, context.arena,
                                                                  context.response));
  if (guard) {
    set_throttle_time(*context.api().response, context.response,
                      static_cast<std::int32_t>(guard->throttle_ms(quota_clock_ms())));
  }
  co_return Outcome::reply;
}

}  // namespace ottla::server
