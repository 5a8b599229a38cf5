// Several tasks at once: all of them, the first of them, or one of them and a deadline. All structured:
// nothing that was started still runs when these end.
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "runtime/sleep.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla {

namespace when_internal {

template <typename T>
using Filled = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <typename T>
Task<void> keep(Task<T> task, std::optional<Filled<T>>& slot) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(task);
    slot.emplace();
  } else {
    slot.emplace(co_await std::move(task));
  }
}

}  // namespace when_internal

// Runs them side by side and gives all results in order; void becomes std::monostate.
template <typename... T>
Task<std::tuple<when_internal::Filled<T>...>> when_all(Task<T>... tasks) {
  std::tuple<std::optional<when_internal::Filled<T>>...> slots;
  TaskGroup group;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (group.spawn(when_internal::keep<T>(std::move(tasks), std::get<I>(slots))), ...);
  }(std::index_sequence_for<T...>());
  co_await group.wait();
  co_return std::apply(
      [](auto&... slot) { return std::tuple<when_internal::Filled<T>...>(std::move(*slot)...); }, slots);
}

template <typename T>
Task<std::vector<when_internal::Filled<T>>> when_all(std::vector<Task<T>> tasks) {
  std::vector<std::optional<when_internal::Filled<T>>> slots(tasks.size());
  TaskGroup group;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    group.spawn(when_internal::keep<T>(std::move(tasks[i]), slots[i]));
  }
  co_await group.wait();
  std::vector<when_internal::Filled<T>> results;
  results.reserve(slots.size());
  for (auto& slot : slots) results.push_back(std::move(*slot));
  co_return results;
}

// Runs make(Cancel) of each; the first to end wins, the others are cancelled and awaited.
template <typename T>
struct FirstOf {
  std::size_t index;
  T value;
};
template <typename First, typename... Rest>
Task<FirstOf<Awaited<std::invoke_result_t<First&, Cancel>>>> when_any(Cancel parent, First first,
                                                                      Rest... rest) {
  using T = Awaited<std::invoke_result_t<First&, Cancel>>;
  std::optional<FirstOf<T>> winner;
  TaskGroup group(parent);
  const auto race = [&winner, &group](auto& make, std::size_t index) -> Task<void> {
    T value = co_await make(group.cancel_token());
    if (winner) co_return;
    winner.emplace(FirstOf<T>{index, std::move(value)});
    group.request_cancel();
  };
  std::size_t index = 0;
  group.spawn(race(first, index++));
  (group.spawn(race(rest, index++)), ...);
  co_await group.wait();
  co_return std::move(*winner);
}

// Runs make(Cancel) -> Task<Result<T>>; Errc::timed_out when the deadline ended it.
template <typename F>
std::invoke_result_t<F&, Cancel> with_deadline(Instant deadline, Cancel parent, F make) {
  struct Alarm final : Timer {
    explicit Alarm(Cancel cancel) : source(cancel) {}
    void on_timer() override {
      rang = true;
      source.request();
    }
    CancelSource source;
    bool rang = false;
  };
  Alarm alarm(parent);
  Shard::current().timers().arm(alarm, deadline);
  auto result = co_await make(alarm.source.token());
  if (!result.ok() && alarm.rang && result.error() == Errc::cancelled && !parent.requested()) {
    co_return Errc::timed_out;
  }
  co_return result;
}
template <typename F>
std::invoke_result_t<F&, Cancel> with_timeout(Duration timeout, Cancel parent, F make) {
  return with_deadline(Shard::current().exact_now() + timeout, parent, std::move(make));
}

}  // namespace ottla
