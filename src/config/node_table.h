// All keys of a node in one array, for lookups while compiling; find_key() is for the rest.
//
// Invariants: the order is that of the areas below; an index means the same key in all of a program.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "config/key.h"
#include "config/tables/consumer_groups.h"
#include "config/tables/log.h"
#include "config/tables/metrics.h"
#include "config/tables/network.h"
#include "config/tables/oauth.h"
#include "config/tables/own.h"
#include "config/tables/providers.h"
#include "config/tables/quorum.h"
#include "config/tables/quotas.h"
#include "config/tables/replication.h"
#include "config/tables/security.h"
#include "config/tables/share_groups.h"
#include "config/tables/streams_groups.h"
#include "config/tables/tiered_storage.h"
#include "config/tables/tls.h"
#include "config/tables/transactions.h"

namespace ottla::config {

namespace node_table_internal {

template <std::size_t... kSizes>
consteval auto joined(const Key (&... parts)[kSizes]) {
  constexpr std::size_t kAll = (kSizes + ...);
  std::array<const Key*, kAll> all{};
  std::size_t at = 0;
  const auto add = [&](const Key* part, std::size_t size) {
    for (std::size_t each = 0; each < size; ++each) all[at++] = part + each;
  };
  (add(parts, kSizes), ...);
  return [&]<std::size_t... kIndices>(std::index_sequence<kIndices...>) {
    return std::array<Key, kAll>{*all[kIndices]...};
  }(std::make_index_sequence<kAll>());
}

}  // namespace node_table_internal

inline constexpr auto kNodeTable = node_table_internal::joined(
    tables::kKraft, tables::kNetwork, tables::kLog, tables::kReplication, tables::kGroup, tables::kShare,
    tables::kStreams, tables::kTransactions, tables::kQuotas, tables::kMetrics, tables::kTiered, tables::kTls,
    tables::kSecurity, tables::kOauth, tables::kProviders, tables::kOwn);

// kNodeTable.size() when there is no such key.
consteval std::size_t node_index(std::string_view name) {
  for (std::size_t each = 0; each < kNodeTable.size(); ++each) {
    if (kNodeTable[each].name == name) return each;
  }
  return kNodeTable.size();
}

}  // namespace ottla::config
