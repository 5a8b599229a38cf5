#include "test/compare/ask/copied_json.h"

namespace ottla::node_compare {

void copy_json(JsonText& out, const JsonValue& value, const OtherWords& otherwise) {
  if (otherwise && otherwise(out, value)) return;
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
      for (const JsonValue& element : value) copy_json(out, element, otherwise);
      return out.end_array();
    case JsonKind::object:
      out.begin_object();
      for (const JsonValue& member : value) {
        out.key(member.name());
        copy_json(out, member, otherwise);
      }
      return out.end_object();
  }
}

}  // namespace ottla::node_compare
