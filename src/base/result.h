// A value or the Error that stands in its place.
//
// Use:    Result<int> parse(...);   OTTLA_TRY(int n, parse(...));   OTTLA_CO_TRY in coroutines.
// Errors: value() and error() of the wrong side break an invariant.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/invariant.h"

namespace ottla {

template <typename T = void>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T>, "return a pointer instead");

 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  Result(Errc code) : state_(std::in_place_index<1>, code) {}
  // A value that converts to T, so that `return {};` and derived pointers work.
  template <typename U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Errc>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    check_value();
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    check_value();
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    check_value();
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T value_or(T otherwise) && { return ok() ? std::move(*this).value() : std::move(otherwise); }

  const Error& error() const& {
    OTTLA_INVARIANT(!ok(), "error() of a success");
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    OTTLA_INVARIANT(!ok(), "error() of a success");
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  void check_value() const {
    OTTLA_INVARIANT(ok(), "value() of a failure", std::get_if<1>(&state_)->to_string());
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  Result(Errc code) : error_(Error(code)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { OTTLA_INVARIANT(ok(), "value() of a failure", error_->to_string()); }

  const Error& error() const& {
    OTTLA_INVARIANT(!ok(), "error() of a success");
    return *error_;
  }
  Error&& error() && {
    OTTLA_INVARIANT(!ok(), "error() of a success");
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace ottla

#define OTTLA_RESULT_CAT2(a, b) a##b
#define OTTLA_RESULT_CAT(a, b) OTTLA_RESULT_CAT2(a, b)
#define OTTLA_TRY_WITH(return_word, temporary, declaration, expression) \
  auto temporary = (expression);                                        \
  if (!temporary.ok()) [[unlikely]]                                     \
    return_word std::move(temporary).error();                           \
  declaration = std::move(temporary).value()
#define OTTLA_CHECK_WITH(return_word, expression)                              \
  do {                                                                         \
    if (auto checked_result = (expression); !checked_result.ok()) [[unlikely]] \
      return_word std::move(checked_result).error();                           \
  } while (false)

// Declare from a Result, or leave the function with its error.
#define OTTLA_TRY(declaration, ...) \
  OTTLA_TRY_WITH(return, OTTLA_RESULT_CAT(try_result_, __LINE__), declaration, (__VA_ARGS__))
#define OTTLA_CO_TRY(declaration, ...) \
  OTTLA_TRY_WITH(co_return, OTTLA_RESULT_CAT(try_result_, __LINE__), declaration, (__VA_ARGS__))
// The same for a Result whose value is not wanted.
#define OTTLA_CHECK(...) OTTLA_CHECK_WITH(return, (__VA_ARGS__))
#define OTTLA_CO_CHECK(...) OTTLA_CHECK_WITH(co_return, (__VA_ARGS__))
