#include "metadata/topic_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace ottla::metadata {
namespace {

constexpr std::string_view kInternalTopics[] = {"__consumer_offsets", "__share_group_state",
                                                "__transaction_state"};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

// As many as a reader of UTF-16 counts, who meets the longest characters as pairs.
std::size_t utf16_size(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) != 0x80U) size += byte >= 0xf0U ? 2 : 1;
  }
  return size;
}

}  // namespace

bool is_valid_topic_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= kLongestTopicName &&
         std::ranges::all_of(name, is_name_character);
}

std::optional<std::string> topic_name_fault(std::string_view name) {
  if (is_valid_topic_name(name)) return std::nullopt;
  if (name.empty()) return "the empty string is not allowed";
  if (name == "." || name == "..") return fmt::format("'{}' is not allowed", name);
  if (utf16_size(name) > kLongestTopicName) {
    return fmt::format("the length of '{}' is longer than the max allowed length {}", name,
                       kLongestTopicName);
  }
  return fmt::format("'{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
                     name);
}

bool is_internal_topic(std::string_view name) {
  return name.starts_with("__") && std::ranges::find(kInternalTopics, name) != std::end(kInternalTopics);
}

}  // namespace ottla::metadata
