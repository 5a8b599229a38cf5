// What the metadata log and the snapshots on a node's disk say, replayed from the beginning.
//
// Invariants (of what it judges):
//   K7  a snapshot and the records behind it say what all records say; and that is what the node says
// Concurrency: pure; outside of the world.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metadata/image.h"
#include "sim/disk.h"

namespace ottla::server {

struct MetadataVerdict {
  std::vector<std::string> findings;
  std::size_t snapshots = 0;  // that were compared with a replay
  std::size_t batches = 0;
};

// `directory`: that of the log. `live`: what the node says of itself at that offset.
MetadataVerdict judge_metadata_on_disk(const sim::Disk& disk, std::string_view directory,
                                       const metadata::MetadataImage& live);

}  // namespace ottla::server
