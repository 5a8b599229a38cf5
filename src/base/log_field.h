// One key=value of a log line, typed, and cheap to make: it looks at its value and copies nothing.
//
// Use:      log.info("rolled segment", field("base_offset", offset), field("reason", error));
// Values:   integers, doubles, bools, strings, strong ids, enums with name_of(), Errors; anything with
//           to_string() and any callable are asked only if the line is written.
// Secrets:  field("password", redacted(password)) notes that a value was there; it is never read.
// Lifetime: ends with the statement that made it, like the value that it looks at.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/log_level.h"

namespace ottla {

// A literal of [a-z0-9_.]+, checked while compiling.
class LogKey {
 public:
  consteval LogKey(const char* key) : key_(key) {
    if (!is_log_word(key)) throw "a field's key is [a-z0-9_.]+, at most 64 long";
  }
  constexpr std::string_view text() const { return key_; }

 private:
  std::string_view key_;
};

struct Redacted {};
template <typename T>
constexpr Redacted redacted(const T&) {
  return {};
}

class LogValueTaker;

// A value that is asked for only when its line is written.
struct LogLazy {
  const void* source;
  void (*ask)(const void* source, LogValueTaker& taker);
};

using LogValue = std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view, const Error*,
                              Redacted, LogLazy>;

class LogValueTaker {
 public:
  virtual void take(const LogValue& value) = 0;

 protected:
  ~LogValueTaker() = default;
};

struct LogField {
  std::string_view key;
  LogValue value;
};

namespace log_internal {

template <typename T>
concept Named = std::is_enum_v<T> && requires(T value) {
  { name_of(value) } -> std::convertible_to<std::string_view>;
};
template <typename T>
concept Id = requires(const T& value) {
  { value.raw() } -> std::integral;
};
template <typename T>
concept Described = !Id<T> && !std::same_as<T, Error> && requires(const T& value) {
  { value.to_string() } -> std::convertible_to<std::string_view>;
};
template <typename T>
concept Direct = std::same_as<T, bool> || (std::integral<T> && !std::same_as<T, char>) ||
                 std::floating_point<T> || std::convertible_to<const T&, std::string_view> ||
                 std::same_as<T, Error> || std::same_as<T, Redacted> || Id<T> || Named<T>;

template <Direct T>
LogValue value_of(const T& value) {
  if constexpr (std::same_as<T, bool> || std::same_as<T, Redacted>) {
    return value;
  } else if constexpr (std::signed_integral<T>) {
    return std::int64_t{value};
  } else if constexpr (std::unsigned_integral<T>) {
    return std::uint64_t{value};
  } else if constexpr (std::floating_point<T>) {
    return static_cast<double>(value);
  } else if constexpr (std::same_as<T, Error>) {
    return &value;
  } else if constexpr (std::is_pointer_v<T>) {
    return value != nullptr ? std::string_view(value) : std::string_view("null");
  } else if constexpr (Id<T>) {
    return value_of(value.raw());
  } else if constexpr (Named<T>) {
    return std::string_view(name_of(value));
  } else {
    return std::string_view(value);
  }
}

template <typename T>
void ask(const void* source, LogValueTaker& taker) {
  const T& value = *static_cast<const T*>(source);
  if constexpr (std::invocable<const T&>) {
    const auto answer = value();
    taker.take(value_of(answer));
  } else {
    const std::string text(value.to_string());
    taker.take(std::string_view(text));
  }
}

}  // namespace log_internal

template <typename T>
  requires(log_internal::Direct<T> || log_internal::Described<T> || std::invocable<const T&>)
LogField field(LogKey key, [[clang::lifetimebound]] const T& value) {
  if constexpr (log_internal::Direct<T>) {
    return {key.text(), log_internal::value_of(value)};
  } else {
    return {key.text(), LogLazy{&value, log_internal::ask<T>}};
  }
}

// Arrays of char, literals above all.
template <std::size_t N>
LogField field(LogKey key, [[clang::lifetimebound]] const char (&value)[N]) {
  return {key.text(), std::string_view(static_cast<const char*>(value))};
}

}  // namespace ottla
