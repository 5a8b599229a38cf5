#include "server/quotas/client_quotas.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "metadata/quota_entity.h"

namespace ottla::server {
namespace {

using metadata::QuotaEntity;
using metadata::QuotaEntityPart;

constexpr std::string_view kUser = "user";
constexpr std::string_view kClientId = "client-id";
constexpr std::int64_t kIdleMs = std::int64_t{3600} * 1000;

// One part of an entity: this name, the default, or no such part.
enum class Part : std::uint8_t { named, any, absent };
struct Level {
  Part user;
  Part client_id;
};
constexpr Level kLevels[] = {
    {Part::named, Part::named},  {Part::named, Part::any},  {Part::named, Part::absent},
    {Part::any, Part::named},    {Part::any, Part::any},    {Part::any, Part::absent},
    {Part::absent, Part::named}, {Part::absent, Part::any},
};

void add_part(QuotaEntity& entity, Part part, std::string_view type, std::string_view name) {
  if (part == Part::absent) return;
  entity.parts.push_back({.type = std::string(type),
                          .name = part == Part::named ? std::optional(std::string(name)) : std::nullopt});
}

// Parts ascend by their type.
QuotaEntity entity_of(Level level, QuotaClient client) {
  QuotaEntity entity;
  add_part(entity, level.client_id, kClientId, client.client_id);
  add_part(entity, level.user, kUser, client.user);
  return entity;
}

}  // namespace

std::string_view key_of(QuotaKind kind) {
  switch (kind) {
    case QuotaKind::produce:
      return "producer_byte_rate";
    case QuotaKind::fetch:
      return "consumer_byte_rate";
    case QuotaKind::request:
      return "request_percentage";
    case QuotaKind::controller_mutation:
      return "controller_mutation_rate";
  }
  return {};
}

void ClientQuotas::set_quotas(metadata::QuotasImage quotas) {
  quotas_ = std::move(quotas);
  any_.fill(false);
  for (const auto& [entity, values] : quotas_) {
    for (std::size_t kind = 0; kind < kQuotaKinds; ++kind) {
      any_[kind] = any_[kind] || values.find(key_of(static_cast<QuotaKind>(kind))) != nullptr;
    }
  }
}

std::optional<ClientQuotas::Match> ClientQuotas::match(QuotaKind kind, QuotaClient client) const {
  if (!any(kind)) return std::nullopt;
  for (const Level& level : kLevels) {
    const metadata::QuotaValues* values = quotas_.find(entity_of(level, client));
    const double* limit = values != nullptr ? values->find(key_of(kind)) : nullptr;
    if (limit == nullptr) continue;
    return Match{.limit = *limit,
                 .user = level.user == Part::absent ? std::string_view() : client.user,
                 .client_id = level.client_id == Part::absent ? std::string_view() : client.client_id};
  }
  return std::nullopt;
}

std::optional<double> ClientQuotas::limit(QuotaKind kind, QuotaClient client) const {
  const auto found = match(kind, client);
  return found ? std::optional(found->limit) : std::nullopt;
}

ClientQuotas::Used& ClientQuotas::used(QuotaKind kind, const Match& match, std::int64_t now_ms) {
  Name name{.kind = kind, .user = std::string(match.user), .client_id = std::string(match.client_id)};
  Used& used =
      used_.try_emplace(std::move(name), Used{.rate = Rate(windows_), .tokens = TokenBucket(windows_)})
          .first->second;
  used.last_ms = now_ms;
  return used;
}

std::int64_t ClientQuotas::record(QuotaKind kind, QuotaClient client, double amount, std::int64_t now_ms) {
  const auto found = match(kind, client);
  if (!found) return 0;
  Rate& rate = used(kind, *found, now_ms).rate;
  rate.record(amount, now_ms);
  const std::int64_t wait = rate.throttle_ms(found->limit, now_ms);
  return kind == QuotaKind::request ? std::min(wait, windows_.length_ms) : wait;
}

void ClientQuotas::take_back(QuotaKind kind, QuotaClient client, double amount, std::int64_t now_ms) {
  const auto found = match(kind, client);
  if (found) used(kind, *found, now_ms).rate.record(-amount, now_ms);
}

std::optional<double> ClientQuotas::most_at_once(QuotaKind kind, QuotaClient client) const {
  const auto found = match(kind, client);
  if (!found) return std::nullopt;
  return found->limit * static_cast<double>(windows_.count - 1) *
         (static_cast<double>(windows_.length_ms) / 1000.0);
}

ClientQuotas::Mutation ClientQuotas::mutate(QuotaClient client, double count, Strictness strictness,
                                            std::int64_t now_ms) {
  const auto found = match(QuotaKind::controller_mutation, client);
  if (!found) return {};
  TokenBucket& tokens = used(QuotaKind::controller_mutation, *found, now_ms).tokens;
  if (strictness == Strictness::strict) {
    const std::int64_t wait = tokens.throttle_ms(found->limit, now_ms);
    if (wait > 0 || tokens.tokens(found->limit, now_ms) < 0) return {.allowed = false, .throttle_ms = wait};
    tokens.take(count, found->limit, now_ms);
    return {};
  }
  tokens.take(count, found->limit, now_ms);
  return {.allowed = true, .throttle_ms = tokens.throttle_ms(found->limit, now_ms)};
}

void ClientQuotas::forget_idle(std::int64_t now_ms) {
  std::erase_if(used_, [now_ms](const auto& each) { return now_ms - each.second.last_ms >= kIdleMs; });
}

}  // namespace ottla::server
