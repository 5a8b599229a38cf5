#include "protocol/record_codec.h"

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "base/byte_reader.h"
#include "base/error.h"
#include "base/result.h"
#include "protocol/front.h"
#include "protocol/record_types.h"
#include "protocol/schema.h"

namespace ottla::protocol {
namespace {

Result<EncodedMessage> opened(const MessageInfo& message, std::int64_t version, ByteReader& reader) {
  if (version < message.versions.first || version > message.versions.last) {
    return Error(Errc::unsupported, fmt::format("{} of version {}: {} to {} are known", message.name, version,
                                                message.versions.first, message.versions.last));
  }
  OTTLA_TRY(const std::span<const std::byte> body, reader.read_bytes(reader.remaining()));
  return EncodedMessage{.message = &message, .version = static_cast<std::int16_t>(version), .body = body};
}

Error unknown_type(std::string_view topic, std::int64_t type) {
  return {Errc::unsupported, fmt::format("a record of {} with the unknown type {}", topic, type)};
}

}  // namespace

Result<EncodedMessage> open_coordinator_key(std::string_view topic, std::span<const std::byte> key) {
  ByteReader reader(key);
  OTTLA_TRY(const std::int16_t type, reader.read_i16());
  const MessageInfo* message = find_record_type(topic, MessageKind::coordinator_key, type);
  if (message == nullptr) return unknown_type(topic, type);
  return opened(*message, message->versions.last, reader);
}

Result<EncodedMessage> open_coordinator_value(std::string_view topic, std::int16_t type,
                                              std::span<const std::byte> value) {
  ByteReader reader(value);
  const MessageInfo* message = find_record_type(topic, MessageKind::coordinator_value, type);
  if (message == nullptr) return unknown_type(topic, type);
  OTTLA_TRY(const std::int16_t version, reader.read_i16());
  return opened(*message, version, reader);
}

Result<EncodedMessage> open_metadata_record(std::string_view topic, std::span<const std::byte> value) {
  ByteReader reader(value);
  OTTLA_TRY(const std::uint32_t frame, reader.read_unsigned_varint());
  if (frame != kMetadataFrame) {
    return Error(Errc::unsupported, fmt::format("a record of {} in the unknown form {}", topic, frame));
  }
  OTTLA_TRY(const std::uint32_t type, reader.read_unsigned_varint());
  OTTLA_TRY(const std::uint32_t version, reader.read_unsigned_varint());
  if (type > INT16_MAX) return unknown_type(topic, type);
  const MessageInfo* message =
      find_record_type(topic, MessageKind::metadata, static_cast<std::int32_t>(type));
  if (message == nullptr) return unknown_type(topic, type);
  return opened(*message, version, reader);
}

Result<EncodedMessage> open_versioned(const MessageInfo& message, std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  OTTLA_TRY(const std::int16_t version, reader.read_i16());
  return opened(message, version, reader);
}

}  // namespace ottla::protocol
