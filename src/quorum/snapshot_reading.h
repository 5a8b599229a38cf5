// Reads a snapshot file from its beginning to its end, batch by batch.
//
// Concurrency: confined to the file's shard; gives way between batches.
// Errors:      those of SnapshotParser, with the path and the cure; those of the disk.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/result.h"
#include "quorum/snapshot_parser.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
}

namespace ottla::quorum {

// Takes the metadata's records of a batch.
using SnapshotVisitor = std::function<void(std::span<const SnapshotParser::RecordBytes> records)>;

// not_found when there is no such file.
Task<Result<SnapshotFacts>> read_snapshot_file(FileSystem& files, std::string path, record::CodecPool& codecs,
                                               SnapshotVisitor visitor = {});

// What its header says, without a look at the rest.
Task<Result<SnapshotFacts>> read_snapshot_header(FileSystem& files, std::string path,
                                                 record::CodecPool& codecs);

}  // namespace ottla::quorum
