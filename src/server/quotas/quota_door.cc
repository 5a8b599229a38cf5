#include "server/quotas/quota_door.h"

#include <chrono>
#include <utility>

#include "runtime/clock.h"
#include "runtime/cross_shard.h"

namespace ottla::server {

std::int64_t quota_clock_ms() {
  return std::chrono::floor<std::chrono::milliseconds>(this_shard().exact_now().time_since_epoch()).count();
}

Task<std::int64_t> QuotaDoor::record(QuotaKind kind, std::string user, std::string client_id, double amount) {
  if (!any(kind)) co_return 0;
  co_return co_await on(
      home_, [quotas = &quotas_, kind, user = std::move(user), client_id = std::move(client_id), amount] {
        return quotas->record(kind, {.user = user, .client_id = client_id}, amount, quota_clock_ms());
      });
}

Task<void> QuotaDoor::take_back(QuotaKind kind, std::string user, std::string client_id, double amount) {
  if (!any(kind)) co_return;
  co_await on(home_,
              [quotas = &quotas_, kind, user = std::move(user), client_id = std::move(client_id), amount] {
                quotas->take_back(kind, {.user = user, .client_id = client_id}, amount, quota_clock_ms());
              });
}

Task<std::optional<double>> QuotaDoor::most_at_once(QuotaKind kind, std::string user, std::string client_id) {
  if (!any(kind)) co_return std::nullopt;
  co_return co_await on(home_,
                        [quotas = &quotas_, kind, user = std::move(user), client_id = std::move(client_id)] {
                          return quotas->most_at_once(kind, {.user = user, .client_id = client_id});
                        });
}

}  // namespace ottla::server
