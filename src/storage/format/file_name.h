// The names of a partition's files: twenty digits of an offset, what the file is, and what is being done with it.
//
// Errors: of a name that is none of ours, not_found; of one that ends like ours and has no offset, malformed.
// Format: docs/format/names.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/offset.h"
#include "base/result.h"

namespace ottla::storage {

enum class FileKind : std::uint8_t { log, offset_index, time_index, transaction_index, producer_snapshot };

enum class FileStage : std::uint8_t {
  in_use,
  deleted,  // waits for its deletion
  cleaned,  // is being written by the cleaner; of no use after a crash
  swap,     // written whole, about to take the place of others
};

// ".log", ".index", …
std::string_view suffix_of(FileKind kind);
// "", ".deleted", …
std::string_view suffix_of(FileStage stage);

struct FileName {
  Offset offset;  // a segment's first, or the one behind a snapshot's last
  FileKind kind = FileKind::log;
  FileStage stage = FileStage::in_use;

  friend bool operator==(const FileName&, const FileName&) = default;
};

std::string to_string(const FileName& name);
// Of several stages in a row the last counts.
Result<FileName> parse_file_name(std::string_view name);

}  // namespace ottla::storage
