// Makes values of texts and holds them against a key's rules, with the acceptance and in the words of the reference:
// clients see these messages in the answers to AlterConfigs.
//
// Errors: invalid_argument, whose text is the reference's message.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "config/key.h"
#include "config/value.h"

namespace ottla::config {

// The type alone.
Result<Value> parse_type(const Key& key, std::string_view text);
// The rules beyond the type. Duplicates in a list are wrong here; parse_value() takes them away before.
Result<> check_value(const Key& key, const Value& value);
// Both. A list that has rules loses its duplicates.
Result<Value> parse_value(const Key& key, std::string_view text);
// What the key has when nobody sets it; an error when it must be set.
Result<Value> default_value(const Key& key);

}  // namespace ottla::config
