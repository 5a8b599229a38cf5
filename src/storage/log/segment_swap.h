// Puts a segment that was written anew in the place of others, so that after a crash at any point the log has either
// the old ones or the new one.
//
//    1. the new segment lies there whole and durable as ".cleaned": after a crash it is removed
//    2. its indexes, then its log become ".swap": once the log is called so, the new one counts; what it replaces is
//       removed when the log is opened
//    3. the old ones become ".deleted", durably, before
//    4. the new one's log takes its name, so that no old one can come back beside it
//
// The names and the order are the reference's, so that either program finishes what the other one began. Directories
// are synced between the steps, since a file system may keep any of several renames and lose the others.
//
// Concurrency: one at a time for a log, seen to by the Log; readers of the old segments go on with the files that they
//              have open.
// Errors:      those of the disk. The log is to be opened anew then: which of the two it has is not known.
#pragma once

#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/task.h"

namespace ottla::storage {

class Segment;

// Afterwards `replaced` are called ".deleted" and may be removed at any time.
Task<Result<void>> swap_segments(FileSystem* files, Segment* cleaned, std::vector<Segment*> replaced);

}  // namespace ottla::storage
