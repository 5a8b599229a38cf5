// What one life of a simulated node has open.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/file_system.h"
#include "storage/directory/directory_home.h"
#include "storage/directory/log_set.h"
#include "storage/log/log_toolbox.h"
#include "test/storage/crashes/node_subject.h"

namespace ottla::storage {

inline constexpr std::array<const char*, 2> kPaths = {"/place/a", "/place/b"};
inline constexpr Uuid kTopicId(7, 1);

inline TopicPartition the_partition() {
  return {"t", PartitionId(0)};
}

struct NodeSubject::Life {
  explicit Life(FileSystem& doors)
      : files(doors), box(doors, {.descriptors = 8, .index_pages = 16, .recent_bytes = 3000}) {}

  Log* log() { return logs->find(the_partition()); }
  Log* future() { return logs->find_future(the_partition()); }
  // Which directory that is.
  std::size_t place_of(const Log& some) const { return some.directory().starts_with(kPaths[0]) ? 0 : 1; }

  FileSystem& files;
  LogToolbox box;
  DirectoryHome home;
  std::optional<LogSet> logs;
  std::array<std::unique_ptr<LogDirectory>, kDirectories> directories;
  bool was_clean = false;
  bool found_twice = false;
};

}  // namespace ottla::storage
