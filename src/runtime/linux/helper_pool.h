// The real Helpers: a few threads for the disk, a few for computation, started when first needed.
//
// Concurrency: submit() from any shard. One queue a kind, first come, first served.
// Lifetime:    stop() after the last job ended and before it is destroyed.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/offload.h"

namespace ottla {

class HelperPool final : public Helpers {
 public:
  struct Sizes {
    std::size_t disk = 16;
    std::size_t compute = 2;
  };
  explicit HelperPool(Sizes sizes);
  ~HelperPool() override;

  void submit(HelperKind kind, HelperJob& job) override;
  void stop();

 private:
  struct Queue {
    std::mutex mutex;
    std::condition_variable arrived;
    HelperJob* first = nullptr;
    HelperJob* last = nullptr;
    std::size_t pending = 0;  // jobs that nobody took
    std::size_t idle = 0;     // threads that wait
    std::size_t limit = 0;
    bool stopping = false;
    std::vector<std::thread> threads;
  };
  static void serve(Queue& queue);

  std::array<Queue, 2> queues_;
};

}  // namespace ottla
