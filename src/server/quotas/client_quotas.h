// What clients have used of their quotas, and for how long they must wait: the pure core of throttling.
//
// Which quota is a client's: the first that is set of (user, client id), (user, any client id), (user), (any user,
// client id), (any user, any client id), (any user), (client id), (any client id). Clients for whom it was set as one
// use it up together.
//
// Lifetime:    a value of one role of one node.
// Concurrency: confined to one shard; whoever asks says what time it is.
// Invariants:  1. nothing is remembered of clients without a quota
//              2. what was used stays when a quota changes; what is allowed follows at once
// Memory:      one entry a quota and client of it; those that were silent for an hour are forgotten.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "metadata/image.h"
#include "server/quotas/rate.h"
#include "server/quotas/token_bucket.h"

namespace ottla::server {

enum class QuotaKind : std::uint8_t { produce, fetch, request, controller_mutation };
inline constexpr std::size_t kQuotaKinds = 4;
// As configurations call it: producer_byte_rate.
std::string_view key_of(QuotaKind kind);

struct QuotaClient {
  std::string_view user;  // of the principal, without its type
  std::string_view client_id;
};

class ClientQuotas {
 public:
  explicit ClientQuotas(RateWindows windows) : windows_(windows) {}

  void set_quotas(metadata::QuotasImage quotas);
  // Whether anybody has one of that kind: if not, nothing need be asked.
  bool any(QuotaKind kind) const { return any_[static_cast<std::size_t>(kind)]; }
  // Nothing: no limit.
  std::optional<double> limit(QuotaKind kind, QuotaClient client) const;

  // Counts it, and gives the milliseconds after which the client is within its quota again. Requests are counted in
  // percent of a second, and wait for a window at most.
  std::int64_t record(QuotaKind kind, QuotaClient client, double amount, std::int64_t now_ms);
  // What was counted did not happen after all.
  void take_back(QuotaKind kind, QuotaClient client, double amount, std::int64_t now_ms);
  // More than this at once is throttled whatever came before.
  std::optional<double> most_at_once(QuotaKind kind, QuotaClient client) const;

  // Changes to the cluster are paid with tokens. Strictly: only while there are any, and those who go below zero then
  // wait; else all may go on, and wait afterwards.
  enum class Strictness : std::uint8_t { strict, permissive };
  struct Mutation {
    bool allowed = true;
    std::int64_t throttle_ms = 0;
  };
  Mutation mutate(QuotaClient client, double count, Strictness strictness, std::int64_t now_ms);

  void forget_idle(std::int64_t now_ms);
  std::size_t remembered() const { return used_.size(); }

 private:
  struct Match {
    double limit;
    // Who shares it; empty for what does not count.
    std::string_view user;
    std::string_view client_id;
  };
  struct Name {
    QuotaKind kind;
    std::string user;
    std::string client_id;
    friend auto operator<=>(const Name&, const Name&) = default;
  };
  struct Used {
    Rate rate;
    TokenBucket tokens;
    std::int64_t last_ms = 0;
  };

  std::optional<Match> match(QuotaKind kind, QuotaClient client) const;
  Used& used(QuotaKind kind, const Match& match, std::int64_t now_ms);

  const RateWindows windows_;
  metadata::QuotasImage quotas_;
  std::array<bool, kQuotaKinds> any_{};
  std::map<Name, Used> used_;
};

}  // namespace ottla::server
