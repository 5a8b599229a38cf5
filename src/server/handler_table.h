// What is served behind each kind of listener, by API key.
//
// Invariants: an API without a handler is neither advertised nor served.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "protocol/api.h"
#include "protocol/api_key.h"
#include "server/handler.h"

namespace ottla::server {

class HandlerTable {
 public:
  // Of several entries for one API the first counts.
  void add(const Handler& handler);

  // Null when it is not served.
  const Handler* find(protocol::ApiKey key) const {
    const auto index = static_cast<std::size_t>(key);
    return index < by_key_.size() && by_key_[index] ? &*by_key_[index] : nullptr;
  }

 private:
  static constexpr std::size_t kKeys = 128;

  std::array<std::optional<Handler>, kKeys> by_key_;
};

const HandlerTable& broker_handlers();
const HandlerTable& controller_handlers();

}  // namespace ottla::server
