#include "sim/simulated_jobs.h"

#include <utility>

#include "sim/world.h"

namespace ottla::sim {
namespace {

constexpr Latency kDelay{std::chrono::microseconds(20), std::chrono::microseconds(60),
                         std::chrono::milliseconds(5), 1000};

}  // namespace

void SimulatedHelpers::submit(HelperKind kind, HelperJob& job) {
  if (!home_.may_use_door("helpers")) return;
  if (free_.empty()) {
    runs_.push_back(std::make_unique<Run>(*this));
    free_.push_back(runs_.back().get());
  }
  Run* run = free_.back();
  free_.pop_back();
  run->job = &job;
  World& world = home_.world();
  world.schedule_in(*run, kDelay.draw(world.random()));
  home_.trace(TraceKind::helper, static_cast<std::uint64_t>(kind), 0, [] { return "is given a job"; });
}

void SimulatedHelpers::Run::happen() {
  HelperJob* done = std::exchange(job, nullptr);
  owner.free_.push_back(this);
  owner.home_.trace(TraceKind::helper, 0, 1, [] { return "has done its job"; });
  done->work();
  done->home->post(*done);
}

void SimulatedHelpers::abandon_all() {
  for (const auto& run : runs_) run->cancel();
}

}  // namespace ottla::sim
