// The ballot on disk: a small file that is replaced as a whole and never changed.
//
// Format:      [crc u32][term u64][vote i32]
// Durability:  save() has ended well when the new ballot survives a crash; until then either ballot may.
// Errors:      not_found when there is none: this node was never set up here, or its disk was lost. corrupt
//              when the bytes do not pass, which replacing as a whole rules out.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "test/kv/ballot.h"

namespace ottla::kv {

Task<Result<Ballot>> load_ballot(FileSystem& files, std::string directory);
Task<Result<void>> save_ballot(FileSystem& files, std::string directory, Ballot ballot);

}  // namespace ottla::kv
