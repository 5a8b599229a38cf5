#include "runtime/task_group.h"

#include <exception>

namespace ottla {
namespace {

std::string show(std::source_location where) {
  return std::string(where.file_name()) + ':' + std::to_string(where.line());
}

}  // namespace

std::coroutine_handle<> task_internal::Promise<void>::end_spawned() noexcept {
  if (has_failed()) [[unlikely]]
    fail_spawned();
  TaskGroup* group = spawned_->group;
  spawned_->start.handle.destroy();  // leaves the group's list
  group->finished();
  return std::noop_coroutine();
}

void task_internal::Promise<void>::fail_spawned() noexcept {
  std::string what = "unknown exception";
  try {
    rethrow_if_failed();
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
  }
  const std::string spawned = show(spawned_->where);
  OTTLA_INVARIANT(false, "a spawned task threw", what, spawned);
}

TaskGroup::~TaskGroup() {
  if (tasks_.empty()) return;
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(shard != nullptr && shard->killed(), "a task group died before its tasks", describe());
  destroy_frames();
}

void TaskGroup::destroy_frames() {
  // A frame leaves the list as it dies.
  while (!tasks_.empty()) tasks_.back().start.handle.destroy();
}

void TaskGroup::spawn(Task<void> task, std::source_location where) {
  Shard& here = Shard::current();
  if (here.killed()) return here.note_use_after_death();
  OTTLA_INVARIANT(open_, "spawn into a closed task group", show(where));
  OTTLA_INVARIANT(task.frame_, "spawn of a moved-from task", show(where));
  const auto frame = std::exchange(task.frame_, {});
  Spawned& spawned = frame.promise().become_spawned();
  spawned.group = this;
  spawned.where = where;
  spawned.start.handle = frame;
  spawned.start.priority = here.priority();
  tasks_.push_back(spawned);
  here.schedule(spawned.start);
}

void TaskGroup::finished() {
  if (!tasks_.empty()) return;
  while (!idle_.empty()) Shard::current().schedule(idle_.pop_front());
}

Task<void> TaskGroup::wait() {
  open_ = false;
  struct Idle {
    TaskGroup& group;
    Waiter waiter;
    bool await_ready() const { return group.tasks_.empty(); }
    void await_suspend(std::coroutine_handle<> handle) {
      waiter.handle = handle;
      waiter.priority = Shard::current().priority();
      group.idle_.push_back(waiter);
    }
    void await_resume() {}
  };
  co_await Idle{*this, {}};
}

Task<void> TaskGroup::stop() {
  request_cancel();
  co_await wait();
}

std::string TaskGroup::describe() const {
  std::string out;
  auto& tasks = const_cast<IntrusiveList<Spawned, task_internal::SpawnedTag>&>(tasks_);
  if (tasks.empty()) return out;
  for (Spawned* task = &tasks.front(); task != nullptr; task = tasks.next(*task)) {
    out += "  task spawned at " + show(task->where) + '\n';
  }
  return out;
}

}  // namespace ottla
