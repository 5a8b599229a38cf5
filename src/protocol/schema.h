// The tables that say what messages are made of. Codecs of every kind (bytes, JSON, equality, random messages of
// tests) are written once, over these tables; the generator writes the tables.
//
// Lifetime:    tables are constants of the program.
// Concurrency: read by anyone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ottla::protocol {

inline constexpr std::int16_t kOpen = INT16_MAX;

// Both ends included; empty by default.
struct Versions {
  std::int16_t first = 0;
  std::int16_t last = -1;

  constexpr bool contains(std::int16_t version) const { return first <= version && version <= last; }
  constexpr bool empty() const { return last < first; }
  constexpr bool overlaps(const Versions& other) const {
    return !empty() && !other.empty() && first <= other.last && other.first <= last;
  }
  constexpr bool within(const Versions& other) const { return other.first <= first && last <= other.last; }

  friend constexpr bool operator==(const Versions&, const Versions&) = default;
};

enum class Kind : std::uint8_t {
  boolean,
  int8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  float64,
  uuid,
  string,           // std::string_view
  nullable_string,  // NullableText
  bytes,            // Bytes
  records,          // Records
  structure,        // itself; in an array, its elements
  optional,         // Optional<T>
};

// `lazy`: a Sequence over the encoded elements, which are checked but not built.
enum class ArrayForm : std::uint8_t { none, plain, lazy };

struct FieldFlag {
  static constexpr std::uint8_t kKey = 1;         // elements of the array are told apart by it
  static constexpr std::uint8_t kIgnorable = 2;   // is dropped in versions that have it not
  static constexpr std::uint8_t kInflexible = 4;  // keeps its old form in flexible versions
  static constexpr std::uint8_t kSecret = 8;      // is not to be printed
};

struct StructureInfo;

struct FieldInfo {
  const char* name;  // as in JSON: topicId
  const StructureInfo* structure = nullptr;
  std::uint16_t offset;
  Kind kind;
  ArrayForm array = ArrayForm::none;
  std::uint8_t flags = 0;
  Versions versions = {};
  Versions nullable = {};
  Versions tagged = {};
  std::int16_t tag = -1;

  constexpr bool is_array() const { return array != ArrayForm::none; }
  constexpr bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

// What is asked of each element of an array: elements are never null.
constexpr FieldInfo never_null(const FieldInfo& field) {
  FieldInfo element = field;
  element.nullable = {};
  return element;
}

inline constexpr std::uint16_t kNoUnknownTags = UINT16_MAX;

struct StructureInfo {
  const char* name;
  std::span<const FieldInfo> fields;
  std::span<const std::uint8_t> tags;  // index of the field of each tag
  const void* initial;                 // one with all defaults
  std::uint16_t size;
  std::uint16_t alignment;
  std::uint16_t unknown_tags;  // offset, or kNoUnknownTags
};

class WireReader;
class Measure;
class WriteSink;

// Codecs that were unrolled for one message; null entries fall back on the tables.
struct CodecFunctions {
  bool (*decode)(WireReader& reader, std::byte* out) = nullptr;
  bool (*measure)(Measure& sink, const std::byte* in) = nullptr;
  bool (*write)(WriteSink& sink, const std::byte* in) = nullptr;
};

enum class MessageKind : std::uint8_t {
  request,
  response,
  header,
  data,
  metadata,
  coordinator_key,
  coordinator_value
};

struct MessageInfo {
  const char* name;
  const char* file;  // the schema that describes it, without its ending
  MessageKind kind;
  std::int16_t key;  // of the API or the record type; -1: has none
  Versions versions = {};
  Versions flexible;
  bool latest_unstable;
  const StructureInfo* root;
  const CodecFunctions* hot = nullptr;

  constexpr bool is_flexible(std::int16_t version) const { return flexible.contains(version); }
};

}  // namespace ottla::protocol
