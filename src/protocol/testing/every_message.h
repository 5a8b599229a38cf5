// Loops over all messages and versions, and the codecs behind codec.h's door, for tests and fuzzers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/arena.h"
#include "protocol/registry.h"
#include "protocol/schema.h"

namespace ottla::protocol {

template <typename Each>
void for_every_version(Each&& each) {
  for (const MessageInfo* message : all_messages()) {
    for (std::int16_t version = message->versions.first; version <= message->versions.last; ++version)
      each(*message, version);
  }
}

// Room for one structure of that message in the arena, with all defaults.
std::byte* new_message(const MessageInfo& message, Arena& arena);

// The same message without codecs of its own, so that the tables are used.
inline MessageInfo by_tables(const MessageInfo& message) {
  MessageInfo tables = message;
  tables.hot = nullptr;
  return tables;
}

}  // namespace ottla::protocol
