#include "test/compare/ask/complete.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"
#include "base/json_value.h"
#include "protocol/json.h"

namespace ottla::node_compare {
namespace {

using protocol::FieldInfo;
using protocol::Kind;
using protocol::MessageInfo;
using protocol::StructureInfo;

void copy(JsonText& out, const JsonValue& value) {
  switch (value.kind()) {
    case JsonKind::null:
      return out.null();
    case JsonKind::boolean:
      return out.boolean(*value.boolean());
    case JsonKind::integer:
      return out.integer(*value.integer());
    case JsonKind::real:
      return out.raw(value.digits());
    case JsonKind::text:
      return out.text(*value.text());
    case JsonKind::array:
      out.begin_array();
      for (const JsonValue& element : value) copy(out, element);
      return out.end_array();
    case JsonKind::object:
      out.begin_object();
      for (const JsonValue& member : value) {
        out.key(member.name());
        copy(out, member);
      }
      return out.end_object();
  }
}

class Completer {
 public:
  Completer(const MessageInfo& message, std::int16_t version, Arena& arena)
      : message_(message), version_(version), arena_(arena) {}

  Result<> structure(JsonText& out, const StructureInfo& structure, const JsonValue& given) {
    if (given.kind() != JsonKind::object) {
      return Error(Errc::invalid_argument, fmt::format("{} wants an object", structure.name));
    }
    for (const JsonValue& member : given) {
      const auto known = [&](const FieldInfo& field) { return member.name() == field.name; };
      if (std::none_of(structure.fields.begin(), structure.fields.end(), known)) {
        return Error(Errc::invalid_argument,
                     fmt::format("{} has no field {}", structure.name, member.name()));
      }
    }
    OTTLA_TRY(const JsonValue* defaults, defaults_of(structure));
    out.begin_object();
    for (const FieldInfo& field : structure.fields) {
      if (!field.versions.contains(version_)) continue;
      const JsonValue* said = given.find(field.name);
      const JsonValue* otherwise = defaults->find(field.name);
      if (said == nullptr && otherwise == nullptr) continue;  // a tagged field
      out.key(field.name);
      if (said == nullptr) {
        copy(out, *otherwise);
      } else {
        OTTLA_CHECK(value(out, field, *said));
      }
    }
    out.end_object();
    return {};
  }

 private:
  Result<> value(JsonText& out, const FieldInfo& field, const JsonValue& said) {
    if (field.structure == nullptr || said.is_null()) {
      copy(out, said);
      return {};
    }
    if (!field.is_array()) return structure(out, *field.structure, said);
    if (said.kind() != JsonKind::array) {
      return Error(Errc::invalid_argument, fmt::format("{} wants an array", field.name));
    }
    out.begin_array();
    for (const JsonValue& element : said) OTTLA_CHECK(structure(out, *field.structure, element));
    out.end_array();
    return {};
  }

  Result<const JsonValue*> defaults_of(const StructureInfo& structure) {
    MessageInfo alone = message_;
    alone.root = &structure;
    std::string text;
    protocol::append_json(text, alone, version_, structure.initial, protocol::kWholeJson);
    return parse_json(text, arena_);
  }

  const MessageInfo& message_;
  const std::int16_t version_;
  Arena& arena_;
};

}  // namespace

Result<std::string> complete(const MessageInfo& message, std::string_view text, std::int16_t version,
                             Arena& arena) {
  OTTLA_TRY(const JsonValue* given, parse_json(text, arena));
  std::string whole;
  JsonText out(whole);
  OTTLA_CHECK(Completer(message, version, arena).structure(out, *message.root, *given));
  return whole;
}

}  // namespace ottla::node_compare
