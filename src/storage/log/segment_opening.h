// Opens a file of a segment by its name, also while that changes.
//
// Lifetime:    as SegmentFiles::use().
// Concurrency: confined to the segment's shard.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "runtime/task.h"
#include "storage/log/segment_files.h"
#include "storage/log/segment_name.h"

namespace ottla::storage {

inline Task<Result<SegmentFiles::Use>> open_segment_file(SegmentFiles& files, SegmentFiles::Slot& slot,
                                                         const SegmentName& name, FileKind kind,
                                                         SegmentFiles::Opening opening) {
  if (SegmentFiles::Use open = files.try_use(slot)) co_return open;
  const FileStage stage = name.stage();
  std::string path = name.path(kind, stage);
  Result<SegmentFiles::Use> use = co_await files.use(slot, path, opening);
  // The log's directory may be called otherwise meanwhile.
  while (!use.ok() && use.error() == Errc::not_found && name.path(kind, stage) != path) {
    path = name.path(kind, stage);
    use = co_await files.use(slot, path, opening);
  }
  if (use.ok() || !(use.error() == Errc::not_found)) co_return use;
  const FileStage other = name.stage() == stage ? name.next_stage() : name.stage();
  if (other == stage) co_return use;
  co_return co_await files.use(slot, name.path(kind, other), opening);
}

}  // namespace ottla::storage
