// The records of internal topics: which message a key's or value's type number stands for.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/schema.h"

namespace ottla::protocol {

struct RecordTypeInfo {
  std::string_view topic;  // __consumer_offsets
  const MessageInfo* message;
};

std::span<const RecordTypeInfo> all_record_types();
// Null when the topic has no such record.
const MessageInfo* find_record_type(std::string_view topic, MessageKind kind, std::int32_t type);

}  // namespace ottla::protocol
