#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "storage/format/leader_epoch_checkpoint.h"
#include "storage/leader_epochs.h"
#include "test/storage/states/script.h"

namespace ottla::storage::states {
namespace {

std::string shown(std::span<const EpochEntry> entries) {
  std::string text = "[";
  for (const EpochEntry& each : entries) text += fmt::format("{}@{} ", each.epoch.raw(), each.start.raw());
  return text + "]";
}

std::string shown(const std::optional<EpochEntry>& entry) {
  return entry ? fmt::format("{}@{}", entry->epoch.raw(), entry->start.raw()) : "none";
}

}  // namespace

void epoch_script(Script& script, Dice& dice, int steps, Plant plant) {
  LeaderEpochs epochs;
  script.add("epochs", "ready");
  const auto tell = [&](std::string step, const std::string& outcome) {
    script.add(std::move(step), outcome + " | " + shown(epochs.entries()));
  };
  for (int each = 0; each < steps; ++each) {
    const auto latest = epochs.latest();
    const std::int64_t last_epoch = latest ? latest->epoch.raw() : 0;
    const std::int64_t last_start = latest ? latest->start.raw() : 0;
    const LeaderEpoch epoch(
        static_cast<std::int32_t>(std::max<std::int64_t>(0, last_epoch + 4 - dice.below(8))));
    const Offset offset(std::max<std::int64_t>(0, last_start + 20 - dice.below(30)));
    const Offset other(std::max<std::int64_t>(0, last_start + 20 - dice.below(100)));
    switch (dice.below(9)) {
      case 0:
      case 1:
      case 2:
        epochs.assign(epoch, offset);
        tell(fmt::format("assign {} {}", epoch.raw(), offset.raw()),
             encode_leader_epochs(epochs.entries()).substr(2, 1));
        break;
      case 3: {
        const LeaderEpoch asked = dice.one_in(10) ? kUnknownLeaderEpoch : epoch;
        auto end = epochs.end_offset_for(asked, other);
        if (plant == Plant::epoch_end && end.epoch < asked) end.epoch = asked;
        tell(fmt::format("end {} {}", asked.raw(), other.raw()),
             fmt::format("{}@{}", end.epoch.raw(), end.end.raw()));
        break;
      }
      case 4: {
        const auto found = epochs.epoch_for(other);
        tell(fmt::format("epoch {}", other.raw()), found ? found->to_string() : "none");
        break;
      }
      case 5:
        tell(fmt::format("near {}", epoch.raw()),
             shown(epochs.previous(epoch)) + " " + shown(epochs.find(epoch)) + " " +
                 (epochs.next(epoch) ? epochs.next(epoch)->epoch.to_string() : "none") + " " +
                 shown(epochs.earliest()) + " " + shown(epochs.latest()));
        break;
      case 6:
        tell(fmt::format("between {} {}", other.raw(), offset.raw()),
             shown(epochs.entries_between(other, offset)));
        break;
      case 7:
        epochs.truncate_from_end(offset);
        tell(fmt::format("cut_end {}", offset.raw()), "done");
        break;
      default:
        epochs.truncate_from_start(other);
        tell(fmt::format("cut_start {}", other.raw()), "done");
    }
  }
}

}  // namespace ottla::storage::states
