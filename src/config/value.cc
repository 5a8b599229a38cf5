#include "config/value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "base/java_double.h"

namespace ottla::config {

std::optional<std::string> text_of(const Value& value) {
  return std::visit(
      [](const auto& held) -> std::optional<std::string> {
        using T = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::same_as<T, std::monostate>) {
          return std::nullopt;
        } else if constexpr (std::same_as<T, bool>) {
          return held ? "true" : "false";
        } else if constexpr (std::same_as<T, std::string>) {
          return held;
        } else if constexpr (std::same_as<T, double>) {
          return java_text(held);
        } else if constexpr (std::integral<T>) {
          return std::to_string(held);
        } else if constexpr (std::same_as<T, List>) {
          return fmt::format("{}", fmt::join(held, ","));
        } else if constexpr (std::same_as<T, ClassName>) {
          return held.name;
        } else {
          return std::string(kHidden);
        }
      },
      value);
}

std::string shown_in_message(const Value& value) {
  if (const List* list = std::get_if<List>(&value)) return fmt::format("[{}]", fmt::join(*list, ", "));
  return text_of(value).value_or("null");
}

}  // namespace ottla::config
