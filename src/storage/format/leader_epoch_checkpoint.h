// The file `leader-epoch-checkpoint` of a partition's directory: at which offset each leader epoch began.
//
// Errors: malformed and unsupported, with file, line and cure.
// Format: docs/format/leader_epoch_checkpoint.md
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "base/result.h"

namespace ottla::storage {

inline constexpr std::string_view kLeaderEpochCheckpoint = "leader-epoch-checkpoint";

struct EpochEntry {
  LeaderEpoch epoch;
  Offset start;  // of the epoch's first record

  friend bool operator==(const EpochEntry&, const EpochEntry&) = default;
};

std::string encode_leader_epochs(std::span<const EpochEntry> entries);

// In the order of the file. Epochs and offsets are not negative; that they rise is for LeaderEpochs to see to.
// `path` is for messages.
Result<std::vector<EpochEntry>> parse_leader_epochs(std::string_view text, std::string_view path);

}  // namespace ottla::storage
