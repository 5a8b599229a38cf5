// Quotas of a node's clients from any shard: they are counted on the first one, for all of the node. Where nobody has a
// quota of a kind, nothing is asked.
//
// Lifetime:    the quotas outlive it.
// Concurrency: confined to its shard.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/quotas/client_quotas.h"

namespace ottla::server {

// Milliseconds of the monotonic clock, which quotas count by.
std::int64_t quota_clock_ms();

class QuotaDoor {
 public:
  using Kinds = std::array<bool, kQuotaKinds>;

  QuotaDoor(ClientQuotas& quotas, Shard& home) : quotas_(quotas), home_(home) {}

  // Which kinds anybody has.
  void set_kinds(Kinds kinds) { kinds_ = kinds; }
  bool any(QuotaKind kind) const { return kinds_[static_cast<std::size_t>(kind)]; }

  // As ClientQuotas::record().
  Task<std::int64_t> record(QuotaKind kind, std::string user, std::string client_id, double amount);
  Task<void> take_back(QuotaKind kind, std::string user, std::string client_id, double amount);
  Task<std::optional<double>> most_at_once(QuotaKind kind, std::string user, std::string client_id);

 private:
  ClientQuotas& quotas_;
  Shard& home_;
  Kinds kinds_{};
};

}  // namespace ottla::server
