// What a new cluster begins with, as formatting left it in the metadata directory: in the snapshot at offset 0, or in
// the file `bootstrap.checkpoint`, as versions before 4.4 did.
//
// Errors: those of reading a snapshot; those of metadata::read_bootstrap.
#pragma once

#include <string>

#include "base/result.h"
#include "metadata/bootstrap.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
}

namespace ottla::quorum {

inline constexpr std::string_view kBootstrapFile = "bootstrap.checkpoint";

// Without either a cluster begins with the newest metadata.version, and no feature besides.
Task<Result<metadata::Bootstrap>> load_bootstrap(FileSystem& files, std::string directory, bool has_snapshot);

}  // namespace ottla::quorum
