#include "controller/call.h"

namespace ottla::controller {

Result<protocol::NullableText> message_text(const ApiError& error, Arena& arena) {
  if (error.message.empty()) return protocol::NullableText(nullptr);
  OTTLA_TRY(const std::string_view text, arena.copy(error.message));
  return protocol::NullableText(text);
}

}  // namespace ottla::controller
