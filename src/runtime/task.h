// Task<T>: a coroutine that starts when it is awaited and hands its result to whoever awaited it.
//
// Lifetime:    the frame belongs to the Task object, and the Task to the frame that awaits it: destroying the
//              outermost frame destroys all beneath it.
// Concurrency: a Task runs on the shard that made it, from first to last line.
// Errors:      expected failures are Result<T> values; an exception travels to the awaiter.
// Rules:       only functions that suspend return a Task; parameters are taken by value; nothing is detached
//              (spawn into a TaskGroup).
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/invariant.h"

namespace ottla {

template <typename T = void>
class Task;

namespace task_internal {

void* allocate_frame(std::size_t size);
void release_frame(void* frame, std::size_t size);

struct FrameAllocation {
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) { release_frame(frame, size); }
};

class PromiseBase : public FrameAllocation {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      return finished.promise().continuation_;
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  void set_continuation(std::coroutine_handle<> continuation) { continuation_ = continuation; }

 protected:
  void rethrow_if_failed() {
    if (exception_) [[unlikely]]
      std::rethrow_exception(exception_);
  }

 private:
  std::coroutine_handle<> continuation_ = std::noop_coroutine();
  std::exception_ptr exception_;
};

template <typename T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object();
  template <typename U>
    requires std::is_convertible_v<U&&, T>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrow_if_failed();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() {}
  void take() { rethrow_if_failed(); }
};

}  // namespace task_internal

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::Promise<T>;
  using value_type = T;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  struct Awaiter {
    std::coroutine_handle<promise_type> frame;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
      frame.promise().set_continuation(awaiting);
      return frame;
    }
    T await_resume() { return frame.promise().take(); }
  };
  // The Task must outlive the await, which `co_await f()` and `co_await std::move(task)` both give.
  Awaiter operator co_await() && noexcept {
    OTTLA_INVARIANT(frame_, "await of a moved-from task");
    return Awaiter{frame_};
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

namespace task_internal {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

template <typename T>
struct IsTask : std::false_type {};
template <typename T>
struct IsTask<Task<T>> : std::true_type {};

}  // namespace task_internal

template <typename T>
concept AnyTask = task_internal::IsTask<std::remove_cvref_t<T>>::value;

// What a plain value, void or Task<T> gives once awaited.
template <typename T>
struct AwaitedType {
  using type = T;
};
template <typename T>
struct AwaitedType<Task<T>> {
  using type = T;
};
template <typename T>
using Awaited = typename AwaitedType<std::remove_cvref_t<T>>::type;

}  // namespace ottla
