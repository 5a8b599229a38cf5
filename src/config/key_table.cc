#include "config/key_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/node_table.h"
#include "config/tables/client_metrics.h"
#include "config/tables/entity_quotas.h"
#include "config/tables/groups.h"
#include "config/tables/topics.h"

namespace ottla::config {
namespace {

constexpr KeyArea kAreas[] = {
    {Scope::node, "Node, roles and the metadata quorum", tables::kKraft},
    {Scope::node, "Listeners and connections", tables::kNetwork},
    {Scope::node, "Topics and logs", tables::kLog},
    {Scope::node, "Replication", tables::kReplication},
    {Scope::node, "Consumer groups", tables::kGroup},
    {Scope::node, "Share groups", tables::kShare},
    {Scope::node, "Streams groups", tables::kStreams},
    {Scope::node, "Transactions and producers", tables::kTransactions},
    {Scope::node, "Quotas", tables::kQuotas},
    {Scope::node, "Metrics", tables::kMetrics},
    {Scope::node, "Tiered storage", tables::kTiered},
    {Scope::node, "TLS", tables::kTls},
    {Scope::node, "Authentication and authorisation", tables::kSecurity},
    {Scope::node, "OAuth", tables::kOauth},
    {Scope::node, "Config providers", tables::kProviders},
    {Scope::node, "Ottla's own", tables::kOwn},
    {Scope::topic, "Topics", tables::kTopic},
    {Scope::group, "Groups", tables::kGroups},
    {Scope::client_metrics, "Subscriptions to client metrics", tables::kClientMetrics},
    {Scope::broker_throttle, "Throttles of a broker", tables::kBrokerThrottles},
    {Scope::client_quota, "Quotas of users and clients", tables::kClientQuotas},
    {Scope::ip_quota, "Quotas of addresses", tables::kIpQuotas},
};

// FNV-1a: short, and good enough for a table that is at most half full.
constexpr std::uint32_t hash_of(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (const char each : name) hash = (hash ^ static_cast<unsigned char>(each)) * 16777619u;
  return hash;
}

constexpr std::size_t kSlots = 1024;
constexpr std::uint16_t kFree = 0xffff;

consteval auto node_slots() {
  static_assert(kNodeTable.size() <= kSlots / 2);
  std::array<std::uint16_t, kSlots> slots{};
  slots.fill(kFree);
  for (std::size_t each = 0; each < kNodeTable.size(); ++each) {
    std::size_t slot = hash_of(kNodeTable[each].name) % kSlots;
    while (slots[slot] != kFree) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<std::uint16_t>(each);
  }
  return slots;
}
constexpr auto kNodeSlots = node_slots();

std::optional<std::size_t> find_node_index(std::string_view name) {
  for (std::size_t slot = hash_of(name) % kSlots; kNodeSlots[slot] != kFree; slot = (slot + 1) % kSlots) {
    if (kNodeTable[kNodeSlots[slot]].name == name) return kNodeSlots[slot];
  }
  return std::nullopt;
}

// Steps of typing that turn one name into the other, '.' and '_' and '-' being one character to a hurried hand.
std::size_t distance(std::string_view a, std::string_view b, std::vector<std::size_t>& row) {
  const auto folded = [](char each) { return each == '_' || each == '-' ? '.' : each; };
  row.resize(b.size() + 1);
  for (std::size_t at = 0; at <= b.size(); ++at) row[at] = at;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (folded(a[i - 1]) == folded(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::node:
      return "broker";
    case Scope::topic:
      return "topic";
    case Scope::group:
      return "group";
    case Scope::client_metrics:
      return "client-metrics";
    case Scope::broker_throttle:
      return "broker-throttle";
    case Scope::client_quota:
      return "client-quota";
    case Scope::ip_quota:
      return "ip-quota";
  }
  return "unknown";
}

std::span<const KeyArea> key_areas() {
  return kAreas;
}

std::span<const Key> keys_of(Scope scope) {
  if (scope == Scope::node) return kNodeTable;
  return std::ranges::find(kAreas, scope, &KeyArea::scope)->keys;
}

std::optional<std::size_t> find_index(Scope scope, std::string_view name) {
  if (scope == Scope::node) return find_node_index(name);
  const std::span<const Key> keys = keys_of(scope);
  const auto found = std::ranges::find(keys, name, &Key::name);
  if (found == keys.end()) return std::nullopt;
  return static_cast<std::size_t>(found - keys.begin());
}

const Key* find_key(Scope scope, std::string_view name) {
  const auto index = find_index(scope, name);
  return index ? &keys_of(scope)[*index] : nullptr;
}

std::optional<std::string_view> nearest_name(Scope scope, std::string_view name) {
  constexpr std::size_t kLongest = 128;  // no key is longer, and the work is bounded
  if (name.size() > kLongest) return std::nullopt;
  std::vector<std::size_t> row;
  std::optional<std::string_view> nearest;
  std::size_t least = std::min<std::size_t>(name.size() / 4, 4) + 1;
  for (const Key& each : keys_of(scope)) {
    const std::size_t far = distance(name, each.name, row);
    if (far >= least) continue;
    least = far;
    nearest = each.name;
  }
  return nearest;
}

}  // namespace ottla::config
