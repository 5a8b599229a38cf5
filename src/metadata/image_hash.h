// A number for what an image says: equal on all nodes that say the same, whatever way they came to it and whatever
// machine they are.
//
// Use:  compare nodes, snapshots and replays. Not for who has an interest in a collision.
// Cost: as writing a snapshot to memory.
#pragma once

#include <cstdint>

#include "metadata/image.h"

namespace ottla::metadata {

// The provenance does not count; everything else does, eligible replicas too where the feature is off.
std::uint64_t image_hash(const MetadataImage& image);

}  // namespace ottla::metadata
