#include "runtime/linux/helper_pool.h"

#include <signal.h>

namespace ottla {

HelperPool::HelperPool(Sizes sizes) {
  queues_[static_cast<std::size_t>(HelperKind::disk)].limit = sizes.disk;
  queues_[static_cast<std::size_t>(HelperKind::compute)].limit = sizes.compute;
}

HelperPool::~HelperPool() {
  stop();
}

void HelperPool::submit(HelperKind kind, HelperJob& job) {
  Queue& queue = queues_[static_cast<std::size_t>(kind)];
  job.next_job = nullptr;
  bool someone_sleeps = false;
  {
    const std::lock_guard lock(queue.mutex);
    OTTLA_INVARIANT(!queue.stopping, "a job came after the helpers stopped");
    (queue.first == nullptr ? queue.first : queue.last->next_job) = &job;
    queue.last = &job;
    ++queue.pending;
    if (queue.pending > queue.idle && queue.threads.size() < queue.limit) {
      queue.threads.emplace_back([&queue] { serve(queue); });
    }
    someone_sleeps = queue.idle > 0;
  }
  if (someone_sleeps) queue.arrived.notify_one();  // after the unlock, so that it does not wake into a wait
}

void HelperPool::serve(Queue& queue) {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the first shard's affair
  std::unique_lock lock(queue.mutex);
  for (;;) {
    if (HelperJob* job = queue.first) {
      queue.first = job->next_job;
      --queue.pending;
      lock.unlock();
      job->work();
      if (Shard* home = job->home) home->post(*job);  // the job may be gone from here on
      lock.lock();
      continue;
    }
    if (queue.stopping) return;
    ++queue.idle;
    queue.arrived.wait(lock, [&queue] { return queue.first != nullptr || queue.stopping; });
    --queue.idle;
  }
}

void HelperPool::stop() {
  for (Queue& queue : queues_) {
    {
      const std::lock_guard lock(queue.mutex);
      queue.stopping = true;
    }
    queue.arrived.notify_all();
    for (std::thread& thread : queue.threads) thread.join();
    queue.threads.clear();
  }
}

}  // namespace ottla
