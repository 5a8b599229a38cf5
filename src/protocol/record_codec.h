// Records of internal topics: what stands before a message in a record's key or value and says which one it is.
//
//   __consumer_offsets, __transaction_state, __share_group_state
//              key: two bytes of type, then the key; value: two bytes of version, then the value
//   __cluster_metadata, __remote_log_metadata
//              value: three varints (1, type, version), then the message
//   files and principals
//              two bytes of version, then the message
//
// Lifetime:    what is opened points into the bytes.
// Concurrency: pure.
// Errors:      truncated, malformed; unsupported for a type or version that we do not know: a newer broker may have
//              written it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/chain.h"
#include "base/result.h"
#include "protocol/codec.h"
#include "protocol/message.h"
#include "protocol/schema.h"

namespace ottla::protocol {

// A message whose kind and version are known, still encoded.
struct EncodedMessage {
  const MessageInfo* message = nullptr;
  std::int16_t version = 0;
  std::span<const std::byte> body;
};

Result<EncodedMessage> open_coordinator_key(std::string_view topic, std::span<const std::byte> key);
// `type`: that of the record's key.
Result<EncodedMessage> open_coordinator_value(std::string_view topic, std::int16_t type,
                                              std::span<const std::byte> value);
Result<EncodedMessage> open_metadata_record(std::string_view topic, std::span<const std::byte> value);
Result<EncodedMessage> open_versioned(const MessageInfo& message, std::span<const std::byte> bytes);

// `out` is of the type that `encoded` holds; nothing may follow it.
template <Message T>
Result<> decode(const EncodedMessage& encoded, Arena& arena, T& out) {
  OTTLA_INVARIANT(encoded.message == &T::message(), "a record is decoded as what it is not",
                  encoded.message->name);
  const auto size = decode({.bytes = encoded.body, .version = encoded.version}, arena, out);
  return size.ok() ? Result<>() : Result<>(size.error());
}

template <Message T>
Result<Chain> encode_coordinator_key(const T& key) {
  const Encodable part(key, T::message().versions.last);
  return encode(std::span(&part, 1), Prefix::type);
}
// Coordinators' values, files and principals.
template <Message T>
Result<Chain> encode_versioned(const T& value, std::int16_t version) {
  const Encodable part(value, version);
  return encode(std::span(&part, 1), Prefix::version);
}
template <Message T>
Result<Chain> encode_metadata_record(const T& record, std::int16_t version) {
  const Encodable part(record, version);
  return encode(std::span(&part, 1), Prefix::metadata);
}

}  // namespace ottla::protocol
