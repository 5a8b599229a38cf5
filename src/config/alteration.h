// What becomes of a key's text when somebody alters it, before anyone asks whether that is allowed.
//
// Errors: invalid_argument, in the words of the reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/key_table.h"
#include "config/node_config.h"

namespace ottla::config {

// The numbers are those of IncrementalAlterConfigs.
enum class Operation : std::uint8_t { set = 0, remove = 1, append = 2, subtract = 3 };

struct Alteration {
  std::string key;
  Operation operation = Operation::set;
  std::optional<std::string> value;
};

// The key's new text; nothing when it is gone. Only lists can be appended to and subtracted from; a list that was not
// set counts as its default.
Result<std::optional<std::string>> altered(Scope scope, const Alteration& alteration,
                                           std::optional<std::string_view> now);

// All of them, one after the other.
Result<Texts> altered(Scope scope, Texts texts, const std::vector<Alteration>& alterations);

}  // namespace ottla::config
