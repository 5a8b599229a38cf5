// Dumps one file: what all kinds of files have in common.
//
// Lifetime:    the parts outlive every dump; one DumpParts a run of the tool.
// Concurrency: confined to one shard.
// Errors:      what ends the run: a file that is missing or not what it claims to be. The text names the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/dump_log/batch_records.h"
#include "cli/dump_log/disagreements.h"
#include "cli/dump_log/message_text.h"
#include "cli/dump_log/report.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
}

namespace ottla::cli {

class RecordDecoder;

struct DumpWishes {
  bool deep = false;      // go through the records
  bool contents = false;  // show keys and values
  bool metadata = true;   // and all else that is known of a record
  bool verify_only = false;
  bool sanity_only = false;
  std::int32_t max_message_size = 0;
  std::int32_t max_bytes = 0;
};

struct DumpParts {
  FileSystem& files;
  Report& report;
  DumpWishes wishes;
  RecordDecoder* decoder = nullptr;  // set for segments and snapshots
  std::string working_directory = {};
  Disagreements disagreements = {};
  BatchRecords records = {};
  MessageText texts = {};

  // As the reference names a file in what it tells at the end.
  std::string absolute(std::string_view path) const {
    if (path.starts_with('/') || working_directory.empty()) return std::string(path);
    return working_directory + "/" + std::string(path);
  }
};

// What stands in a name before its first point, as a number. Errors: malformed.
Result<std::int64_t> offset_of(std::string_view file_name);
std::string_view file_name_of(std::string_view path);
// The same path with another ending behind the name's first point.
std::string sibling(std::string_view path, std::string_view suffix);

// A segment, a metadata snapshot or a bootstrap file.
Task<Result<>> dump_log_file(DumpParts& parts, std::string path);
Task<Result<>> dump_offset_index(DumpParts& parts, std::string path);
Task<Result<>> dump_time_index(DumpParts& parts, std::string path);
Task<Result<>> dump_transaction_index(DumpParts& parts, std::string path);
Task<Result<>> dump_producer_snapshot(DumpParts& parts, std::string path);

}  // namespace ottla::cli
