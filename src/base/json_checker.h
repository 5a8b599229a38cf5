// Is this text one JSON value (RFC 8259) and nothing else? An oracle for tests and fuzzers of what writes
// JSON.
//
// Strict: UTF-8 in shortest form, no control characters in strings, no leading zeros, no white space between
// tokens
//         (ours writes none). It builds nothing; nesting is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ottla {

class JsonChecker {
 public:
  static bool valid(std::string_view text) {
    JsonChecker checker(text);
    return checker.value(0) && checker.rest_.empty();
  }

 private:
  explicit JsonChecker(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  unsigned char next() {
    if (rest_.empty()) return 0;  // no token holds a zero
    const auto byte = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    return byte;
  }

  bool value(int depth) {
    if (depth > 8) return false;
    if (take('{')) return take('}') || (members(depth) && take('}'));
    if (take('[')) return take(']') || (elements(depth) && take(']'));
    if (!rest_.empty() && rest_[0] == '"') return string();
    return take("true") || take("false") || take("null") || number();
  }
  bool members(int depth) {
    do {
      if (!string() || !take(':') || !value(depth + 1)) return false;
    } while (take(','));
    return true;
  }
  bool elements(int depth) {
    do {
      if (!value(depth + 1)) return false;
    } while (take(','));
    return true;
  }

  bool digits() {
    std::size_t count = 0;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; ++count) rest_.remove_prefix(1);
    return count > 0;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
  }

  bool string() {
    if (!take('"')) return false;
    while (!take('"')) {
      const unsigned char byte = next();
      if (byte < ' ') return false;
      if (byte == '\\' ? !escape() : byte >= 0x80 && !rest_of_character(byte)) return false;
    }
    return true;
  }
  bool escape() {
    const auto letter = static_cast<char>(next());
    if (letter != 'u') return std::string_view("\"\\/bfnrt").find(letter) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      if (std::string_view("0123456789abcdefABCDEF").find(static_cast<char>(next())) ==
          std::string_view::npos) {
        return false;
      }
    }
    return true;
  }
  // The bounds of each lead byte's second byte are those of RFC 3629's grammar.
  bool rest_of_character(unsigned char lead) {
    if (lead < 0xC2 || lead > 0xF4) return false;
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    const unsigned char second = next();
    if (second < low || second > high) return false;
    for (int more = lead >= 0xF0 ? 2 : lead >= 0xE0 ? 1 : 0; more > 0; --more) {
      if ((next() & 0xC0U) != 0x80U) return false;
    }
    return true;
  }

  std::string_view rest_;
};

}  // namespace ottla
