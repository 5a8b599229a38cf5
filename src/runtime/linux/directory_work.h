// What concerns names and directories, as plain calls that block.
//
// Concurrency: for helpers' threads; holds no state.
// Errors:      typed, naming the operation and the path.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/linux/disk_governor.h"
#include "runtime/linux/system_calls.h"

namespace ottla::directory_work {

// "/a" for "/a/b" and for "/a/b/"; "." for "b".
std::string parent_of(const std::string& path);

Result<FileStatus> status(SystemCalls& calls, const std::string& path);
Result<DiskSpace> space(SystemCalls& calls, const std::string& path);
Result<std::vector<DirectoryEntry>> list(const std::string& path);
Result<std::vector<SeenEntry>> look_into(SystemCalls& calls, const std::string& path, LookTerms terms);
Result<void> make_directories(DiskGovernor& governor, const std::string& path, Durability durability);
Result<void> rename(DiskGovernor& governor, const std::string& from, const std::string& to,
                    Durability durability);
Result<void> remove(DiskGovernor& governor, const std::string& path, Durability durability);
// Sync_failed, once it failed for anybody in this process.
Result<void> sync_directory(DiskGovernor& governor, const std::string& path);

// One bounded step of removing a tree.
struct Emptied {
  bool gone = false;                     // the directory was empty and has been removed
  std::vector<std::string> directories;  // to be emptied first
};
// Removes what is no directory in `path`, at most a few hundred entries; then `path` itself if nothing is
// left. Links are removed, not followed.
Result<Emptied> remove_some(SystemCalls& calls, const std::string& path);

}  // namespace ottla::directory_work
