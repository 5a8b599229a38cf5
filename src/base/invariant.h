// Checks that stay in release builds: a broken invariant ends the process with what it saw.
//
// Use:    OTTLA_INVARIANT(base <= end, "segment out of order", base, end);
// Cost:   one predictable branch; operands are formatted only on failure.
// Errors: never for conditions that input, disk or peers can cause: those are Result<T>.
#pragma once

#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>

namespace ottla {

// Runs before the process aborts. A simulated world installs one that prints its seed and trace.
// Returns the hook that stood before.
using InvariantHook = void (*)(std::string_view report);
InvariantHook set_invariant_hook(InvariantHook hook);

namespace invariant_internal {

[[noreturn]] void fail(std::source_location where, const char* condition, std::string_view text,
                       std::string operands);

std::string show(bool value);
std::string show(long long value);
std::string show(unsigned long long value);
std::string show(double value);
std::string show(std::string_view value);
std::string show(const void* value);

template <typename T>
std::string show_any(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return show(value);
  } else if constexpr (std::is_enum_v<T>) {
    return show(static_cast<long long>(value));
  } else if constexpr (std::is_integral_v<T>) {
    if constexpr (std::is_signed_v<T>) return show(static_cast<long long>(value));
    return show(static_cast<unsigned long long>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    return show(static_cast<double>(value));
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return show(std::string_view(value));
  } else if constexpr (std::is_pointer_v<T>) {
    return show(static_cast<const void*>(value));
  } else if constexpr (requires { value.raw(); }) {
    return show_any(value.raw());
  } else {
    return value.to_string();
  }
}

template <typename... Operands>
[[noreturn, gnu::cold, gnu::noinline]] void fail_with(std::source_location where, const char* condition,
                                                      std::string_view text, const char* names,
                                                      const Operands&... operands) {
  std::string shown(names);
  const char* separator = " = ";
  ((shown += separator, shown += show_any(operands), separator = ", "), ...);
  fail(where, condition, text, std::move(shown));
}

}  // namespace invariant_internal
}  // namespace ottla

#define OTTLA_INVARIANT(condition, text, ...)                                                      \
  (static_cast<bool>(condition)                                                                    \
       ? static_cast<void>(0)                                                                      \
       : ::ottla::invariant_internal::fail_with(std::source_location::current(), #condition, text, \
                                                #__VA_ARGS__ __VA_OPT__(, ) __VA_ARGS__))
