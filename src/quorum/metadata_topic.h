// The log of the cluster's metadata, as names and numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/log_level.h"
#include "base/uuid.h"

namespace ottla::quorum {

inline constexpr std::string_view kMetadataTopic = "__cluster_metadata";
inline constexpr std::int32_t kMetadataPartition = 0;
// Where the log lies, within the metadata directory.
inline constexpr std::string_view kMetadataLog = "__cluster_metadata-0";

// The largest batch of the metadata log, and of a snapshot (the reference's MAX_BATCH_SIZE_BYTES).
inline constexpr std::int32_t kLargestBatch = 8 * 1024 * 1024;

// Whose lines in the log those of this module are.
inline constexpr LogModule kQuorumLog("quorum");

inline std::string metadata_log_path(std::string_view directory) {
  return std::string(directory) + '/' + std::string(kMetadataLog);
}

}  // namespace ottla::quorum
