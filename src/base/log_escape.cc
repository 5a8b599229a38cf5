#include "base/log_escape.h"

#include <array>
#include <cstddef>

namespace ottla {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

struct Decoded {
  char32_t code = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

// One UTF-8 sequence in its shortest form, without surrogates (RFC 3629).
Decoded decode_utf8(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return {};
  char32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

// Characters that move the cursor, end the line, or turn the direction of what follows.
bool disturbs_terminals(char32_t code) {
  return (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool plain(unsigned char c) {
  return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
}

void append_code(std::string& out, char32_t code) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(code >> static_cast<unsigned>(shift)) & 0xFU];
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
    case '\\':
      out += '\\';
      out += c;
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append_code(out, static_cast<unsigned char>(c));
  }
}

template <typename AppendBad>
void append_escaped(std::string& out, std::string_view bytes, AppendBad append_bad) {
  while (!bytes.empty()) {
    std::size_t clean = 0;
    while (clean < bytes.size() && plain(static_cast<unsigned char>(bytes[clean]))) ++clean;
    out.append(bytes.substr(0, clean));
    bytes.remove_prefix(clean);
    if (bytes.empty()) return;
    const auto [code, length] = decode_utf8(bytes);
    if (length == 0) {
      append_bad(static_cast<unsigned char>(bytes[0]));
    } else if (length == 1) {
      append_ascii(out, bytes[0]);
    } else if (disturbs_terminals(code)) {
      append_code(out, code);
    } else {
      out.append(bytes.substr(0, length));
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
}

}  // namespace

void append_escaped_text(std::string& out, std::string_view bytes) {
  append_escaped(out, bytes, [&](unsigned char bad) {
    out += "\\x";
    out += kHex[bad >> 4U];
    out += kHex[bad & 0xFU];
  });
}

void append_escaped_json(std::string& out, std::string_view bytes) {
  append_escaped(out, bytes, [&](unsigned char) { out += "\xEF\xBF\xBD"; });
}

}  // namespace ottla
