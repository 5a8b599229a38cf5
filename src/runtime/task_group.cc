#include "runtime/task_group.h"

#include <exception>

namespace ottla {
namespace {

std::string show(std::source_location where) {
  return std::string(where.file_name()) + ':' + std::to_string(where.line());
}

}  // namespace

namespace task_internal {

void* allocate_frame(std::size_t size) {
  if (Shard* shard = Shard::current_or_null()) return shard->frames().allocate(size);
  return FramePool::allocate_unpooled(size);
}

void release_frame(void* frame, std::size_t size) {
  if (Shard* shard = Shard::current_or_null()) {
    shard->frames().release(frame, size);
  } else {
    FramePool::release_unpooled(frame, size);
  }
}

}  // namespace task_internal

void TaskGroup::Root::promise_type::unhandled_exception() noexcept {
  std::string what = "unknown exception";
  try {
    throw;
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
  }
  const std::string spawned = show(where);
  OTTLA_INVARIANT(false, "a spawned task threw", what, spawned);
}

TaskGroup::~TaskGroup() {
  if (roots_.empty()) return;
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(shard != nullptr && shard->killed(), "a task group died before its tasks", describe());
  destroy_frames();
}

void TaskGroup::destroy_frames() {
  while (!roots_.empty()) roots_.pop_front().frame.destroy();
}

TaskGroup::Root TaskGroup::run_task(Task<void> task) {
  co_await std::move(task);
}

void TaskGroup::start(Root root, std::source_location where) {
  if (Shard::current().killed()) {
    Shard::current().note_use_after_death();
    return root.frame.destroy();
  }
  OTTLA_INVARIANT(open_, "spawn into a closed task group", show(where));
  auto& link = root.frame.promise();
  link.group = this;
  link.where = where;
  link.frame = root.frame;
  link.start.handle = root.frame;
  link.start.priority = Shard::current().priority();
  roots_.push_back(link);
  Shard::current().schedule(link.start);
}

void TaskGroup::finished() {
  if (!roots_.empty()) return;
  while (!idle_.empty()) Shard::current().schedule(idle_.pop_front());
}

Task<void> TaskGroup::wait() {
  open_ = false;
  struct Idle {
    TaskGroup& group;
    Waiter waiter;
    bool await_ready() const { return group.roots_.empty(); }
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
  auto& roots = const_cast<IntrusiveList<RootLink, RootTag>&>(roots_);
  if (roots.empty()) return out;
  for (RootLink* link = &roots.front(); link != nullptr; link = roots.next(*link)) {
    out += "  task spawned at " + show(link->where) + '\n';
  }
  return out;
}

}  // namespace ottla
