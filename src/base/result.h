// A value or the Error that stands in its place.
//
// Use:    Result<int> parse(...);   OTTLA_TRY(int n, parse(...));   OTTLA_CO_TRY in coroutines.
// Errors: value() and error() of the wrong side break an invariant.
// Why:    not std::variant, whose machinery was a tenth of all compiling, this being in every signature.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace ottla {

namespace result_internal {

[[noreturn, gnu::cold]] void no_value(const Error& error);
[[noreturn, gnu::cold]] void no_error();

}  // namespace result_internal

template <typename T = void>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T>, "return a pointer instead");

 public:
  using value_type = T;

  Result(T value) : ok_(true), value_(std::move(value)) {}
  Result(Error error) : ok_(false), error_(std::move(error)) {}
  Result(Errc code) : ok_(false), error_(code) {}
  // A value that converts to T, so that `return {};` and derived pointers work.
  template <typename U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Errc>)
  Result(U&& value) : ok_(true), value_(std::forward<U>(value)) {}

  Result(const Result& other)
    requires std::is_copy_constructible_v<T>
      : ok_(other.ok_) {
    if (ok_) {
      std::construct_at(&value_, other.value_);
    } else {
      std::construct_at(&error_, other.error_);
    }
  }
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : ok_(other.ok_) {
    if (ok_) {
      std::construct_at(&value_, std::move(other.value_));
    } else {
      std::construct_at(&error_, std::move(other.error_));
    }
  }
  Result& operator=(const Result& other)
    requires std::is_copy_constructible_v<T>
  {
    return *this = Result(other);
  }
  Result& operator=(Result&& other) noexcept {
    static_assert(std::is_nothrow_move_constructible_v<T>,
                  "a failed move would leave neither value nor error");
    if (this == &other) return *this;
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }
  ~Result() {
    if (ok_) {
      std::destroy_at(&value_);
    } else {
      std::destroy_at(&error_);
    }
  }

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    check_value();
    return value_;
  }
  const T& value() const& {
    check_value();
    return value_;
  }
  T&& value() && {
    check_value();
    return std::move(value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T value_or(T otherwise) && { return ok() ? std::move(*this).value() : std::move(otherwise); }

  const Error& error() const& {
    check_error();
    return error_;
  }
  Error&& error() && {
    check_error();
    return std::move(error_);
  }

 private:
  void check_value() const {
    if (!ok_) [[unlikely]]
      result_internal::no_value(error_);
  }
  void check_error() const {
    if (ok_) [[unlikely]]
      result_internal::no_error();
  }

  bool ok_;
  union {
    T value_;
    Error error_;
  };
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  Result(Errc code) : error_(code) {}

  bool ok() const { return error_.code() == kNone; }
  explicit operator bool() const { return ok(); }
  void value() const {
    if (!ok()) [[unlikely]]
      result_internal::no_value(error_);
  }

  const Error& error() const& {
    check_error();
    return error_;
  }
  Error&& error() && {
    check_error();
    return std::move(error_);
  }

 private:
  static constexpr Errc kNone{};  // no code that an error has

  void check_error() const {
    if (ok()) [[unlikely]]
      result_internal::no_error();
  }

  Error error_{kNone};
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
