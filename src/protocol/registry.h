// All messages that there are, for code that treats them alike: tests, fuzzers, tools that print.
#pragma once

#include <span>
#include <string_view>

#include "protocol/schema.h"

namespace ottla::protocol {

std::span<const MessageInfo* const> all_messages();
// Null when there is none of that name.
const MessageInfo* find_message(std::string_view name);

}  // namespace ottla::protocol
