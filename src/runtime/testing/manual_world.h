// Shards on one thread, a clock that a test moves by hand, helpers that work at once, no other doors: what tests
// of the scheduler and of streams in memory need and no more.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/offload.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla {

class ManualWorld {
 public:
  explicit ManualWorld(std::size_t shard_count = 1) {
    for (std::size_t i = 0; i < shard_count; ++i) {
      Outside outside;
      outside.clock = &clock_;
      outside.helpers = &helpers_;
      outside.random_seed = i + 1;
      shards_.push_back(
          std::make_unique<Shard>(ShardId(static_cast<std::uint32_t>(i)), outside, waker_, shard_count));
    }
  }

  Shard& shard(std::size_t index = 0) { return *shards_[index]; }
  Instant now() const { return clock_.now; }

  // Runs everything that is ready on all shards; time stands still.
  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (auto& shard : shards_) {
        const Shard::Scope scope(*shard);
        shard->poll();
        while (shard->run_one()) busy = true;
        shard->flush_messages();
      }
      for (auto& shard : shards_) {
        const Shard::Scope scope(*shard);
        if (shard->poll()) busy = true;
      }
    }
  }
  void pass(Duration duration) {
    clock_.now += duration;
    settle();
  }
  // Resumes one coroutine, after taking in what became ready; false when nothing is.
  bool step(std::size_t index = 0) {
    const Shard::Scope scope(shard(index));
    shard(index).poll();
    const bool ran = shard(index).run_one();
    shard(index).flush_messages();
    return ran;
  }
  // `make()` gives the task, on the shard that will run it.
  template <typename F>
  void spawn(F make, std::size_t index = 0) {
    const Shard::Scope scope(shard(index));
    shard(index).root().spawn([](F inner) -> Task<void> { co_await inner(); }(std::move(make)));
  }
  // Runs `make()`'s task to its end, without time passing.
  template <typename F>
  void run(F make) {
    spawn(std::move(make));
    settle();
  }
  // From now on time passes by itself, so much at each look at the clock.
  void tick_on_every_look(Duration tick) { clock_.tick = tick; }
  void kill() {
    for (auto& shard : shards_) shard->go_inert();
    for (auto& shard : shards_) shard->destroy_frames();
  }

 private:
  struct ManualClock final : Clock {
    Instant now{std::chrono::seconds(1)};
    Duration tick{0};
    Instant monotonic() override { return now += tick; }
    WallTime wall() override { return WallTime(now.time_since_epoch()); }
  };
  struct NoWaker final : Waker {
    void wake() override {}
  };

  struct InlineHelpers final : Helpers {
    void submit(HelperKind, HelperJob& job) override {
      job.work();
      job.home->post(job);
    }
  };

  ManualClock clock_;
  InlineHelpers helpers_;
  NoWaker waker_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace ottla
