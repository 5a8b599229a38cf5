// Looks through a metadata log before it is opened. Reads all of it, and changes nothing.
//
// Concurrency: confined to one shard. Nobody else uses the folder meanwhile.
// Errors:      those of the disk; malformed for a checkpoint of epochs that cannot be read. What is wrong with the log
//              itself is among the findings.
#pragma once

#include <string>

#include "base/result.h"
#include "quorum/log_findings.h"
#include "record/compression/codec_pool.h"
#include "runtime/file_system.h"
#include "runtime/task.h"

namespace ottla::quorum {

Task<Result<LogFindings>> look_at_log(FileSystem& files, std::string folder, record::CodecPool& codecs);

}  // namespace ottla::quorum
