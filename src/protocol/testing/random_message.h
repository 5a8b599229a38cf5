// Messages of random and boundary values, for tests, fuzzers and simulations.
//
// Use:         RandomMessages random(seed, arena);
//              auto request = random.make<FetchRequest>(17);
// Lifetime:    a message lives as long as the arena's contents.
// Invariants:  1. the same seed and the same calls give the same messages on every machine
//              2. a message can be encoded in its version: what that cannot carry has its default
//              3. text is valid UTF-8; doubles have no NaN but the usual one
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/message.h"
#include "protocol/schema.h"

namespace ottla::protocol {

// The generator SplitMix64: small, fast, and the same everywhere.
class RandomBits {
 public:
  explicit RandomBits(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  // Below `limit`, which is not zero.
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

 private:
  std::uint64_t state_;
};

struct RandomShape {
  bool unknown_tags = true;
  bool large_values = true;        // now and then a text, a run of bytes or an array beyond one-byte lengths
  std::size_t most_elements = 4;   // of an array of structures
  std::size_t most_bytes = 16384;  // roughly: beyond it, what is still to be filled stays small
};

class RandomMessages {
 public:
  RandomMessages(std::uint64_t seed, Arena& arena, RandomShape shape = {});

  // `out` is a structure of that message. The arena's budget must suffice.
  void fill(const MessageInfo& message, std::int16_t version, void* out);

  template <Message T>
  T make(std::int16_t version) {
    T message;
    fill(T::message(), version, &message);
    return message;
  }

 private:
  void fill_structure(const StructureInfo& structure, std::byte* out);
  void fill_field(const FieldInfo& field, std::byte* out);
  void fill_array(const FieldInfo& field, std::byte* out);
  void fill_value(const FieldInfo& field, std::byte* out);
  void fill_optional(const FieldInfo& field, std::byte* out);
  void fill_unknown_tags(const StructureInfo& structure, std::byte* out);
  std::uint64_t number(unsigned bits);
  double real();
  Uuid uuid();
  Bytes bytes();
  std::string_view text();
  std::size_t length();
  std::size_t element_count(const FieldInfo& field);
  std::byte* take(std::size_t size);
  bool spent() const { return taken_ >= shape_.most_bytes; }

  RandomBits random_;
  Arena& arena_;
  const RandomShape shape_;
  std::int16_t version_ = 0;
  bool flexible_ = false;
  std::size_t taken_ = 0;  // bytes of arena in the message under way
};

}  // namespace ottla::protocol
