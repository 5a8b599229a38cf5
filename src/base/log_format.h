// A log record as one line of text for people, or of JSON for machines.
//
// Text:       2026-11-21T12:00:00.000250Z info  storage: rolled segment base_offset=42 path="/a b" shard=1
// at=log.cc:10 JSON:
// {"time":"…","level":"info","module":"storage","message":"…","shard":1,"at":"log.cc:10","fields":{…}}
// Invariants: 1. whatever bytes the fields hold, the output is one line that ends in '\n', of valid UTF-8,
//                without control characters; in JSON it is one valid object
//             2. a redacted value is a fixed mark
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/log_record.h"

namespace ottla {

enum class LogFormat : std::uint8_t { text, json };

void append_log_line(std::string& out, LogFormat format, LogRecordView record);

}  // namespace ottla
