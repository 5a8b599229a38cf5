#include "protocol/testing/every_message.h"

#include <cstddef>
#include <cstring>

#include "base/arena.h"
#include "base/invariant.h"
#include "protocol/schema.h"

namespace ottla::protocol {

std::byte* new_message(const MessageInfo& message, Arena& arena) {
  void* place = arena.allocate(message.root->size);
  OTTLA_INVARIANT(place != nullptr, "the budget is too small for a message", message.name);
  std::memcpy(place, message.root->initial, message.root->size);
  return static_cast<std::byte*>(place);
}

}  // namespace ottla::protocol
