#include "raft/connections.h"

namespace ottla::raft {

Correlation Connections::sent(NodeId peer, Instant now) {
  peers_[peer] = Peer{++last_, now};
  return last_;
}

std::optional<NodeId> Connections::expected(Correlation correlation, Instant now) const {
  for (const auto& [node, peer] : peers_) {
    if (peer.waiting == correlation && now < peer.since + patience_) return node;
  }
  return std::nullopt;
}

void Connections::ended(Correlation correlation, bool well, Instant now) {
  const std::optional<NodeId> node = expected(correlation, now);
  if (!node) return;
  if (well) return reset(*node);
  peers_[*node] = Peer{std::nullopt, now};
}

Instant Connections::next_chance(NodeId peer, Instant now) const {
  const auto known = peers_.find(peer);
  if (known == peers_.end()) return now;
  return known->second.since + (known->second.waiting ? patience_ : backoff_);
}

bool Connections::backing_off(NodeId peer, Instant now) const {
  const auto known = peers_.find(peer);
  return known != peers_.end() && !known->second.waiting && now < known->second.since + backoff_;
}

bool Connections::timed_out(NodeId peer, Instant now) const {
  const auto known = peers_.find(peer);
  return known != peers_.end() && known->second.waiting && now >= known->second.since + patience_;
}

std::optional<Instant> Connections::in_flight(Instant now) const {
  for (const auto& [node, peer] : peers_) {
    if (peer.waiting && now < peer.since + patience_) return peer.since + patience_;
  }
  return std::nullopt;
}

}  // namespace ottla::raft
