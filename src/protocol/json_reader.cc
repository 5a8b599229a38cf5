#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/json_value.h"
#include "base/log_escape.h"
#include "base/result.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/json.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {
namespace {

// Deeper than any message.
constexpr std::size_t kDeepest = 24;

class MessageReader {
 public:
  MessageReader(std::int16_t version, Arena& arena) : version_(version), arena_(arena) {}

  // `out` has all defaults. False: see error().
  bool read(const StructureInfo& structure, const JsonValue& json, std::byte* out) {
    if (json.kind() != JsonKind::object) return expected("an object", json);
    for (const JsonValue& member : json) {
      if (!is_known(structure, member.name())) return unknown(member.name());
    }
    for (const FieldInfo& field : structure.fields) {
      if (!field.versions.contains(version_)) continue;
      const JsonValue* value = json.find(field.name);
      const bool done = value != nullptr ? field_value(field, *value, out + field.offset)
                                         : field.tagged.contains(version_) || missing();
      if (!done) {
        path_.note(field);
        return false;
      }
    }
    return true;
  }

  Error error(const MessageInfo& message) const {
    return {code_, fmt::format("{}: {} (version {})", path_.render(message.name), reason_, version_)};
  }

 private:
  bool fail(Errc code, std::string reason) {
    code_ = code;
    reason_ = std::move(reason);
    return false;
  }
  bool wrong(std::string reason) { return fail(Errc::invalid_argument, std::move(reason)); }
  bool expected(std::string_view what, const JsonValue& json) {
    return wrong(fmt::format("{} is expected, not {}", what, name_of(json.kind())));
  }
  bool missing() { return wrong("missing"); }
  bool unknown(std::string_view name) {
    constexpr std::size_t kShown = 40;
    std::string shown;
    append_escaped_text(shown, name.substr(0, kShown));
    return wrong(fmt::format("there is no field \"{}\"{}", shown, name.size() > kShown ? "…" : ""));
  }

  bool is_known(const StructureInfo& structure, std::string_view name) const {
    return std::ranges::any_of(structure.fields, [&](const FieldInfo& field) {
      return field.versions.contains(version_) && name == field.name;
    });
  }

  bool field_value(const FieldInfo& field, const JsonValue& json, std::byte* out) {
    if (json.is_null()) return null(field, out);
    if (field.is_array()) return array(field, json, out);
    if (field.kind == Kind::optional) return optional(field, json, out);
    return value(field, json, out);
  }

  bool null(const FieldInfo& field, std::byte* out) {
    if (!field.nullable.contains(version_)) return wrong("may not be null");
    if (field.is_array() || field.kind == Kind::bytes) {
      store(out, ErasedArray(nullptr, 0, true));
    } else if (field.kind == Kind::optional) {
      store(out, ErasedOptional(nullptr));
    } else if (field.kind == Kind::records) {
      store(out, Records(nullptr));
    } else {
      store(out, NullableText(nullptr));
    }
    return true;
  }

  bool array(const FieldInfo& field, const JsonValue& json, std::byte* out) {
    if (json.kind() != JsonKind::array) return expected("an array", json);
    if (json.size() > INT32_MAX) return wrong("too many elements");
    const bool structures = field.kind == Kind::structure;
    const std::size_t size = structures ? field.structure->size : element_size(field.kind);
    std::byte* elements = allocate(size * json.size());
    if (elements == nullptr) return false;
    std::byte* element = elements;
    for (const JsonValue& each : json) {
      if (structures) std::memcpy(element, field.structure->initial, size);
      if (!value(field, each, element)) {
        path_.note_index((element - elements) / static_cast<std::ptrdiff_t>(size));
        return false;
      }
      element += size;
    }
    store(out,
          ErasedArray(json.size() != 0 ? elements : nullptr, static_cast<std::uint32_t>(json.size()), false));
    return true;
  }

  bool optional(const FieldInfo& field, const JsonValue& json, std::byte* out) {
    std::byte* place = allocate(field.structure->size);
    if (place == nullptr) return false;
    std::memcpy(place, field.structure->initial, field.structure->size);
    store(out, ErasedOptional(place));
    return read(*field.structure, json, place);
  }

  bool value(const FieldInfo& field, const JsonValue& json, std::byte* out) {
    switch (field.kind) {
      case Kind::boolean:
        if (!json.boolean()) return expected("a boolean", json);
        return store(out, *json.boolean());
      case Kind::int8:
        return integer<std::int8_t>(json, out);
      case Kind::int16:
        return integer<std::int16_t>(json, out);
      case Kind::uint16:
        return integer<std::uint16_t>(json, out);
      case Kind::int32:
        return integer<std::int32_t>(json, out);
      case Kind::uint32:
        return integer<std::uint32_t>(json, out);
      case Kind::int64:
        return integer<std::int64_t>(json, out);
      case Kind::float64:
        return real(json, out);
      case Kind::uuid:
        return uuid(json, out);
      case Kind::string:
        if (!json.text()) return expected("a string", json);
        return store(out, *json.text());
      case Kind::nullable_string:
        if (!json.text()) return expected("a string", json);
        return store(out, NullableText(*json.text()));
      case Kind::bytes:
      case Kind::records:
        return bytes(field, json, out);
      case Kind::structure:
        return read(*field.structure, json, out);
      case Kind::optional:
        break;
    }
    return wrong("arrays of optional structures do not exist");
  }

  template <typename T>
  bool integer(const JsonValue& json, std::byte* out) {
    const std::optional<std::int64_t> number = json.integer();
    if (!number && !json.digits().empty()) return out_of_range<T>();
    if (!number) return expected("an integer", json);
    if (!std::in_range<T>(*number)) return out_of_range<T>();
    return store(out, static_cast<T>(*number));
  }
  template <typename T>
  bool out_of_range() {
    using Limits = std::numeric_limits<T>;
    return wrong(fmt::format("an integer from {} to {} is expected", Limits::min(), Limits::max()));
  }

  bool real(const JsonValue& json, std::byte* out) {
    using Limits = std::numeric_limits<double>;
    if (const auto number = json.real()) return store(out, *number);
    if (json.text() == "NaN") return store(out, Limits::quiet_NaN());
    if (json.text() == "Infinity") return store(out, Limits::infinity());
    if (json.text() == "-Infinity") return store(out, -Limits::infinity());
    return expected("a number", json);
  }

  bool uuid(const JsonValue& json, std::byte* out) {
    if (!json.text()) return expected("an identifier", json);
    const auto parsed = Uuid::parse(*json.text());
    if (!parsed.ok()) return wrong("an identifier of 22 characters is expected");
    return store(out, *parsed);
  }

  bool bytes(const FieldInfo& field, const JsonValue& json, std::byte* out) {
    if (!json.text()) return expected("base64", json);
    const auto decoded = base64_decode(*json.text(), Base64Alphabet::standard);
    if (!decoded.ok()) return wrong("not base64");
    const auto copied = arena_.copy(std::as_bytes(std::span(*decoded)));
    if (!copied.ok()) return spent();
    return field.kind == Kind::records ? store(out, Records(*copied)) : store(out, Bytes(*copied));
  }

  std::byte* allocate(std::size_t size) {
    void* place = arena_.allocate(size, alignof(std::max_align_t));
    if (place == nullptr) spent();
    return static_cast<std::byte*>(place);
  }
  bool spent() { return fail(Errc::out_of_budget, "no memory left in the budget"); }

  template <typename T>
  static bool store(std::byte* out, T value) {
    std::memcpy(out, &value, sizeof(T));
    return true;
  }

  const std::int16_t version_;
  Arena& arena_;
  FaultPath path_;
  Errc code_ = Errc::invalid_argument;
  std::string reason_;
};

}  // namespace

Result<> from_json(const MessageInfo& message, std::string_view text, std::int16_t version, Arena& arena,
                   void* out) {
  if (!message.versions.contains(version))
    return decode_error(message, version, {.fault = Fault::no_such_version}, {});
  const auto json = parse_json(text, arena, kDeepest);
  if (!json.ok()) {
    const Errc code = json.error().code() == Errc::too_large ? Errc::malformed : json.error().code();
    return Error(code, fmt::format("{}: {}", message.name, json.error().to_string()));
  }
  MessageReader reader(version, arena);
  std::memcpy(out, message.root->initial, message.root->size);
  if (!reader.read(*message.root, **json, static_cast<std::byte*>(out))) return reader.error(message);
  return {};
}

}  // namespace ottla::protocol
