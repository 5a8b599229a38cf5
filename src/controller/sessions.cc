#include "controller/sessions.h"

namespace ottla::controller {

void Sessions::begin(const metadata::MetadataImage& image, Instant now) {
  sessions_.clear();
  for (const auto& [id, broker] : image.cluster.brokers) {
    sessions_[id] = {.epoch = broker->epoch, .last_contact = now};
  }
}

void Sessions::touch(NodeId broker, std::int64_t epoch, std::int64_t metadata_offset, Instant now) {
  Session& session = sessions_[broker];
  if (session.epoch != epoch) session = {.epoch = epoch};
  session.metadata_offset = metadata_offset;
  session.last_contact = now;
}

bool Sessions::has_valid(NodeId broker, std::int64_t epoch, Instant now) const {
  const auto found = sessions_.find(broker);
  return found != sessions_.end() && found->second.epoch == epoch &&
         found->second.last_contact + timeout_ >= now;
}

std::optional<std::int64_t> Sessions::shutdown_offset(NodeId broker) const {
  const auto found = sessions_.find(broker);
  return found == sessions_.end() ? std::nullopt : found->second.shutdown_offset;
}

void Sessions::set_shutdown_offset(NodeId broker, std::int64_t offset) {
  const auto found = sessions_.find(broker);
  if (found != sessions_.end()) found->second.shutdown_offset = offset;
}

std::int64_t Sessions::metadata_offset(NodeId broker) const {
  const auto found = sessions_.find(broker);
  return found == sessions_.end() ? -1 : found->second.metadata_offset;
}

std::optional<NodeId> Sessions::longest_silent(const metadata::MetadataImage& image, Instant now) const {
  std::optional<NodeId> silent;
  Instant since = now - timeout_;
  for (const auto& [id, session] : sessions_) {
    const metadata::BrokerRegistration* broker = image.cluster.broker(id);
    if (broker == nullptr || broker->fenced || session.last_contact >= since) continue;
    silent = id;
    since = session.last_contact;
  }
  return silent;
}

std::optional<Instant> Sessions::next_end(const metadata::MetadataImage& image) const {
  std::optional<Instant> next;
  for (const auto& [id, session] : sessions_) {
    const metadata::BrokerRegistration* broker = image.cluster.broker(id);
    if (broker == nullptr || broker->fenced) continue;
    const Instant end = session.last_contact + timeout_;
    if (!next || end < *next) next = end;
  }
  return next;
}

}  // namespace ottla::controller
