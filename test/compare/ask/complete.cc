#include "test/compare/ask/complete.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>

#include "base/base64.h"
#include "base/json_text.h"
#include "base/json_value.h"
#include "protocol/json.h"
#include "test/compare/ask/batch_text.h"
#include "test/compare/ask/copied_json.h"

namespace ottla::node_compare {
namespace {

using protocol::FieldInfo;
using protocol::Kind;
using protocol::MessageInfo;
using protocol::StructureInfo;

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
        copy_json(out, *otherwise);
      } else {
        OTTLA_CHECK(value(out, field, *said));
      }
    }
    out.end_object();
    return {};
  }

 private:
  Result<> value(JsonText& out, const FieldInfo& field, const JsonValue& said) {
    if (field.kind == Kind::records && said.text()) {
      OTTLA_TRY(const std::string bytes, batches_of(*said.text()));
      out.text(
          base64_encode(std::as_bytes(std::span(bytes)), Base64Alphabet::standard, Base64Padding::equals));
      return {};
    }
    if (field.structure == nullptr || said.is_null()) {
      copy_json(out, said);
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
