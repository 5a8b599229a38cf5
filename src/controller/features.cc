#include "controller/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/configs.h"
#include "metadata/feature.h"
#include "metadata/metadata_version.h"
#include "metadata/registration.h"

namespace ottla::controller {
namespace {

using metadata::MetadataVersion;
using metadata::SupportedFeature;
using protocol::UpdateFeaturesRequest;
using protocol::UpdateFeaturesResponse;

enum class Upgrade : std::int8_t { unknown = 0, upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };

Upgrade upgrade_of(std::int8_t number) {
  return number >= 1 && number <= 3 ? static_cast<Upgrade>(number) : Upgrade::unknown;
}

struct Update {
  std::string_view feature;
  std::int16_t level;
  Upgrade upgrade;
};

// Each feature once: of several updates the last one counts.
std::vector<Update> updates_of(const UpdateFeaturesRequest& request) {
  std::vector<Update> updates;
  std::map<std::string_view, std::size_t> places;
  for (const auto& each : request.feature_updates) {
    const auto [place, fresh] = places.try_emplace(each.feature, updates.size());
    if (fresh) updates.emplace_back();
    updates[place->second] = {each.feature, each.max_version_level, upgrade_of(each.upgrade_type)};
  }
  return updates;
}

ApiError invalid_update(const Update& update, std::string_view why) {
  return {ErrorCode::invalid_update_version,
          fmt::format("Invalid update version {} for feature {}. {}", update.level, update.feature, why)};
}

std::string shown_range(const SupportedFeature& range) {
  if (range.least == range.most) return std::to_string(range.least);
  if (range.most == std::numeric_limits<std::int16_t>::max()) return fmt::format("{}+", range.least);
  return fmt::format("{}-{}", range.least, range.most);
}

// Why a node does not support the level; `range` is null when it does not know the feature.
std::optional<std::string> refusal(std::string_view who, std::int16_t level, const SupportedFeature* range) {
  const SupportedFeature none{.name = "", .least = 0, .most = 0};
  if (range == nullptr) range = &none;
  if (level >= range->least && level <= range->most) return std::nullopt;
  if (range->most == 0) return fmt::format("{} does not support this feature.", who);
  return fmt::format("{} only supports versions {}", who, shown_range(*range));
}

class FeatureUpdater {
 public:
  FeatureUpdater(const State& state, std::span<const Update> updates, bool validate_only, Call& call)
      : state_(state), updates_(updates), validate_only_(validate_only), call_(call) {}

  ApiError update(const Update& update) {
    if (update.upgrade == Upgrade::unknown) {
      return invalid_update(update, "The controller does not support the given upgrade type.");
    }
    if (update.level < 0) return invalid_update(update, "A feature version cannot be less than 0.");
    if (const auto reason = unsupported(update)) return invalid_update(update, *reason);
    const std::int16_t now = level_now(update.feature);
    if (update.level < now && update.upgrade == Upgrade::upgrade) {
      return invalid_update(update,
                            "Can't downgrade the version of this feature without setting the upgrade type to "
                            "either safe or unsafe downgrade.");
    }
    if (update.level > now && update.upgrade != Upgrade::upgrade) {
      return invalid_update(update, "Can't downgrade to a newer version.");
    }
    if (update.feature == metadata::kMetadataVersionFeature) return update_metadata_version(update);
    if (update.feature == metadata::kKraftVersionFeature) return update_kraft_version(update, now);
    return update_other(update);
  }

 private:
  std::int16_t level_now(std::string_view feature) const {
    if (feature == metadata::kMetadataVersionFeature) return metadata::level_of(state_.version());
    if (feature == metadata::kKraftVersionFeature) return call_.kraft_version.level();
    return state_.image().features.level(feature);
  }

  // Why not all nodes of the cluster support it.
  std::optional<std::string> unsupported(const Update& update) const {
    const ControllerOptions& options = state_.options();
    const auto own = std::ranges::find(options.features, update.feature, &SupportedFeature::name);
    const SupportedFeature* range = own == options.features.end() ? nullptr : &*own;
    if (auto reason = refusal(fmt::format("Local controller {}", options.node.raw()), update.level, range)) {
      return reason;
    }
    for (const auto& [id, broker] : state_.image().cluster.brokers) {
      auto reason =
          refusal(fmt::format("Broker {}", id.raw()), update.level, broker->feature(update.feature));
      if (reason) return reason;
    }
    if (!metadata::has_controller_registration(state_.version())) return std::nullopt;
    return unsupported_by_controllers(update);
  }

  std::optional<std::string> unsupported_by_controllers(const Update& update) const {
    const auto& controllers = state_.image().cluster.controllers;
    for (const auto& [id, controller] : controllers) {
      if (id == state_.options().node) continue;
      auto reason =
          refusal(fmt::format("Controller {}", id.raw()), update.level, controller->feature(update.feature));
      if (reason) return reason;
    }
    for (const NodeId id : state_.options().quorum_nodes) {
      if (id == state_.options().node || controllers.contains(id)) continue;
      return fmt::format("controller {} has not registered, and may not support this feature", id.raw());
    }
    return std::nullopt;
  }

  ApiError update_metadata_version(const Update& update) {
    const Result<MetadataVersion> wanted = metadata::metadata_version_of(update.level);
    if (!wanted.ok()) {
      return {ErrorCode::invalid_update_version,
              fmt::format("Invalid metadata.version {}. Valid versions are from {} to {}.", update.level,
                          metadata::level_of(metadata::kOldestMetadataVersion),
                          metadata::level_of(metadata::kUnstableMetadataVersion))};
    }
    const MetadataVersion now = state_.version();
    if (*wanted < now && metadata::metadata_changed_between(now, *wanted)) {
      const std::string_view why =
          update.upgrade == Upgrade::unsafe_downgrade
              ? "Unsafe metadata downgrade is not supported in this version."
              : "Refusing to perform the requested downgrade because it might delete metadata information.";
      return {ErrorCode::invalid_update_version,
              fmt::format("Unsupported metadata.version downgrade from {} to {}. {}", metadata::level_of(now),
                          update.level, why)};
    }
    add_level(update);
    return {};
  }

  ApiError update_kraft_version(const Update& update, std::int16_t now) {
    if (update.upgrade != Upgrade::upgrade) {
      return update.level == now ? ApiError()
                                 : invalid_update(update, "Can't downgrade the version of this feature.");
    }
    if (const Result<> raised = call_.kraft_version.raise(update.level, validate_only_); !raised.ok()) {
      return {ErrorCode::invalid_update_version, std::string(raised.error().text())};
    }
    // The quorum writes it; the answer waits for something of ours that comes after.
    call_.records.add(protocol::NoOpRecord(), 0);
    return {};
  }

  ApiError update_other(const Update& update) {
    const metadata::Feature* feature = metadata::find_feature(update.feature);
    if (feature == nullptr) {
      return invalid_update(update, fmt::format("Feature {} not found.", update.feature));
    }
    const MetadataVersion version = proposed_version();
    if (update.level >= 1 && version < metadata::kOldestMetadataVersion) {
      return invalid_update(
          update,
          fmt::format("{} could not be set to {} because it depends on metadata.version={} ({})",
                      update.feature, update.level, metadata::level_of(metadata::kOldestMetadataVersion),
                      metadata::name_of(metadata::kOldestMetadataVersion)));
    }
    if (const Result<> checked = feature->check(update.level, version); !checked.ok()) {
      return invalid_update(update, checked.error().text());
    }
    add_level(update);
    return {};
  }

  // What metadata.version would be; any number, which is refused when its own turn comes.
  MetadataVersion proposed_version() const {
    const auto update = std::ranges::find(updates_, metadata::kMetadataVersionFeature, &Update::feature);
    return update == updates_.end() ? state_.version() : static_cast<MetadataVersion>(update->level);
  }

  void add_level(const Update& update) {
    protocol::FeatureLevelRecord record;
    record.name = update.feature;
    record.feature_level = update.level;
    call_.records.add(record, 0);
  }

  const State& state_;
  const std::span<const Update> updates_;
  const bool validate_only_;
  Call& call_;
};

// Before what it makes true, so that nobody sees the one without the other.
void add_elr_safety(const State& state, std::span<const Update> updates, RecordList& records) {
  const auto elr = std::ranges::find(updates, metadata::kEligibleLeaderReplicasFeature, &Update::feature);
  if (elr != updates.end() && elr->level > 0) add_elr_safety_records(state, records);
}

}  // namespace

ApiError update_features(const State& state, const UpdateFeaturesRequest& request, Call& call,
                         UpdateFeaturesResponse& response) {
  const std::vector<Update> updates = updates_of(request);
  if (!request.validate_only) add_elr_safety(state, updates, call.records);
  FeatureUpdater updater(state, updates, request.validate_only, call);
  for (const Update& update : updates) {
    ApiError error = updater.update(update);
    if (error.ok()) continue;
    error.message = fmt::format(
        "The update failed for all features since the following feature had an error: {}", error.message);
    return error;
  }
  call.only_validates = request.validate_only;
  response.error_message = nullptr;
  constexpr std::int16_t kLastWithResults = 1;
  if (call.asked.version > kLastWithResults) return {};
  using Outcome = UpdateFeaturesResponse::UpdatableFeatureResult;
  const Result<std::span<Outcome>> results = call.array<Outcome>(request.feature_updates.size());
  if (!results.ok()) return results.error();
  for (std::size_t each = 0; each < results->size(); ++each) {
    (*results)[each].feature = request.feature_updates[each].feature;
    (*results)[each].error_message = "NONE";
  }
  response.results = *results;
  return {};
}

}  // namespace ottla::controller
