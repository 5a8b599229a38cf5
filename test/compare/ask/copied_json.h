// Writes parsed JSON again, with something else in the place of what a caller wants to say otherwise.
//
// Lifetime:    nothing is kept.
// Concurrency: pure.
#pragma once

#include <functional>

#include "base/json_text.h"
#include "base/json_value.h"

namespace ottla::node_compare {

// `otherwise` writes a value in its own words and says true, or leaves it alone.
using OtherWords = std::function<bool(JsonText& out, const JsonValue& value)>;

void copy_json(JsonText& out, const JsonValue& value, const OtherWords& otherwise = {});

}  // namespace ottla::node_compare
