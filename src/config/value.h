// The value of a configuration key: what its text means.
//
// Lifetime:   owns its texts.
// Secrets:    a Password shows as [hidden] wherever a value becomes text; who needs it asks for plain().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ottla::config {

class Password {
 public:
  explicit Password(std::string plain) : plain_(std::move(plain)) {}

  const std::string& plain() const { return plain_; }
  bool operator==(const Password&) const = default;

 private:
  std::string plain_;
};

// A class of the reference by its full name, which stands for native code here (config/known_classes.h).
struct ClassName {
  std::string name;
  bool operator==(const ClassName&) const = default;
};

using List = std::vector<std::string>;

// Null first: many keys have no value until somebody sets one.
using Value = std::variant<std::monostate, bool, std::string, std::int32_t, std::int16_t, std::int64_t,
                           double, List, ClassName, Password>;

inline constexpr std::string_view kHidden = "[hidden]";

inline bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

// As DescribeConfigs and records show it: numbers in Java's form, lists joined by commas; nothing for null.
std::optional<std::string> text_of(const Value& value);
// As it stands in the reference's messages: lists in brackets, null by its name.
std::string shown_in_message(const Value& value);

}  // namespace ottla::config
