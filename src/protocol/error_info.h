// What is known of each error code.
#pragma once

#include <cstdint>
#include <span>

#include "protocol/error_code.h"

namespace ottla::protocol {

struct ErrorInfo {
  ErrorCode code;
  const char* name;                 // NOT_LEADER_OR_FOLLOWER
  bool retriable = false;           // the same request may succeed later
  bool refreshes_metadata = false;  // ask for metadata before trying again
};

// From -1 on, without gaps.
std::span<const ErrorInfo> all_errors();
// A code that nobody knows is UNKNOWN_SERVER_ERROR, as clients treat it.
const ErrorInfo& info_of(ErrorCode code);

}  // namespace ottla::protocol
