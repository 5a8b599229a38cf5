// fuzz: base protocol
// Whatever lies in an internal topic or a file of ours, it is opened as a message that exists in that version, or
// refused; what was opened is checked like any message.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/invariant.h"
#include "base/result.h"
#include "protocol/record_codec.h"
#include "protocol/record_types.h"
#include "protocol/schema.h"
#include "protocol/testing/message_checker.h"

namespace {

using namespace ottla;
using namespace ottla::protocol;

void check(const Result<EncodedMessage>& opened, std::span<const std::byte> bytes) {
  static MessageChecker checker;
  if (!opened.ok()) return;
  const MessageInfo& message = *opened->message;
  OTTLA_INVARIANT(message.versions.contains(opened->version), "a version that does not exist", message.name);
  OTTLA_INVARIANT(opened->body.size() <= bytes.size(), "a body is longer than its record", message.name);
  const std::string wrong = checker.check_bytes(message, opened->version, opened->body);
  OTTLA_INVARIANT(wrong.empty(), wrong, message.name, opened->version);
}

}  // namespace

// A byte chooses a type of record, whose topic and, for values, type are taken; the rest is the record.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto types = all_record_types();
  const RecordTypeInfo& chosen = types[data[0] % types.size()];
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  switch (chosen.message->kind) {
    case MessageKind::coordinator_key:
      check(open_coordinator_key(chosen.topic, bytes), bytes);
      break;
    case MessageKind::coordinator_value:
      check(open_coordinator_value(chosen.topic, chosen.message->key, bytes), bytes);
      break;
    case MessageKind::metadata:
      check(open_metadata_record(chosen.topic, bytes), bytes);
      break;
    default:
      check(open_versioned(*chosen.message, bytes), bytes);
  }
  return 0;
}
