// Task<T>: a coroutine that starts when it is awaited and hands its result to whoever awaited it.
//
// Lifetime:    the frame belongs to the Task object, and the Task to the frame that awaits it: destroying the
//              outermost frame destroys all beneath it. The frame of a spawned task belongs to its group.
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
#include <source_location>
#include <type_traits>
#include <utility>

#include "base/invariant.h"
#include "runtime/frame_pool.h"
#include "runtime/waiter.h"

namespace ottla {

template <typename T = void>
class Task;
class TaskGroup;

namespace task_internal {

struct FrameAllocation {
  static void* operator new(std::size_t size) {
    FramePool* pool = FramePool::current_or_null();
    return pool != nullptr ? pool->allocate(size) : FramePool::allocate_unpooled(size);
  }
  static void operator delete(void* frame, std::size_t size) {
    if (FramePool* pool = FramePool::current_or_null()) return pool->release(frame, size);
    FramePool::release_unpooled(frame, size);
  }
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
  bool has_failed() const { return exception_ != nullptr; }
  void rethrow_if_failed() {
    if (has_failed()) [[unlikely]]
      std::rethrow_exception(exception_);
  }

  std::coroutine_handle<> continuation_;  // set before the first resume

 private:
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

// What a task that nobody awaits has instead of an awaiter: its group (task_group.h).
struct Spawned : ListHook<struct SpawnedTag> {
  Waiter start;  // its handle is the task's frame
  TaskGroup* group = nullptr;
  std::source_location where;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      Promise& promise = finished.promise();
      return promise.spawned_ ? promise.end_spawned() : promise.continuation_;
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  Task<void> get_return_object();
  void return_void() {}
  void take() { rethrow_if_failed(); }

  Spawned& become_spawned() { return spawned_.emplace(); }

 private:
  // Destroys the frame and tells the group.
  std::coroutine_handle<> end_spawned() noexcept;
  [[noreturn]] void fail_spawned() noexcept;

  std::optional<Spawned> spawned_;  // in the frame, so that a spawn takes no memory beyond it
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
  friend TaskGroup;
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
