// Owns spawned tasks: a gate (who may still come in), a way to cancel them, and a wait until all are gone.
//
// Lifetime:    outlives its tasks: stop() or wait() must have finished before it is destroyed. Only on a killed
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
  void spawn(Task<void> task, std::source_location where = std::source_location::current());
  // `make(Cancel)` gives the task; the group keeps `make` (a lambda and its captures) alive as long as it runs.
  template <typename F>
    requires std::is_invocable_r_v<Task<void>, F&, Cancel>
  void spawn(F make, std::source_location where = std::source_location::current()) {
    spawn(run_made(std::move(make), source_.token()), where);
  }

  Cancel cancel_token() { return source_.token(); }
  void request_cancel() { source_.request(); }

  // No more spawns from now on; ends when the last task has ended.
  Task<void> wait();
  // Cancels, then waits.
  Task<void> stop();

  bool open() const { return open_; }
  bool empty() const { return tasks_.empty(); }
  std::size_t count() const { return tasks_.count(); }
  // Where each living task was spawned, a line each.
  std::string describe() const;

  // The shard was killed: destroys the frames of all tasks, newest first: it may stand on others.
  void destroy_frames();

 private:
  friend class task_internal::Promise<void>;
  using Spawned = task_internal::Spawned;

  template <typename F>
  static Task<void> run_made(F make, Cancel cancel) {
    co_await make(cancel);
  }
  void finished();

  CancelSource source_;
  bool open_ = true;
  IntrusiveList<Spawned, task_internal::SpawnedTag> tasks_;
  WaiterList idle_;  // waits until tasks_ is empty
};

}  // namespace ottla
