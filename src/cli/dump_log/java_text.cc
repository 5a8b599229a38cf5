#include "cli/dump_log/java_text.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace ottla::cli {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Sequence {
  std::size_t size = 1;  // bytes that it takes; of a bad one: that one replacement stands for
  bool good = false;
};

// The sequence at the front of `bytes`, which are not empty (table 3-7 of the Unicode standard).
Sequence first_sequence(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned first = at(0);
  if (first < 0x80) return {.size = 1, .good = true};
  if (first < 0xC2 || first > 0xF4) return {};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  // The second byte is where overlong forms and what lies beyond Unicode show.
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < size; ++i) {
    if (i == bytes.size() || at(i) < (i == 1 ? low : 0x80) || at(i) > (i == 1 ? high : 0xBF)) {
      return {.size = i, .good = false};
    }
  }
  // Half a surrogate pair is read to its end, and then is no character.
  return {.size = size, .good = first != 0xED || at(1) < 0xA0};
}

}  // namespace

void append_java_text(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t clean = 0;
    while (clean < bytes.size() && static_cast<unsigned char>(bytes[clean]) < 0x80) ++clean;
    out += bytes.substr(0, clean);
    bytes.remove_prefix(clean);
    if (bytes.empty()) return;
    const Sequence sequence = first_sequence(bytes);
    out += sequence.good ? bytes.substr(0, sequence.size) : kReplacement;
    bytes.remove_prefix(sequence.size);
  }
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const Sequence sequence = first_sequence(bytes);
    if (!sequence.good) return false;
    bytes.remove_prefix(sequence.size);
  }
  return true;
}

}  // namespace ottla::cli
