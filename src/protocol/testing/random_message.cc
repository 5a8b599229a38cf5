#include "protocol/testing/random_message.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/arena.h"
#include "base/invariant.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {
namespace {

// Sizes around which lengths change their form: one, two and three bytes of varint; what a string can hold.
constexpr std::array<std::size_t, 7> kEdgeLengths = {126, 127, 128, 129, 16382, 16383, 16384};
constexpr std::size_t kLongestText = INT16_MAX;

constexpr std::array<std::string_view, 10> kLetters = {
    "a", "Z", "-", "_", ".", "é", "€", "\"", "\xF0\x9F\x98\x80", std::string_view("\0", 1)};

template <typename T>
void store(std::byte* out, T value) {
  std::memcpy(out, &value, sizeof(T));
}

bool is_structure(const FieldInfo& field) {
  return !field.is_array() && (field.kind == Kind::structure || field.kind == Kind::optional);
}

bool has_unknown_tags(const StructureInfo& structure) {
  return structure.unknown_tags != kNoUnknownTags;
}

// Null where the version has no null: such a default cannot be kept.
bool is_unwritable_null(const FieldInfo& field, std::int16_t version, const std::byte* value) {
  if (field.nullable.contains(version)) return false;
  if (field.is_array() || field.kind == Kind::bytes)
    return reinterpret_cast<const ErasedArray*>(value)->is_null();
  if (field.kind == Kind::optional) return reinterpret_cast<const ErasedOptional*>(value)->is_null();
  if (field.kind == Kind::nullable_string) return reinterpret_cast<const NullableText*>(value)->is_null();
  return field.kind == Kind::records && reinterpret_cast<const Records*>(value)->is_null();
}

}  // namespace

std::uint64_t RandomBits::next() {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31U);
}

RandomMessages::RandomMessages(std::uint64_t seed, Arena& arena, RandomShape shape)
    : random_(seed), arena_(arena), shape_(shape) {}

void RandomMessages::fill(const MessageInfo& message, std::int16_t version, void* out) {
  OTTLA_INVARIANT(message.versions.contains(version), "there is no such version", message.name, version);
  version_ = version;
  flexible_ = message.is_flexible(version);
  taken_ = 0;
  std::memcpy(out, message.root->initial, message.root->size);
  fill_structure(*message.root, static_cast<std::byte*>(out));
}

void RandomMessages::fill_structure(const StructureInfo& structure, std::byte* out) {
  for (const FieldInfo& field : structure.fields) {
    if (field.versions.contains(version_)) fill_field(field, out + field.offset);
  }
  if (flexible_ && shape_.unknown_tags && has_unknown_tags(structure) && random_.one_in(6) && !spent())
    fill_unknown_tags(structure, out);
}

void RandomMessages::fill_field(const FieldInfo& field, std::byte* out) {
  const bool keeps_default = random_.one_in(field.tagged.contains(version_) ? 3 : 10);
  // An untagged structure is filled all the same: its own defaults may be null where this version has none.
  if (keeps_default && (!is_structure(field) || field.tagged.contains(version_)) &&
      !is_unwritable_null(field, version_, out)) {
    return;
  }
  if (field.is_array()) {
    fill_array(field, out);
  } else if (field.kind == Kind::structure) {
    fill_structure(*field.structure, out);
  } else if (field.kind == Kind::optional) {
    fill_optional(field, out);
  } else {
    fill_value(field, out);
  }
}

void RandomMessages::fill_array(const FieldInfo& field, std::byte* out) {
  if (field.nullable.contains(version_) && random_.one_in(5)) {
    store(out, ErasedArray(nullptr, 0, true));
    return;
  }
  const std::size_t count = element_count(field);
  const bool structures = field.kind == Kind::structure;
  const std::size_t size = structures ? field.structure->size : element_size(field.kind);
  std::byte* elements = take(size * count);
  for (std::size_t i = 0; i < count; ++i) {
    std::byte* element = elements + size * i;
    if (structures) {
      std::memcpy(element, field.structure->initial, size);
      fill_structure(*field.structure, element);
    } else {
      fill_value(never_null(field), element);
    }
  }
  store(out, ErasedArray(count != 0 ? elements : nullptr, static_cast<std::uint32_t>(count), false));
}

void RandomMessages::fill_optional(const FieldInfo& field, std::byte* out) {
  if (field.nullable.contains(version_) && random_.one_in(3)) {
    store(out, ErasedOptional(nullptr));
    return;
  }
  std::byte* value = take(field.structure->size);
  std::memcpy(value, field.structure->initial, field.structure->size);
  fill_structure(*field.structure, value);
  store(out, ErasedOptional(value));
}

void RandomMessages::fill_value(const FieldInfo& field, std::byte* out) {
  const bool null = field.nullable.contains(version_) && random_.one_in(4);
  switch (field.kind) {
    case Kind::boolean:
      return store(out, random_.one_in(2));
    case Kind::int8:
      return store(out, static_cast<std::int8_t>(number(8)));
    case Kind::int16:
    case Kind::uint16:
      return store(out, static_cast<std::uint16_t>(number(16)));
    case Kind::int32:
    case Kind::uint32:
      return store(out, static_cast<std::uint32_t>(number(32)));
    case Kind::int64:
      return store(out, number(64));
    case Kind::float64:
      return store(out, real());
    case Kind::uuid:
      return store(out, uuid());
    case Kind::string:
      return store(out, text());
    case Kind::nullable_string:
      return store(out, null ? NullableText(nullptr) : NullableText(text()));
    case Kind::bytes:
      return store(out, null ? Bytes::null() : bytes());
    case Kind::records:
      return store(out, null ? Records(nullptr) : Records(bytes().as_span()));
    case Kind::structure:
    case Kind::optional:
      break;
  }
  OTTLA_INVARIANT(false, "a structure is no plain value", field.name);
}

// Ascending, and none that the structure knows in any version.
void RandomMessages::fill_unknown_tags(const StructureInfo& structure, std::byte* out) {
  const std::size_t count = 1 + random_.below(3);
  auto* tags = reinterpret_cast<UnknownTag*>(take(sizeof(UnknownTag) * count));
  std::uint64_t tag = random_.one_in(2) ? 0 : random_.below(300);
  std::uint32_t kept = 0;
  for (std::size_t i = 0; i < count; ++i, tag += 1 + random_.below(random_.one_in(4) ? 1U << 28U : 3)) {
    if (tag >= structure.tags.size())
      ::new (tags + kept++) UnknownTag{.tag = static_cast<std::uint32_t>(tag), .value = bytes()};
  }
  if (kept != 0) store(out + structure.unknown_tags, ErasedArray(tags, kept, false));
}

// In the low bits: an edge, a small number, or any.
std::uint64_t RandomMessages::number(unsigned bits) {
  const std::uint64_t top = std::uint64_t{1} << (bits - 1);
  switch (random_.below(8)) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return UINT64_MAX;
    case 3:
      return top;  // the smallest, if it has a sign
    case 4:
      return top - 1;
    case 5:
      return random_.below(1000);
    default:
      return random_.next();
  }
}

double RandomMessages::real() {
  using Limits = std::numeric_limits<double>;
  constexpr std::array kEdges = {0.0,
                                 -0.0,
                                 1.0,
                                 -0.1,
                                 1e21,
                                 Limits::max(),
                                 Limits::min(),
                                 Limits::denorm_min(),
                                 Limits::lowest(),
                                 Limits::infinity(),
                                 -Limits::infinity(),
                                 std::bit_cast<double>(0x7ff8000000000000)};
  if (random_.one_in(2)) return kEdges[random_.below(kEdges.size())];
  const auto any = std::bit_cast<double>(random_.next());
  return std::isnan(any) ? 0.5 : any;
}

Uuid RandomMessages::uuid() {
  if (random_.one_in(4)) return random_.one_in(2) ? kZeroUuid : kOneUuid;
  const std::uint64_t high = random_.next();
  return {high, random_.next()};
}

std::size_t RandomMessages::length() {
  if (random_.one_in(6)) return 0;
  if (shape_.large_values && !spent() && random_.one_in(40))
    return kEdgeLengths[random_.below(kEdgeLengths.size())];
  return random_.below(spent() ? 3 : 14);
}

std::size_t RandomMessages::element_count(const FieldInfo& field) {
  if (random_.one_in(5)) return 0;
  if (spent()) return 1;
  const bool small = field.kind != Kind::structure && field.kind != Kind::bytes && field.kind != Kind::string;
  if (small && shape_.large_values && random_.one_in(30)) return 126 + random_.below(4);
  return 1 + random_.below(shape_.most_elements);
}

Bytes RandomMessages::bytes() {
  const std::size_t size = length();
  std::byte* place = take(size);
  for (std::size_t i = 0; i < size; ++i) place[i] = static_cast<std::byte>(random_.next());
  return {place, size};
}

std::string_view RandomMessages::text() {
  std::size_t size = length();
  if (shape_.large_values && !spent() && random_.one_in(400)) size = kLongestText;
  auto* place = reinterpret_cast<char*>(take(size));
  for (std::size_t filled = 0; filled < size;) {
    std::string_view letter = kLetters[random_.one_in(3) ? random_.below(kLetters.size()) : 0];
    if (letter.size() > size - filled) letter = kLetters[0];
    std::copy(letter.begin(), letter.end(), place + filled);
    filled += letter.size();
  }
  return {place, size};
}

std::byte* RandomMessages::take(std::size_t size) {
  taken_ += size;
  void* place = arena_.allocate(size, alignof(std::max_align_t));
  OTTLA_INVARIANT(place != nullptr, "the budget is too small for a random message", size);
  return static_cast<std::byte*>(place);
}

}  // namespace ottla::protocol
