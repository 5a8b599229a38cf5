#include "controller/topic_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ottla::controller {
namespace {

constexpr std::size_t kLongestName = 249;

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

// Java counts UTF-16 units.
std::size_t java_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

bool can_collide(std::string_view name) {
  return name.find_first_of("._") != std::string_view::npos;
}

std::string unified(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '.', '_');
  return text;
}

ApiError invalid(std::string reason) {
  return {ErrorCode::invalid_topic_exception, "Topic name is invalid: " + std::move(reason)};
}

}  // namespace

ApiError check_topic_name(std::string_view name) {
  if (name.empty()) return invalid("the empty string is not allowed");
  if (name == "." || name == "..") return invalid(fmt::format("'{}' is not allowed", name));
  if (java_length(name) > kLongestName) {
    return invalid(
        fmt::format("the length of '{}' is longer than the max allowed length {}", name, kLongestName));
  }
  if (!std::ranges::all_of(name, is_legal)) {
    return invalid(fmt::format(
        "'{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'", name));
  }
  return {};
}

void TopicNames::add(std::string_view name) {
  if (can_collide(name)) names_[unified(name)].emplace(name);
}

void TopicNames::remove(std::string_view name) {
  const auto found = names_.find(unified(name));
  if (found == names_.end()) return;
  found->second.erase(std::string(name));
  if (found->second.empty()) names_.erase(found);
}

const std::string* TopicNames::colliding(std::string_view name) const {
  if (!can_collide(name)) return nullptr;
  const auto found = names_.find(unified(name));
  return found == names_.end() ? nullptr : &*found->second.begin();
}

}  // namespace ottla::controller
