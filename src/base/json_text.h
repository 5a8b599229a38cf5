// Writes JSON (RFC 8259), compact or indented by two blanks as Java's usual printers do it.
//
// Use:         JsonText json(out, pretty);  json.begin_object();  json.key("epoch");  json.integer(7);
//              json.end_object();
// Lifetime:    appends to a text of the caller; refers to it.
// Invariants:  the output is valid UTF-8 whatever the texts hold: bad sequences show as U+FFFD
// Mistakes:    a key outside of an object, an end without its begin: what comes out is not JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ottla {

class JsonText {
 public:
  explicit JsonText(std::string& out, bool pretty = false) : out_(out), pretty_(pretty) {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void key(std::string_view name);

  void null();
  void boolean(bool value);
  void integer(std::int64_t value);
  // The shortest digits, in Java's form: 1.0, 0.001, 1.2E-4, 1.0E7. What JSON has no number for is a text: "NaN",
  // "Infinity", "-Infinity".
  void real(double value);
  void text(std::string_view value);
  // A value that is JSON already.
  void raw(std::string_view json) {
    separate();
    out_ += json;
  }

 private:
  void begin(char bracket);
  void end(char bracket);
  void new_line();
  // What stands before a value that is not a key's.
  void separate();

  std::string& out_;
  const bool pretty_;
  std::uint32_t open_ = 0;     // objects and arrays
  std::uint32_t objects_ = 0;  // of these: objects, which alone indent
  bool first_ = true;          // nothing stands in the innermost one yet
  bool after_key_ = false;     // the next value belongs to a key
};

}  // namespace ottla
