// The tables for people: docs/configuration.md, and what an error message says was expected.
#pragma once

#include <string>

#include "config/key.h"

namespace ottla::config {

// What a value of this key may be: "a whole number, 1 or more".
std::string expected_of(const Key& key);
// The rules beyond the type in the reference's notation: [1,...], [compact, delete]; empty when there are none.
std::string notation_of(const Validator& validator);

// The whole of docs/configuration.md.
std::string configuration_document();

}  // namespace ottla::config
