// The words that HTTP is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ottla::http {

// Letters of ASCII in either case are the same; no other characters are.
bool same_without_case(std::string_view a, std::string_view b);
// Without spaces and tabs at both ends.
std::string_view without_blanks(std::string_view text);
// A name: of a method, a field, a transfer coding.
bool is_token(std::string_view text);
// What may stand in a field's value: printable ASCII, blanks, and bytes of other alphabets.
bool is_field_value(std::string_view text);
// What may stand in a request's target: printable ASCII without blanks.
bool is_target(std::string_view text);

// Nothing but digits of that base (10 or 16), and no larger than 64 bits hold.
std::optional<std::uint64_t> parse_number(std::string_view digits, int base);

}  // namespace ottla::http
