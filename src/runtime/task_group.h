// Owns spawned tasks: a gate (who may still come in), a way to cancel them, and a wait until all are gone.
//
// Lifetime:    outlives its tasks: stop() or wait() must have finished before it is destroyed. Only on a
// killed
//              shard does the destructor destroy what still runs.
// Concurrency: confined to one shard.
// Errors:      tasks return void; one that throws breaks an invariant and is named by where it was spawned.
#pragma once

#include <source_location>
#include <string>
#include <utility>

#include "base/intrusive_list.h"
#include "runtime/cancel.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/waiter.h"

namespace ottla {

class TaskGroup {
 public:
  // Cancelled when `parent` is.
  explicit TaskGroup(Cancel parent = {}) : source_(parent) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  // Runs `task` from the next slice on. The group must be open.
  void spawn(Task<void> task, std::source_location where = std::source_location::current()) {
    start(run_task(std::move(task)), where);
  }
  // `make(Cancel)` gives the task; the group keeps `make` (a lambda and its captures) alive as long as it
  // runs.
  template <typename F>
    requires std::is_invocable_r_v<Task<void>, F&, Cancel>
  void spawn(F make, std::source_location where = std::source_location::current()) {
    start(run_made(std::move(make), source_.token()), where);
  }

  Cancel cancel_token() { return source_.token(); }
  void request_cancel() { source_.request(); }

  // No more spawns from now on; ends when the last task has ended.
  Task<void> wait();
  // Cancels, then waits.
  Task<void> stop();

  bool open() const { return open_; }
  bool empty() const { return roots_.empty(); }
  std::size_t count() const { return roots_.count(); }
  // Where each living task was spawned, a line each.
  std::string describe() const;

  // The shard was killed: destroys the frames of all tasks, newest last.
  void destroy_frames();

 private:
  // The outermost coroutine of a task: links itself into the group, destroys itself at its end.
  struct Root {
    struct promise_type;
    std::coroutine_handle<promise_type> frame;
  };
  struct RootLink : ListHook<struct RootTag> {
    Waiter start;
    TaskGroup* group = nullptr;
    std::source_location where;
    std::coroutine_handle<> frame;
  };

  static Root run_task(Task<void> task);
  template <typename F>
  static Root run_made(F make, Cancel cancel) {
    co_await make(cancel);
  }
  void start(Root root, std::source_location where);
  void finished();

  CancelSource source_;
  bool open_ = true;
  IntrusiveList<RootLink, RootTag> roots_;
  WaiterList idle_;  // waits until roots_ is empty
};

struct TaskGroup::Root::promise_type : task_internal::FrameAllocation, TaskGroup::RootLink {
  Root get_return_object() { return Root{std::coroutine_handle<promise_type>::from_promise(*this)}; }
  std::suspend_always initial_suspend() noexcept { return {}; }
  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<promise_type> finished) noexcept {
      TaskGroup* group = finished.promise().group;
      finished.destroy();  // leaves the group's list
      group->finished();
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  void return_void() {}
  void unhandled_exception() noexcept;
};

}  // namespace ottla
