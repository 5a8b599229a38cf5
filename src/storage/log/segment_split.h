// Writes a segment anew as several, when offsets in it lie too far from its first one for its indexes to tell of them.
//
// No log of today makes such a segment; a compaction of long ago could, and it may still lie there. Each new one begins
// with the first batch that is left and takes all batches whose offsets it can hold, as the reference has it.
//
// After a crash at any point there are either the old segment or all new ones, once the log is opened again: they come
// as ".cleaned", become ".swap" from the last to the first, and take their names when the old one is gone
// (segment_swap.h).
//
// Concurrency: the log is being opened; nobody else uses it.
// Errors:      those of the disk; corrupt when the segment has another beginning than a batch.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "runtime/task.h"
#include "storage/log/log_config.h"
#include "storage/log/log_tools.h"
#include "storage/log/segment.h"

namespace ottla::storage {

// Afterwards `old` has no files. What is behind its last good batch goes.
Task<Result<void>> split_segment(const LogTools& tools, LogConfig config, Segment& old);

}  // namespace ottla::storage
