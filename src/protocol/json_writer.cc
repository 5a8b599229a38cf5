#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/chain.h"
#include "base/json_text.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/encoder.h"
#include "protocol/fields.h"
#include "protocol/json.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {
namespace {

class MessageWriter {
 public:
  MessageWriter(std::string& out, std::int16_t version, JsonStyle style)
      : json_(out, style.layout == JsonLayout::pretty), version_(version), style_(style) {}

  void structure(const StructureInfo& structure, const std::byte* data) {
    json_.begin_object();
    for (const FieldInfo& field : structure.fields) {
      if (!field.versions.contains(version_)) continue;
      if (field.tagged.contains(version_) && is_initial(structure, field, data)) continue;
      member(field, data + field.offset);
    }
    json_.end_object();
  }

 private:
  void member(const FieldInfo& field, const std::byte* value) {
    if (field.has(FieldFlag::kSecret) && style_.secrets == JsonSecrets::redacted) {
      json_.key(field.name);
      json_.text("[redacted]");
    } else if (field.kind == Kind::records && !field.is_array()) {
      records(field, *reinterpret_cast<const Records*>(value));
    } else {
      json_.key(field.name);
      field_value(field, value);
    }
  }

  void field_value(const FieldInfo& field, const std::byte* value) {
    if (field.is_array()) {
      array(field, *reinterpret_cast<const ErasedArray*>(value));
    } else if (field.kind == Kind::optional) {
      const auto* present =
          static_cast<const std::byte*>(reinterpret_cast<const ErasedOptional*>(value)->erased());
      present == nullptr ? json_.null() : structure(*field.structure, present);
    } else {
      element(field, value);
    }
  }

  void array(const FieldInfo& field, const ErasedArray& array) {
    if (array.is_null()) return json_.null();
    const std::size_t stride =
        field.kind == Kind::structure ? field.structure->size : element_size(field.kind);
    const auto* each = static_cast<const std::byte*>(array.erased());
    json_.begin_array();
    for (std::uint32_t i = 0; i < array.size(); ++i, each += stride) element(field, each);
    json_.end_array();
  }

  void element(const FieldInfo& field, const std::byte* value) {
    switch (field.kind) {
      case Kind::boolean:
        return json_.boolean(*reinterpret_cast<const bool*>(value));
      case Kind::int8:
        return json_.integer(*reinterpret_cast<const std::int8_t*>(value));
      case Kind::int16:
        return json_.integer(*reinterpret_cast<const std::int16_t*>(value));
      case Kind::uint16:
        return json_.integer(*reinterpret_cast<const std::uint16_t*>(value));
      case Kind::int32:
        return json_.integer(*reinterpret_cast<const std::int32_t*>(value));
      case Kind::uint32:
        return json_.integer(*reinterpret_cast<const std::uint32_t*>(value));
      case Kind::int64:
        return json_.integer(*reinterpret_cast<const std::int64_t*>(value));
      case Kind::float64:
        return json_.real(*reinterpret_cast<const double*>(value));
      case Kind::uuid:
        return json_.text(reinterpret_cast<const Uuid*>(value)->to_string());
      case Kind::string:
        return json_.text(*reinterpret_cast<const std::string_view*>(value));
      case Kind::nullable_string: {
        const auto& text = *reinterpret_cast<const NullableText*>(value);
        return text.is_null() ? json_.null() : json_.text(*text);
      }
      case Kind::bytes: {
        const auto& bytes = *reinterpret_cast<const Bytes*>(value);
        return bytes.is_null() ? json_.null() : base64(bytes.as_span());
      }
      case Kind::structure:
        return structure(*field.structure, value);
      case Kind::records:
      case Kind::optional:
        return json_.null();  // written by their members; arrays of them do not exist
    }
  }

  void records(const FieldInfo& field, const Records& records) {
    if (style_.records == JsonRecords::size && !records.is_null()) {
      json_.key(fmt::format("{}SizeInBytes", field.name));
      return json_.integer(static_cast<std::int64_t>(records.size()));
    }
    json_.key(field.name);
    if (records.is_null()) return json_.null();
    if (records.chain() == nullptr) return base64(records.bytes());
    base64(records.chain()->clone().flatten().as_span());
  }

  void base64(std::span<const std::byte> bytes) {
    json_.text(base64_encode(bytes, Base64Alphabet::standard, Base64Padding::equals));
  }

  JsonText json_;
  const std::int16_t version_;
  const JsonStyle style_;
};

}  // namespace

void append_json(std::string& out, const MessageInfo& message, std::int16_t version, const void* data,
                 JsonStyle style) {
  MessageWriter(out, version, style).structure(*message.root, static_cast<const std::byte*>(data));
}

}  // namespace ottla::protocol
