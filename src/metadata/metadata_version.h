// The levels of metadata.version that Apache Kafka 4.4 accepts: what each is called, which record versions it
// writes, and what it can do. As data, checked against the running reference.
//
// Concurrency: constants.
// Errors:      unsupported for a level that is not known, invalid_argument for a name that is not; the texts are
//              the reference's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ottla::metadata {

inline constexpr std::string_view kMetadataVersionFeature = "metadata.version";

// The value is the feature level.
enum class MetadataVersion : std::int16_t {
  v3_3_iv3 = 7,
  v3_4_iv0,
  v3_5_iv0,
  v3_5_iv1,
  v3_5_iv2,
  v3_6_iv0,
  v3_6_iv1,
  v3_6_iv2,
  v3_7_iv0,
  v3_7_iv1,
  v3_7_iv2,
  v3_7_iv3,
  v3_7_iv4,
  v3_8_iv0,
  v3_9_iv0,
  v4_0_iv0,
  v4_0_iv1,
  v4_0_iv2,
  v4_0_iv3,
  v4_1_iv0,
  v4_1_iv1,
  v4_2_iv0,
  v4_2_iv1,
  v4_3_iv0,
  v4_4_iv0,
  v4_4_iv1,
  v4_4_iv2,
  v4_5_iv0,
};

inline constexpr MetadataVersion kOldestMetadataVersion = MetadataVersion::v3_3_iv3;
// The newest that will not change any more, and the newest that is known at all.
inline constexpr MetadataVersion kLatestMetadataVersion = MetadataVersion::v4_4_iv2;
inline constexpr MetadataVersion kUnstableMetadataVersion = MetadataVersion::v4_5_iv0;

struct MetadataVersionInfo {
  MetadataVersion version;
  std::string_view name;     // 4.4-IV2
  std::string_view release;  // 4.4
  bool changed_metadata;     // records of this level may not be readable at the one below
};

// Oldest first.
std::span<const MetadataVersionInfo> all_metadata_versions();
const MetadataVersionInfo& info_of(MetadataVersion version);
inline std::string_view name_of(MetadataVersion version) {
  return info_of(version).name;
}
constexpr std::int16_t level_of(MetadataVersion version) {
  return static_cast<std::int16_t>(version);
}

Result<MetadataVersion> metadata_version_of(std::int16_t level);
// "4.4-IV2", or a release ("4.4", "4.4.1"), which means its last level that will not change any more.
Result<MetadataVersion> parse_metadata_version(std::string_view text, bool unstable_allowed = false);

// Whether going from one to the other may lose metadata.
bool metadata_changed_between(MetadataVersion a, MetadataVersion b);

// What a level can do.
constexpr bool has_migration_fields(MetadataVersion version) {
  return version >= MetadataVersion::v3_4_iv0;
}
constexpr bool has_scram(MetadataVersion version) {
  return version >= MetadataVersion::v3_5_iv2;
}
// Below, a leader's epoch must grow when replicas leave the ISR.
constexpr bool needs_epoch_bump_on_isr_shrink(MetadataVersion version) {
  return version < MetadataVersion::v3_6_iv0;
}
constexpr bool has_transactions(MetadataVersion version) {
  return version >= MetadataVersion::v3_6_iv1;
}
constexpr bool has_delegation_tokens(MetadataVersion version) {
  return version >= MetadataVersion::v3_6_iv2;
}
constexpr bool has_controller_registration(MetadataVersion version) {
  return version >= MetadataVersion::v3_7_iv0;
}
constexpr bool has_directory_assignment(MetadataVersion version) {
  return version >= MetadataVersion::v3_7_iv2;
}
constexpr bool has_eligible_leader_replicas(MetadataVersion version) {
  return version >= MetadataVersion::v4_0_iv1;
}
constexpr bool has_cordoned_directories(MetadataVersion version) {
  return version >= MetadataVersion::v4_3_iv0;
}
constexpr bool has_cidr_acls(MetadataVersion version) {
  return version >= MetadataVersion::v4_4_iv1;
}
constexpr bool has_controller_unregistration(MetadataVersion version) {
  return version >= MetadataVersion::v4_4_iv2;
}

// Which versions of records and requests a level writes; of all others it writes version 0.
constexpr std::int16_t register_broker_record_version(MetadataVersion version) {
  if (has_cordoned_directories(version)) return 4;
  if (has_directory_assignment(version)) return 3;
  return has_migration_fields(version) ? 2 : 1;
}
constexpr std::int16_t partition_record_version(MetadataVersion version) {
  if (has_eligible_leader_replicas(version)) return 2;
  return has_directory_assignment(version) ? 1 : 0;
}
constexpr std::int16_t partition_change_record_version(MetadataVersion version) {
  return partition_record_version(version);
}
constexpr std::int16_t broker_registration_change_record_version(MetadataVersion version) {
  if (has_cordoned_directories(version)) return 3;
  return has_directory_assignment(version) ? 2 : 1;
}
constexpr std::int16_t fetch_request_version(MetadataVersion version) {
  if (version >= MetadataVersion::v4_1_iv1) return 18;
  if (version >= MetadataVersion::v3_9_iv0) return 17;
  if (version >= MetadataVersion::v3_7_iv4) return 16;
  if (version >= MetadataVersion::v3_5_iv1) return 15;
  return version >= MetadataVersion::v3_5_iv0 ? 14 : 13;
}
constexpr std::int16_t list_offsets_request_version(MetadataVersion version) {
  if (version >= MetadataVersion::v4_2_iv1) return 11;
  if (version >= MetadataVersion::v4_0_iv3) return 10;
  if (version >= MetadataVersion::v3_9_iv0) return 9;
  return version >= MetadataVersion::v3_5_iv0 ? 8 : 7;
}

}  // namespace ottla::metadata
