// What a controller on another node serves, as far as a broker's own clients are concerned.
//
// Concurrency: pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "protocol/api_key.h"
#include "protocol/schema.h"

namespace ottla::server {

// Of an API that is passed on: the versions that broker and controller both know, perhaps none. `controller` is by key,
// and null while it is not known what it serves.
inline protocol::Versions also_served(const std::vector<protocol::Versions>* controller, protocol::ApiKey key,
                                      protocol::Versions own) {
  if (controller == nullptr) return own;
  const auto index = static_cast<std::size_t>(key);
  if (index >= controller->size() || (*controller)[index].empty()) return {};
  const protocol::Versions its = (*controller)[index];
  return {.first = std::max(own.first, its.first), .last = std::min(own.last, its.last)};
}

}  // namespace ottla::server
