#include "base/log_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <variant>

#include "base/log_escape.h"

namespace ottla {
namespace {

constexpr std::string_view kRedacted = "[redacted]";

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), result.ptr);
}

void append_padded(std::string& out, std::uint64_t number, std::size_t width) {
  const std::size_t start = out.size();
  append_number(out, number);
  const std::size_t written = out.size() - start;
  if (written < width) out.insert(start, width - written, '0');
}

// 2026-11-21T12:00:00.000250Z
void append_time(std::string& out, std::int64_t time_ns) {
  using namespace std::chrono;
  const auto since_epoch = floor<microseconds>(nanoseconds(time_ns));
  const days day = floor<days>(since_epoch);
  const year_month_day date{sys_days(day)};
  const hh_mm_ss time(since_epoch - day);
  append_padded(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, static_cast<std::uint64_t>(time.hours().count()), 2);
  out += ':';
  append_padded(out, static_cast<std::uint64_t>(time.minutes().count()), 2);
  out += ':';
  append_padded(out, static_cast<std::uint64_t>(time.seconds().count()), 2);
  out += '.';
  append_padded(out, static_cast<std::uint64_t>(time.subseconds().count()), 6);
  out += 'Z';
}

void append_cut(std::string& out, std::uint32_t cut) {
  if (cut == 0) return;
  out += "…[";
  append_number(out, cut);
  out += " bytes cut]";
}

bool needs_quotes(std::string_view text) {
  return text.empty() || std::ranges::any_of(text, [](char c) {
           return c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\';
         });
}

class TextLine {
 public:
  explicit TextLine(std::string& out) : out_(out) {}

  void begin(const LogRecordHeader& header) {
    append_time(out_, header.time_ns);
    out_ += ' ';
    const std::string_view level = name_of(header.level);
    out_ += level;
    out_.append(level.size() < 5 ? 6 - level.size() : 1, ' ');
    out_ += header.module;
    out_ += ": ";
    append_escaped_text(out_, header.message);
  }
  void begin_fields() {}
  void key(std::string_view key) {
    out_ += ' ';
    out_ += key;
    out_ += '=';
  }
  void value(std::string_view text, std::uint32_t cut = 0) {
    const bool quoted = cut > 0 || needs_quotes(text);
    if (quoted) out_ += '"';
    append_escaped_text(out_, text);
    append_cut(out_, cut);
    if (quoted) out_ += '"';
  }
  void value(double number) { append_number(out_, number); }
  void end_fields() {}
  void end() { out_ += '\n'; }

 private:
  std::string& out_;
};

class JsonLine {
 public:
  explicit JsonLine(std::string& out) : out_(out) {}

  void begin(const LogRecordHeader& header) {
    out_ += "{\"time\":\"";
    append_time(out_, header.time_ns);
    out_ += '"';
    first_ = false;
    key("level");
    value(name_of(header.level));
    key("module");
    value(header.module);
    key("message");
    value(header.message);
  }
  // Fields have an object of their own, where no name is taken.
  void begin_fields() {
    key("fields");
    out_ += '{';
    first_ = true;
  }
  void key(std::string_view key) {
    out_ += first_ ? "\"" : ",\"";
    first_ = false;
    out_ += key;
    out_ += "\":";
  }
  void value(std::string_view text, std::uint32_t cut = 0) {
    out_ += '"';
    append_escaped_json(out_, text);
    append_cut(out_, cut);
    out_ += '"';
  }
  void value(double number) {
    // JSON has no word for these.
    if (std::isfinite(number)) {
      append_number(out_, number);
    } else {
      value(std::isnan(number) ? std::string_view("nan") : number > 0 ? "inf" : "-inf");
    }
  }
  void end_fields() {
    out_ += '}';
    first_ = false;
  }
  void end() { out_ += "}\n"; }

 private:
  std::string& out_;
  bool first_ = true;
};

template <typename Line>
void append_value(std::string& out, Line& line, const LogFieldView& field) {
  std::visit(
      [&]<typename T>(const T& value) {
        if constexpr (std::same_as<T, std::string_view>) {
          line.value(value, field.cut);
        } else if constexpr (std::same_as<T, double>) {
          line.value(value);
        } else if constexpr (std::same_as<T, bool>) {
          out += value ? "true" : "false";
        } else if constexpr (std::same_as<T, Redacted>) {
          line.value(kRedacted);
        } else {
          append_number(out, value);
        }
      },
      field.value);
}

template <typename Line>
void append_fields(std::string& out, Line& line, LogRecordView& record) {
  line.begin_fields();
  while (const std::optional<LogFieldView> field = record.next_field()) {
    line.key(field->key);
    append_value(out, line, *field);
  }
  line.end_fields();
}

template <typename Line>
void append_origin(std::string& out, Line& line, const LogRecordHeader& header) {
  const auto count = [&](std::string_view key, std::uint32_t number) {
    line.key(key);
    append_number(out, number);
  };
  count("shard", header.shard);
  if (header.suppressed > 0) count("suppressed", header.suppressed);
  if (header.fields_left_out > 0) count("fields_left_out", header.fields_left_out);
  line.key("at");
  std::string at(header.file);
  at += ':';
  append_number(at, header.line);
  line.value(at);
}

}  // namespace

void append_log_line(std::string& out, LogFormat format, LogRecordView record) {
  const LogRecordHeader header = record.header();
  if (format == LogFormat::text) {
    TextLine line(out);
    line.begin(header);
    append_fields(out, line, record);
    append_origin(out, line, header);
    line.end();
  } else {
    JsonLine line(out);
    line.begin(header);
    append_origin(out, line, header);
    append_fields(out, line, record);
    line.end();
  }
}

}  // namespace ottla
