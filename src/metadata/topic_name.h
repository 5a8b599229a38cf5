// What names topics may have, and which of them are the cluster's own.
//
// Concurrency: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ottla::metadata {

inline constexpr std::size_t kLongestTopicName = 249;

// What is wrong with a name, in the reference's words; nothing when it is good.
std::optional<std::string> topic_name_fault(std::string_view name);
bool is_valid_topic_name(std::string_view name);

// Belongs to the cluster itself: nobody but the cluster writes to it.
bool is_internal_topic(std::string_view name);

}  // namespace ottla::metadata
