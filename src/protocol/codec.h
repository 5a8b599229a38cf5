// Messages to bytes and back.
//
// Use:         FetchRequest request;
//              OTTLA_CHECK(decode(bytes, version, arena, request));
//              OTTLA_TRY(Chain bytes, encode(response, version));
// Lifetime:    a decoded message points into the bytes and the arena; an encoded one shares only record chains.
// Concurrency: confined to one shard.
// Errors:      malformed, truncated, out_of_budget, unsupported (no such version), invalid_argument (a value that
//              the version cannot carry); the text has the path of the field and sizes, never contents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/chain.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "protocol/message.h"

namespace ottla::protocol {

// What may follow a message.
enum class Rest : std::uint8_t { refused, left };

struct DecodeInput {
  std::span<const std::byte> bytes;
  std::int16_t version = 0;
  Rest rest = Rest::refused;
};

// `out` is a structure of that message; what it held is overwritten. Returns how many bytes the message took.
// Without an arena only a View can be decoded.
Result<std::size_t> decode(const MessageInfo& message, const DecodeInput& input, Arena* arena, void* out);

template <Message T>
Result<std::size_t> decode(const DecodeInput& input, Arena& arena, T& out) {
  return decode(T::message(), input, &arena, &out);
}
// In place: see sequence.h.
template <Message T>
Result<std::size_t> decode_view(const DecodeInput& input, T& out) {
  return decode(T::message(), input, nullptr, &out);
}

// A message to be encoded, its type erased. Refers to the message.
struct Encodable {
  template <Message T>
  Encodable(const T& value, std::int16_t message_version)
      : message(&T::message()), data(&value), version(message_version) {}
  Encodable(const MessageInfo& info, const void* value, std::int16_t message_version)
      : message(&info), data(value), version(message_version) {}

  const MessageInfo* message;
  const void* data;
  std::int16_t version;
};

enum class Prefix : std::uint8_t {
  none,
  frame_size,  // four bytes: the size of all that follows
  version,     // two bytes: the version of the first part
  type,        // two bytes: the first part's record type
  metadata,    // varints: 1 for the form of what follows, the first part's record type, its version
};

// The exact number of bytes of the parts, one after the other.
Result<std::uint64_t> encoded_size(std::span<const Encodable> parts);
// All parts in one block of their exact size, but for record chains, which are claimed between its pieces.
Result<Chain> encode(std::span<const Encodable> parts, Prefix prefix, BufferSource& source = heap_buffers());

template <Message T>
Result<Chain> encode(const T& value, std::int16_t version, BufferSource& source = heap_buffers()) {
  const Encodable part(value, version);
  return encode(std::span(&part, 1), Prefix::none, source);
}

}  // namespace ottla::protocol
