// What a call returned or threw, kept until whoever waits for it takes it.
//
// Concurrency: filled on one thread and taken on another; what hands it over orders the two.
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace ottla {

template <typename T>
class KeptResult {
  struct Nothing {};
  using Stored = std::conditional_t<std::is_void_v<T>, Nothing, T>;

 public:
  template <typename... Value>
  void set(Value&&... value) {
    value_.emplace(std::forward<Value>(value)...);
  }
  // With what is being thrown.
  void set_failure() { failure_ = std::current_exception(); }

  template <typename F>
  void call(F& fn) {
    try {
      if constexpr (std::is_void_v<T>) {
        fn();
        set();
      } else {
        set(fn());
      }
    } catch (...) {
      set_failure();
    }
  }

  // Once.
  T take() {
    if (failure_) std::rethrow_exception(failure_);
    if constexpr (!std::is_void_v<T>) return std::move(*value_);
  }

 private:
  std::optional<Stored> value_;
  std::exception_ptr failure_;
};

}  // namespace ottla
