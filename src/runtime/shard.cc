#include "runtime/shard.h"

#include <utility>

#include "runtime/task_group.h"

namespace ottla {
namespace {

constexpr Duration kForegroundSlice = std::chrono::microseconds(500);
constexpr Duration kBackgroundSlice = std::chrono::microseconds(200);
constexpr int kResumesPerClockRead = 64;

// With a thousand connections the frame that comes next is cold: have it here when its turn comes. The waiter
// lies in the frame, behind its head; to look into the waiter for where the frame begins would be to wait.
void prefetch_frame_around(const Waiter& waiter) {
  const auto* place = reinterpret_cast<const char*>(&waiter);
  __builtin_prefetch(place);
  __builtin_prefetch(place - 64);
  __builtin_prefetch(place - 128);
}

}  // namespace

thread_local constinit Shard* Shard::current_ = nullptr;

Shard::Shard(ShardId id, Outside outside, Waker& waker, std::size_t shard_count)
    : id_(id),
      outside_(outside),
      waker_(&waker),
      random_(outside.random_seed),
      now_(outside.clock->monotonic()),
      slice_end_(now_),
      timers_(now_),
      outboxes_(shard_count),
      root_(std::make_unique<TaskGroup>()) {}

Shard::~Shard() {
  const Scope scope(*this);
  root_.reset();
}

void Shard::send(Shard& target, Message& message) {
  if (killed_) return note_use_after_death();
  Outbox& outbox = outboxes_[target.id_.raw()];
  message.next_ = nullptr;
  if (outbox.first == nullptr) {
    outbox.target = &target;
    outbox.first = &message;
  } else {
    outbox.last->next_ = &message;
  }
  outbox.last = &message;
  outbox_pending_ = true;
}

void Shard::flush_messages() {
  if (!outbox_pending_) return;
  outbox_pending_ = false;
  for (Outbox& outbox : outboxes_) {
    if (outbox.first == nullptr) continue;
    // The inbox is a stack: reversed here, so that one exchange and one reversal there restore the order.
    Message* reversed = nullptr;
    Message* const oldest = outbox.first;
    for (Message* message = outbox.first; message != nullptr;) {
      Message* next = message->next_;
      message->next_ = reversed;
      reversed = message;
      message = next;
    }
    Shard* target = outbox.target;
    outbox = Outbox{};
    target->post(*reversed, *oldest);
  }
}

void Shard::post(Message& first, Message& last) {
  Message* head = inbox_.load(std::memory_order_relaxed);
  do {
    last.next_ = head;
  } while (!inbox_.compare_exchange_weak(head, &first, std::memory_order_seq_cst, std::memory_order_relaxed));
  if (sleeping_.load(std::memory_order_seq_cst) && sleeping_.exchange(false, std::memory_order_seq_cst)) {
    waker_->wake();
  }
}

bool Shard::prepare_to_sleep() {
  sleeping_.store(true, std::memory_order_seq_cst);
  if (inbox_.load(std::memory_order_seq_cst) == nullptr) return true;
  sleeping_.store(false, std::memory_order_relaxed);
  return false;
}

bool Shard::drain_messages() {
  if (!has_messages()) return false;
  ++times_drained_;
  Message* newest = inbox_.exchange(nullptr, std::memory_order_acquire);
  Message* oldest = nullptr;
  while (newest != nullptr) {
    Message* next = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    Message* message = oldest;
    oldest = oldest->next_;
    message->run(*this);
  }
  return true;
}

bool Shard::poll() {
  now_ = outside_.clock->monotonic();
  timers_.advance(now_);
  drain_messages();
  return has_ready();
}

bool Shard::run_one(Priority first) {
  const auto wanted = static_cast<std::size_t>(first);
  WaiterList& queue = ready_[ready_[wanted].empty() ? 1 - wanted : wanted];
  if (queue.empty()) return false;
  Waiter& waiter = queue.pop_front();
  priority_ = waiter.priority;
  ++resumed_;
  waiter.handle.resume();
  priority_ = Priority::foreground;
  return true;
}

bool Shard::run_queue(Priority priority, Duration share) {
  WaiterList& queue = ready_[static_cast<std::size_t>(priority)];
  if (queue.empty()) return false;
  slice_end_ = outside_.clock->monotonic() + share;
  for (int resumes = 1; !queue.empty(); ++resumes) {
    ++resumed_;
    priority_ = priority;
    const std::coroutine_handle<> next = queue.pop_front().handle;
    if (!queue.empty()) prefetch_frame_around(queue.front());
    next.resume();
    if (resumes % kResumesPerClockRead == 0 && slice_spent()) break;
  }
  priority_ = Priority::foreground;
  return true;
}

void Shard::run_slice() {
  run_queue(Priority::foreground, kForegroundSlice);
  run_queue(Priority::background, kBackgroundSlice);
  flush_messages();
}

void Shard::go_inert() {
  killed_ = true;
  const auto abandon_all = [](Message* message) {
    while (message != nullptr) {
      Message* next = message->next_;
      message->abandon();
      message = next;
    }
  };
  abandon_all(inbox_.exchange(nullptr, std::memory_order_relaxed));
  for (Outbox& outbox : outboxes_) abandon_all(std::exchange(outbox, Outbox{}).first);
  outbox_pending_ = false;
}

void Shard::destroy_frames() {
  OTTLA_INVARIANT(killed_, "frames of a living shard are not to be destroyed", id_);
  const Scope scope(*this);
  root_->destroy_frames();
}

std::string Shard::leaks() {
  std::string out = root_->describe();
  const auto report = [&out](std::int64_t count, const char* what) {
    if (count != 0) out += "  " + std::to_string(count) + ' ' + what + '\n';
  };
  if (root_->empty()) report(frames_.live(), "coroutine frames alive");
  report(open_doors_.files, "files open");
  report(open_doors_.sockets, "sockets open");
  report(static_cast<std::int64_t>(timers_.armed_count()), "timers armed");
  return out;
}

}  // namespace ottla
