#include "sim/shard_home.h"

#include <string>
#include <utility>

#include "runtime/shard_idle.h"
#include "runtime/task_group.h"
#include "sim/incarnation.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

constexpr std::size_t kLogBufferBytes = 16 * 1024;

}  // namespace

ShardHome::ShardHome(Incarnation& process, std::uint32_t index, std::size_t shard_count, std::uint64_t seed)
    : process_(process),
      log_buffer_(kLogBufferBytes),
      log_(log_buffer_, process.log_levels(), *this, index),
      slept_(shard_idle(metrics_, ShardId(index))),
      network_(*this),
      files_(*this),
      helpers_(*this) {
  if (host().refit_files) refitted_files_ = host().refit_files(files_);
  Outside outside;
  outside.clock = this;
  outside.network = &network_;
  outside.files = refitted_files_ ? refitted_files_.get() : &files_;
  outside.helpers = &helpers_;
  outside.process = &process;
  outside.log = &log_;
  outside.metrics = &metrics_;
  outside.random_seed = seed;
  Waker& waker = *this;
  shard_ = std::make_unique<Shard>(ShardId(index), outside, waker, shard_count);
}

ShardHome::~ShardHome() {
  fall_silent();
}

Host& ShardHome::host() {
  return process_.host();
}

World& ShardHome::world() {
  return process_.host().world();
}

void ShardHome::step(Priority first) {
  const Shard::Scope scope(*shard_);
  if (process_.stopping()) shard_->root().request_cancel();
  shard_->poll();
  trace(TraceKind::resume, shard_->resumed_count(), static_cast<std::uint64_t>(shard_->priority()),
        [&] { return "#" + std::to_string(shard_->resumed_count() + 1); });
  shard_->run_one(first);
  shard_->flush_messages();
  if (log_buffer_.take_unannounced()) process_.drain_log();
  if (shard_->has_ready() || !shard_->prepare_to_sleep()) return;
  asleep_since_ = host().clock().monotonic(world().now());
  world().remove_runnable(*this);
  rearm_alarm();
}

void ShardHome::end_sleep() {
  const Duration slept = host().clock().monotonic(world().now()) - *std::exchange(asleep_since_, {});
  if (slept > Duration::zero()) slept_->add(static_cast<std::uint64_t>(slept.count()));
}

void ShardHome::make_runnable() {
  if (silent_ || host().paused()) return;
  SimEvent::cancel();
  if (asleep_since_) end_sleep();
  shard_->woke_up();
  world().add_runnable(*this);
}

void ShardHome::fall_silent() {
  silent_ = true;
  SimEvent::cancel();
  world().remove_runnable(*this);
}

void ShardHome::rearm_alarm() {
  const std::optional<Instant> deadline = shard_->next_deadline();
  if (!deadline) return SimEvent::cancel();
  const std::optional<Instant> when = host().clock().when(*deadline, world().now());
  if (!when) return SimEvent::cancel();
  world().events().schedule(*this, *when);
}

bool ShardHome::may_use_door(const char* what) {
  if (!process_.dead()) return true;
  world().violate(host().name() + ": a door was used after death: " + what);
  return false;
}

Instant ShardHome::monotonic() {
  world().pass(world().options().look_cost);
  return host().clock().monotonic(world().now());
}

WallTime ShardHome::wall() {
  world().pass(world().options().look_cost);
  return host().clock().wall(world().now());
}

}  // namespace ottla::sim
