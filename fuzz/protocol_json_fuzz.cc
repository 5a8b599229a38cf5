// fuzz: base protocol
// Whatever text comes as a message's JSON, it is refused with a reason or read; what was read is written as JSON that
// is read again as the same.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/invariant.h"
#include "protocol/equal.h"
#include "protocol/json.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "protocol/testing/fuzz_input.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using namespace ottla;
using namespace ottla::protocol;

std::string& text() {
  static std::string one;
  one.clear();
  return one;
}

void check_written(const FuzzInput& input, const std::byte* message, Arena& arena) {
  std::string& json = text();
  append_json(json, *input.message, input.version, message, kWholeJson);
  std::byte* again = new_message(*input.message, arena);
  const auto read = from_json(*input.message, json, input.version, arena, again);
  OTTLA_INVARIANT(read.ok() || read.error() == Errc::out_of_budget, "what we wrote is not read", json);
  OTTLA_INVARIANT(!read.ok() || equal(*input.message->root, message, again), "reading changes it", json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Budget budget("message and its JSON", std::size_t{4} << 20U);
  static Arena arena(budget, {.kept = 65536});
  const FuzzInput input = fuzz_input(data, size);
  if (input.message == nullptr) return 0;
  arena.reset();
  std::byte* message = new_message(*input.message, arena);
  const std::string_view json(reinterpret_cast<const char*>(input.contents.data()), input.contents.size());
  const auto read = from_json(*input.message, json, input.version, arena, message);
  if (read.ok()) {
    check_written(input, message, arena);
  } else {
    OTTLA_INVARIANT(read.error().text().starts_with(input.message->name),
                    "an error does not name its message", read.error().to_string());
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  static FuzzMutator mutator(
      [](const MessageInfo& message, std::int16_t version, const void* value) {
        std::string& json = text();
        append_json(json, message, version, value, kWholeJson);
        return std::as_bytes(std::span(json));
      },
      &LLVMFuzzerMutate);
  return mutator.mutate({data, most}, size, seed);
}
