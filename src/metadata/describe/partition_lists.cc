#include "metadata/describe/partition_lists.h"

#include <cstddef>
#include <span>

namespace ottla::metadata {
namespace {

bool is_offline(const BrokerView* broker, const Uuid& directory) {
  return broker == nullptr || !broker->alive() || !broker->reachable ||
         !broker->registration->has_online_directory(directory);
}

// The elements of `ids` whose index `takes`.
template <typename Takes>
Result<BrokerList> selected(BrokerIds ids, std::size_t count, Arena& arena, Takes takes) {
  if (count == 0) return BrokerList();
  if (count == ids.size()) return shared(ids);
  OTTLA_TRY(const std::span<std::int32_t> chosen, arena.make_span<std::int32_t>(count));
  std::size_t next = 0;
  for (std::size_t each = 0; each < ids.size(); ++each) {
    if (takes(each)) chosen[next++] = ids[each];
  }
  return BrokerList(chosen);
}

template <typename Takes>
Result<BrokerList> select(BrokerIds ids, Arena& arena, Takes takes) {
  std::size_t count = 0;
  for (std::size_t each = 0; each < ids.size(); ++each) count += takes(each) ? 1 : 0;
  return selected(ids, count, arena, takes);
}

}  // namespace

Result<BrokerList> offline_replicas(const Partition& partition, const BrokerViews& brokers, Arena& arena) {
  const BrokerIds replicas = partition.replicas();
  const std::span<const Uuid> directories = partition.directories();
  return select(replicas, arena, [&](std::size_t each) {
    return is_offline(brokers.find(replicas[each]), directories[each]);
  });
}

Result<BrokerList> alive_among(BrokerIds ids, const BrokerViews& brokers, Arena& arena) {
  return select(ids, arena, [&](std::size_t each) { return brokers.find_alive(ids[each]) != nullptr; });
}

}  // namespace ottla::metadata
