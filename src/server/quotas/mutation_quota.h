// The quota on changes to the cluster of one request, as the controller's handlers ask it.
//
// Use:         MutationGuard guard(quotas, client, strictness, now_ms);   asked.quota = &guard;
//              …   response.throttle_time_ms = guard.throttle_ms(later_ms);
// Lifetime:    of one request; the quotas outlive it.
// Concurrency: as the quotas.
#pragma once

#include <algorithm>
#include <cstdint>

#include "controller/call.h"
#include "server/quotas/client_quotas.h"

namespace ottla::server {

class MutationGuard final : public controller::MutationQuota {
 public:
  MutationGuard(ClientQuotas& quotas, QuotaClient client, ClientQuotas::Strictness strictness,
                std::int64_t now_ms)
      : quotas_(quotas), client_(client), strictness_(strictness), now_ms_(now_ms) {}

  bool charge(std::int32_t mutations) override {
    const ClientQuotas::Mutation mutation = quotas_.mutate(client_, mutations, strictness_, now_ms_);
    if (mutation.throttle_ms > 0) throttle_ms_ = mutation.throttle_ms;
    return mutation.allowed;
  }
  // Less what has passed since.
  std::int64_t throttle_ms(std::int64_t now_ms) const {
    return std::max<std::int64_t>(0, throttle_ms_ - (now_ms - now_ms_));
  }

 private:
  ClientQuotas& quotas_;
  const QuotaClient client_;
  const ClientQuotas::Strictness strictness_;
  const std::int64_t now_ms_;
  std::int64_t throttle_ms_ = 0;
};

}  // namespace ottla::server
