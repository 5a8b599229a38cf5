// Small files, read and replaced whole.
//
// Errors: those of the file system; too_large for a file that is longer than its reader expects.
#pragma once

#include <cstdint>
#include <string>

#include "base/chain.h"
#include "base/result.h"
#include "base/slice.h"
#include "runtime/task.h"

namespace ottla {

class FileSystem;

// not_found when there is none.
Task<Result<Slice>> read_whole_file(FileSystem& files, std::string path, std::uint64_t max_size);

// What stands there goes, and the bytes take its place; none of it is durable.
Task<Result<void>> write_whole_file(FileSystem& files, std::string path, Chain bytes);

// Whatever happens, the old bytes or the new ones stand there afterwards, the new ones durably when this ends well.
// They come by way of `path`.tmp, so that at most one replaces a file at a time.
Task<Result<void>> replace_file(FileSystem& files, std::string path, Chain bytes);

}  // namespace ottla
