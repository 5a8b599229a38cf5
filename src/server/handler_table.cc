#include "server/handler_table.h"

#include <cstddef>
#include <span>

#include "base/invariant.h"
#include "protocol/api_key.h"
#include "server/handlers/api_versions.h"

namespace ottla::server {
namespace {

using protocol::ApiKey;

constexpr Handler kBroker[] = {
    handler<&answer_api_versions>(ApiKey::api_versions),
};

constexpr Handler kController[] = {
    handler<&answer_api_versions>(ApiKey::api_versions),
};

}  // namespace

HandlerTable::HandlerTable(std::span<const Handler> handlers) {
  for (const Handler& each : handlers) {
    const auto index = static_cast<std::size_t>(each.key);
    OTTLA_INVARIANT(index < by_key_.size(), "an API key beyond the table", index);
    if (by_key_[index] == nullptr) by_key_[index] = &each;
  }
}

const HandlerTable& broker_handlers() {
  static const HandlerTable table(kBroker);
  return table;
}

const HandlerTable& controller_handlers() {
  static const HandlerTable table(kController);
  return table;
}

}  // namespace ottla::server
