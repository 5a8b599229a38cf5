// What goes over the pipes between the two ends: numbers big-endian, texts and bytes with their length in four
// bytes before them.
//
// Concurrency: one thread.
// Errors:      an answer that is shorter than it should be ends the program: the two ends disagree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ottla::golden {

using ByteView = std::span<const std::byte>;

inline ByteView as_view(std::string_view text) {
  return std::as_bytes(std::span(text));
}

[[noreturn]] void give_up(std::string_view why);

class Question {
 public:
  explicit Question(char letter) : bytes_(1, letter) {}

  Question& byte(std::uint8_t value) { return number(value, 1); }
  Question& int16(std::int16_t value) { return number(static_cast<std::uint64_t>(value), 2); }
  Question& int32(std::int32_t value) { return number(static_cast<std::uint64_t>(value), 4); }
  Question& int64(std::uint64_t value) { return number(value, 8); }
  Question& bytes(ByteView value);
  Question& text(std::string_view value) { return bytes(as_view(value)); }

  const std::string& contents() const { return bytes_; }

 private:
  Question& number(std::uint64_t value, unsigned size);

  std::string bytes_;
};

class Answer {
 public:
  explicit Answer(std::string bytes) : bytes_(std::move(bytes)) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  std::int16_t int16() { return static_cast<std::int16_t>(number(2)); }
  std::int32_t int32() { return static_cast<std::int32_t>(number(4)); }
  // Lives as long as the answer.
  ByteView bytes();
  std::string_view text();

 private:
  std::uint64_t number(std::size_t size);
  std::string_view take(std::size_t size);

  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace ottla::golden
