// Which log directory gets a new partition: the one that has the fewest, of those that take new ones.
//
// Concurrency: pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace ottla::storage {

struct DirectoryLoad {
  std::size_t partitions = 0;  // logs and future logs
  bool is_offline = false;
  bool is_cordoned = false;  // takes no new partitions (cordoned.log.dirs)
};

// Its index; nothing when no directory takes new partitions. Of equals the first one in the configuration.
inline std::optional<std::size_t> place_partition(std::span<const DirectoryLoad> directories) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < directories.size(); ++i) {
    if (directories[i].is_offline || directories[i].is_cordoned) continue;
    if (!best || directories[i].partitions < directories[*best].partitions) best = i;
  }
  return best;
}

}  // namespace ottla::storage
