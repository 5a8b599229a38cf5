// Features, brokers and controllers.
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "metadata/feature.h"
#include "metadata/replay.h"

namespace ottla::metadata {
namespace {

Result<const BrokerRegistration*> registered(const MetadataImage& image, NodeId id, std::int64_t epoch,
                                             std::string_view action) {
  const BrokerRegistration* broker = image.cluster.broker(id);
  if (broker == nullptr) {
    return Error(Errc::not_found,
                 fmt::format("Tried to {} broker {}, but that broker was not registered.", action, id.raw()));
  }
  if (broker->epoch != epoch) {
    return Error(
        Errc::invalid_argument,
        fmt::format(
            "Tried to {} broker {}, but the given epoch, {}, did not match the current broker epoch, {}",
            action, id.raw(), epoch, broker->epoch));
  }
  return broker;
}

Result<> set_fenced(MetadataImage& image, NodeId id, std::int64_t epoch, bool fenced) {
  OTTLA_TRY(const BrokerRegistration* const broker,
            registered(image, id, epoch, fenced ? "fence" : "unfence"));
  image.cluster.brokers.set(id, broker->with_fenced(fenced));
  return {};
}

}  // namespace

Result<> replay(MetadataImage& image, const protocol::FeatureLevelRecord& record) {
  if (record.name == kMetadataVersionFeature) {
    const Result<MetadataVersion> version = metadata_version_of(record.feature_level);
    if (!version.ok()) {
      return Error(
          Errc::unsupported,
          fmt::format("metadata.version {} is not supported: {} to {} are. Before the software is upgraded, "
                      "raise metadata.version to {} or higher with the features tool of the old one.",
                      record.feature_level, name_of(kOldestMetadataVersion),
                      name_of(kUnstableMetadataVersion), name_of(kOldestMetadataVersion)));
    }
    image.features.metadata_version = *version;
  } else if (record.name == kKraftVersionFeature) {
    // It is finalised by a control record of the quorum.
  } else if (record.feature_level == 0) {
    image.features.finalized.erase(record.name);
  } else {
    image.features.finalized.set(record.name, record.feature_level);
  }
  return {};
}

Result<> replay(MetadataImage& image, const protocol::RegisterBrokerRecord& record) {
  OTTLA_TRY(Ref<const BrokerRegistration> broker, BrokerRegistration::from(record));
  image.cluster.brokers.set(NodeId(record.broker_id), std::move(broker));
  return {};
}

Result<> replay(MetadataImage& image, const protocol::UnregisterBrokerRecord& record) {
  image.cluster.brokers.erase(NodeId(record.broker_id));
  return {};
}

Result<> replay(MetadataImage& image, const protocol::FenceBrokerRecord& record) {
  return set_fenced(image, NodeId(record.id), record.epoch, true);
}

Result<> replay(MetadataImage& image, const protocol::UnfenceBrokerRecord& record) {
  return set_fenced(image, NodeId(record.id), record.epoch, false);
}

Result<> replay(MetadataImage& image, const protocol::BrokerRegistrationChangeRecord& record) {
  const NodeId id(record.broker_id);
  OTTLA_TRY(const BrokerRegistration* const broker, registered(image, id, record.broker_epoch, "change"));
  OTTLA_TRY(Ref<const BrokerRegistration> changed, broker->changed_by(record));
  if (*changed != *broker) image.cluster.brokers.set(id, std::move(changed));
  return {};
}

Result<> replay(MetadataImage& image, const protocol::RegisterControllerRecord& record) {
  OTTLA_TRY(Ref<const ControllerRegistration> controller, ControllerRegistration::from(record));
  image.cluster.controllers.set(NodeId(record.controller_id), std::move(controller));
  return {};
}

Result<> replay(MetadataImage& image, const protocol::UnregisterControllerRecord& record) {
  image.cluster.controllers.erase(NodeId(record.controller_id));
  return {};
}

}  // namespace ottla::metadata
