// How a fuzzer's input names a message: two bytes choose it, one its version, and the rest are its contents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/schema.h"
#include "protocol/testing/random_message.h"

namespace ottla::protocol {

struct FuzzInput {
  static constexpr std::size_t kChoice = 3;

  const MessageInfo* message = nullptr;  // null when the input is too short
  std::int16_t version = 0;
  std::span<const std::byte> contents;
};

FuzzInput fuzz_input(const std::uint8_t* data, std::size_t size);

// The same for every run over the same bytes; for what is too slow to be done each time.
std::uint64_t fuzz_hash(std::span<const std::byte> bytes);

// A custom mutator: now and then an input that holds a random message, otherwise the contents mutated.
class FuzzMutator {
 public:
  // The message in whatever form the fuzzer wants it; good until the next call.
  using Contents = std::span<const std::byte> (*)(const MessageInfo& message, std::int16_t version,
                                                  const void* data);
  // libFuzzer's own mutator.
  using Mutate = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t most);

  FuzzMutator(Contents contents, Mutate mutate) : contents_(contents), mutate_(mutate) {}

  // `room` begins with an input of `size` bytes. Returns the size of the new one.
  std::size_t mutate(std::span<std::uint8_t> room, std::size_t size, std::uint32_t seed);

 private:
  std::size_t random_input(std::span<std::uint8_t> room, RandomBits& random);

  const Contents contents_;
  const Mutate mutate_;
  Budget budget_{"random fuzz inputs", std::size_t{8} << 20U};
  Arena arena_{budget_, {.kept = 65536}};
};

}  // namespace ottla::protocol
