// Names of topics: which may be, and which cannot stand beside each other since metrics take '.' for '_'.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "controller/api_error.h"

namespace ottla::controller {

ApiError check_topic_name(std::string_view name);
// Which topics there are, by what is left of their names when '.' and '_' are the same.
class TopicNames {
 public:
  void add(std::string_view name);
  void remove(std::string_view name);
  // A topic whose name differs in these two characters only, or not at all; null when there is none.
  const std::string* colliding(std::string_view name) const;

  friend bool operator==(const TopicNames&, const TopicNames&) = default;

 private:
  std::map<std::string, std::set<std::string, std::less<>>> names_;  // only those with one of the characters
};

}  // namespace ottla::controller
