#include "cli/dump_log/message_text.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/byte_reader.h"
#include "base/error.h"
#include "base/result.h"
#include "protocol/codec.h"
#include "protocol/json.h"
#include "protocol/record_codec.h"
#include "protocol/schema.h"

namespace ottla::cli {

Result<std::string> MessageText::json_of(const protocol::EncodedMessage& encoded, protocol::Rest rest) {
  const protocol::StructureInfo& structure = *encoded.message->root;
  arena_.reset();
  void* const value = arena_.allocate(structure.size, structure.alignment);
  if (value == nullptr) return Errc::out_of_budget;
  std::memcpy(value, structure.initial, structure.size);
  const protocol::DecodeInput input = {.bytes = encoded.body, .version = encoded.version, .rest = rest};
  OTTLA_CHECK(protocol::decode(*encoded.message, input, &arena_, value));
  std::string text;
  protocol::append_json(text, *encoded.message, encoded.version, value, protocol::kWholeJson);
  return text;
}

Result<std::string> MessageText::json_of_self_versioned(const protocol::MessageInfo& message,
                                                        std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  OTTLA_TRY(const std::int16_t version, reader.read_i16());
  return json_of({.message = &message, .version = version, .body = bytes}, protocol::Rest::left);
}

}  // namespace ottla::cli
