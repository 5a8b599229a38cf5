// Threads for what may block: directory work, fsync, cold reads, long cryptography. Results come back as
// messages.
//
// The simulated world runs the same jobs inline, after a virtual delay.
#pragma once

#include <coroutine>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "runtime/kept_result.h"
#include "runtime/shard.h"

namespace ottla {

// Disk and computation do not wait for each other.
enum class HelperKind : std::uint8_t { disk, compute };

// Lives in the frame that waits for it.
class HelperJob : public Message {
 public:
  // On a helper's thread: touches nothing of the shard.
  virtual void work() = 0;
  Shard* home = nullptr;          // nobody is told when it is null
  HelperJob* next_job = nullptr;  // for the queue that holds it

 protected:
  ~HelperJob() = default;
};

class Helpers {
 public:
  virtual ~Helpers() = default;
  // Runs job.work() elsewhere, then posts the job to job.home, if there is one.
  virtual void submit(HelperKind kind, HelperJob& job) = 0;
};

template <typename F>
class [[nodiscard]] OffloadAwaiter final : private HelperJob {
  using T = std::invoke_result_t<F&>;

 public:
  OffloadAwaiter(HelperKind kind, F fn) : kind_(kind), fn_(std::move(fn)) {}
  OffloadAwaiter(const OffloadAwaiter&) = delete;
  OffloadAwaiter& operator=(const OffloadAwaiter&) = delete;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    home = &Shard::current();
    waiter_.handle = waiting;
    waiter_.priority = home->priority();
    home->helpers().submit(kind_, *this);
  }
  T await_resume() { return result_.take(); }

 private:
  void work() override { result_.call(fn_); }
  void run(Shard& here) override { here.schedule(waiter_); }

  HelperKind kind_;
  F fn_;
  Waiter waiter_;
  KeptResult<T> result_;
};

// `co_await offload(HelperKind::disk, [] { ... })`. There is no way to abandon it.
template <typename F>
  requires std::is_invocable_v<F&>
OffloadAwaiter<F> offload(HelperKind kind, F fn) {
  return OffloadAwaiter<F>(kind, std::move(fn));
}

}  // namespace ottla
