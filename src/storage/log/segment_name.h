// The paths of one segment's files.
//
// Lifetime: refers to the log's directory, so that a log can be renamed by renaming that.
#pragma once

#include <string>

#include "base/offset.h"
#include "storage/format/file_name.h"

namespace ottla::storage {

class SegmentName {
 public:
  SegmentName(const std::string& directory, Offset base, FileStage stage = FileStage::in_use)
      : directory_(&directory), base_(base), stage_(stage), next_(stage) {}

  Offset base() const { return base_; }
  const std::string& directory() const { return *directory_; }
  FileStage stage() const { return stage_; }
  // While files are being renamed, and after that has failed, one of them may have either name.
  FileStage next_stage() const { return next_; }
  void begin_rename(FileStage next) { next_ = next; }
  void end_rename(bool renamed) {
    if (renamed) stage_ = next_;
  }

  std::string path(FileKind kind) const { return path(kind, stage_); }
  std::string path(FileKind kind, FileStage stage) const {
    return *directory_ + '/' + to_string(FileName{.offset = base_, .kind = kind, .stage = stage});
  }

 private:
  const std::string* directory_;
  Offset base_;
  FileStage stage_;
  FileStage next_;
};

}  // namespace ottla::storage
