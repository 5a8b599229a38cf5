#include "server/client_software.h"

#include <algorithm>

#include "base/metric_family.h"

namespace ottla::server {
namespace {

constexpr GaugeFamily kConnections("kafka_server_socket_server_metrics_connections_software", "connections",
                                   "Connections by the software that clients say they are");

}  // namespace

void ClientSoftware::mark(Mark& mark, Name name) {
  unmark(mark);
  Kind key(name.name, name.version);
  auto kind = kinds_.find(key);
  if (kind == kinds_.end()) {
    if (!make_room()) return;
    Metric<Gauge> gauge = registry_.gauge(kConnections, {{"client_software_name", name.name},
                                                         {"client_software_version", name.version},
                                                         {"listener", listener_},
                                                         {"network_processor", shard_}});
    kind = kinds_.emplace(std::move(key), std::move(gauge)).first;
  }
  kind->second->add(1);
  mark.counted_ = &*kind;
}

void ClientSoftware::unmark(Mark& mark) {
  if (mark.counted_ != nullptr) mark.counted_->second->add(-1);
  mark.counted_ = nullptr;
}

bool ClientSoftware::make_room() {
  if (kinds_.size() < kMostKinds) return true;
  const auto unused =
      std::ranges::find_if(kinds_, [](const auto& each) { return each.second->value() == 0; });
  if (unused == kinds_.end()) return false;
  kinds_.erase(unused);
  return true;
}

}  // namespace ottla::server
