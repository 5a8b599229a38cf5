// fuzz: base protocol
// Whatever bytes come, all codecs of a message agree on them, within their memory; what they take survives encoding,
// decoding and JSON.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/invariant.h"
#include "protocol/schema.h"
#include "protocol/testing/fuzz_input.h"
#include "protocol/testing/message_checker.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using namespace ottla::protocol;

// JSON and the texts of errors cost more than all else.
constexpr std::uint64_t kAtLength = 16;

MessageChecker& checker() {
  static MessageChecker one;
  return one;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const FuzzInput input = fuzz_input(data, size);
  if (input.message == nullptr) return 0;
  const bool at_length = fuzz_hash(input.contents) % kAtLength == 0;
  const std::string wrong =
      at_length ? checker().check_bytes_at_length(*input.message, input.version, input.contents)
                : checker().check_bytes(*input.message, input.version, input.contents);
  OTTLA_INVARIANT(wrong.empty(), wrong, input.message->name, input.version);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  static FuzzMutator mutator(
      [](const MessageInfo& message, std::int16_t version, const void* value) {
        const std::string wrong = checker().check_message(message, version, value);
        OTTLA_INVARIANT(wrong.empty(), wrong, message.name, version);
        return checker().encoded();
      },
      &LLVMFuzzerMutate);
  return mutator.mutate({data, most}, size, seed);
}
