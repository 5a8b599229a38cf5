#include "protocol/testing/fuzz_input.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol/registry.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "protocol/testing/random_message.h"

namespace ottla::protocol {
namespace {

constexpr std::size_t kChoice = FuzzInput::kChoice;
}  // namespace

FuzzInput fuzz_input(const std::uint8_t* data, std::size_t size) {
  if (size < kChoice) return {};
  const auto messages = all_messages();
  const MessageInfo& message = *messages[(data[0] | std::size_t{data[1]} << 8U) % messages.size()];
  const int versions = message.versions.last - message.versions.first + 1;
  return {.message = &message,
          .version = static_cast<std::int16_t>(message.versions.first + data[2] % versions),
          .contents = std::as_bytes(std::span(data + kChoice, size - kChoice))};
}

std::uint64_t fuzz_hash(std::span<const std::byte> bytes) {
  std::uint64_t hash = bytes.size();
  for (const std::byte each : bytes) hash = (hash ^ static_cast<std::uint64_t>(each)) * 0x100000001b3;
  return RandomBits(hash).next();
}

std::size_t FuzzMutator::random_input(std::span<std::uint8_t> room, RandomBits& random) {
  arena_.reset();
  for (std::size_t i = 0; i < kChoice; ++i) room[i] = static_cast<std::uint8_t>(random.next());
  const FuzzInput input = fuzz_input(room.data(), kChoice);
  std::byte* data = new_message(*input.message, arena_);
  RandomMessages(random.next(), arena_, {.most_elements = 2, .most_bytes = 512})
      .fill(*input.message, input.version, data);
  const auto bytes = contents_(*input.message, input.version, data);
  const std::size_t size = std::min(bytes.size(), room.size() - kChoice);
  if (size != 0) std::memcpy(room.data() + kChoice, bytes.data(), size);
  return kChoice + size;
}

std::size_t FuzzMutator::mutate(std::span<std::uint8_t> room, std::size_t size, std::uint32_t seed) {
  constexpr std::uint64_t kNewMessage = 64;
  constexpr std::uint64_t kNewChoice = 32;
  RandomBits random(seed);
  if (room.size() < kChoice) return size;
  if (size < kChoice || random.one_in(kNewMessage)) return random_input(room, random);
  if (random.one_in(kNewChoice)) room[random.below(kChoice)] = static_cast<std::uint8_t>(random.next());
  return kChoice + mutate_(room.data() + kChoice, size - kChoice, room.size() - kChoice);
}

}  // namespace ottla::protocol
