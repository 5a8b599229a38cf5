#include <algorithm>
#include <cstdint>
#include <string_view>

#include "protocol/api.h"
#include "protocol/error_info.h"
#include "protocol/record_types.h"
#include "protocol/registry.h"
#include "protocol/schema.h"

namespace ottla::protocol {

const ApiInfo* find_api(std::int16_t key) {
  const auto apis = all_apis();
  if (key < 0 || static_cast<std::size_t>(key) >= apis.size()) return nullptr;
  const ApiInfo& api = apis[static_cast<std::size_t>(key)];
  return api.request != nullptr ? &api : nullptr;
}

const MessageInfo* find_message(std::string_view name) {
  const auto messages = all_messages();
  const auto found =
      std::ranges::find(messages, name, [](const MessageInfo* each) { return std::string_view(each->name); });
  return found != messages.end() ? *found : nullptr;
}

const ErrorInfo& info_of(ErrorCode code) {
  const auto errors = all_errors();
  const auto index = static_cast<std::int64_t>(code) + 1;
  return errors[index >= 0 && index < std::ssize(errors) ? static_cast<std::size_t>(index) : 0];
}

const MessageInfo* find_record_type(std::string_view topic, MessageKind kind, std::int32_t type) {
  for (const RecordTypeInfo& each : all_record_types()) {
    if (each.topic == topic && each.message->kind == kind && each.message->key == type) return each.message;
  }
  return nullptr;
}

}  // namespace ottla::protocol
