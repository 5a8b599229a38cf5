#include "sim/disk_wait.h"

#include <algorithm>

#include "sim/host.h"
#include "sim/world.h"

namespace ottla::sim {

Instant disk_done(ShardHome& home, const Latency& latency) {
  World& world = home.world();
  Disk& disk = home.host().disk();
  Duration takes = latency.draw(disk.random());
  if (disk.trouble.slowness > 1) {
    takes *= disk.trouble.slowness;
    world.strikes().add(Strike::disk_slowed);
  }
  const Instant done = world.now() + takes;
  if (done >= disk.trouble.stalled_until) return done;
  world.strikes().add(Strike::disk_stalled);
  return disk.trouble.stalled_until;
}

void DiskWait::await_suspend(std::coroutine_handle<> waiting) {
  suspend(waiting, {});
  home_.world().events().schedule(*this, disk_done(home_, latency_));
}

void DiskWait::happen() {
  home_.enter([this] { grant(); });
}

}  // namespace ottla::sim
