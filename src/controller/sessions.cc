#include "controller/sessions.h"

#include <algorithm>
#include <limits>

namespace ottla::controller {

void Sessions::begin(const metadata::MetadataImage& image, Instant now) {
  contacts_.clear();
  brokers_.clear();
  for (const auto& [id, broker] : image.cluster.brokers) {
    if (!broker->fenced) heard_of(id, broker->epoch, now);
  }
}

void Sessions::heard_of(NodeId broker, std::int64_t epoch, Instant now) {
  contacts_[{broker, epoch}] = now;
}

void Sessions::answered(NodeId broker, bool fenced, std::int64_t metadata_offset) {
  Broker& known = brokers_[broker];
  known.metadata_offset = metadata_offset;
  if (fenced) known.shutdown_offset.reset();
}

bool Sessions::has_valid(NodeId broker, std::int64_t epoch, Instant now) const {
  const std::optional<Instant> contact = last_contact(broker, epoch);
  return contact && *contact + timeout_ >= now;
}

std::optional<Instant> Sessions::last_contact(NodeId broker, std::int64_t epoch) const {
  const auto found = contacts_.find({broker, epoch});
  return found == contacts_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::int64_t> Sessions::shutdown_offset(NodeId broker) const {
  const auto found = brokers_.find(broker);
  return found == brokers_.end() ? std::nullopt : found->second.shutdown_offset;
}

void Sessions::begin_shutdown(NodeId broker, std::int64_t offset) {
  Broker& known = brokers_[broker];
  if (!known.shutdown_offset) known.shutdown_offset = offset;
}

std::int64_t Sessions::lowest_active_offset(const metadata::MetadataImage& image) const {
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  for (const auto& [id, broker] : image.cluster.brokers) {
    if (broker->fenced || shutdown_offset(id)) continue;
    const auto found = brokers_.find(id);
    lowest = std::min(lowest, found == brokers_.end() ? -1 : found->second.metadata_offset);
  }
  return lowest;
}

std::optional<Sessions::Ended> Sessions::take_ended(Instant now) {
  for (auto each = contacts_.begin(); each != contacts_.end(); ++each) {
    if (each->second + timeout_ >= now) continue;
    const Ended ended{.broker = each->first.first, .epoch = each->first.second};
    contacts_.erase(each);
    return ended;
  }
  return std::nullopt;
}

}  // namespace ottla::controller
