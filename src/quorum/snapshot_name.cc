#include "quorum/snapshot_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text_lines.h"

namespace ottla::quorum {
namespace {

constexpr std::string_view kWhole = ".checkpoint";
constexpr std::string_view kPart = ".checkpoint.part";
constexpr std::string_view kDeleted = ".checkpoint.deleted";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kEpochDigits = 10;

std::string_view suffix_of(SnapshotStage stage) {
  switch (stage) {
    case SnapshotStage::part:
      return kPart;
    case SnapshotStage::deleted:
      return kDeleted;
    case SnapshotStage::whole:
      break;
  }
  return kWhole;
}

std::optional<SnapshotStage> stage_of(std::string_view name) {
  for (const SnapshotStage stage : {SnapshotStage::whole, SnapshotStage::part, SnapshotStage::deleted}) {
    if (name.ends_with(suffix_of(stage))) return stage;
  }
  return std::nullopt;
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string to_string(const SnapshotName& name) {
  return fmt::format("{:020}-{:010}{}", name.id.offset.raw(), name.id.epoch.raw(), suffix_of(name.stage));
}

Result<SnapshotName> parse_snapshot_name(std::string_view name) {
  const std::optional<SnapshotStage> stage = stage_of(name);
  if (!stage) return Errc::not_found;
  const std::string_view front = name.substr(0, name.size() - suffix_of(*stage).size());
  // The reference lets further characters follow in the name of one that is being written.
  const std::string_view id = front.substr(0, kOffsetDigits + 1 + kEpochDigits);
  const bool formed = id.size() == kOffsetDigits + 1 + kEpochDigits && id[kOffsetDigits] == '-' &&
                      (front.size() == id.size() || *stage == SnapshotStage::part);
  if (formed && all_digits(id.substr(0, kOffsetDigits)) && all_digits(id.substr(kOffsetDigits + 1))) {
    const std::optional<std::int64_t> offset = parse_int64(id.substr(0, kOffsetDigits));
    const std::optional<std::int32_t> epoch = parse_int32(id.substr(kOffsetDigits + 1));
    if (offset && epoch) return SnapshotName{{LeaderEpoch(*epoch), Offset(*offset)}, *stage};
  }
  if (front == "bootstrap" && *stage == SnapshotStage::whole) return Errc::not_found;
  return Error(Errc::malformed, "a file named " + shown(name) +
                                    ", which is called like a snapshot and has no offset and epoch in its "
                                    "name: move it out of the directory of the metadata log");
}

}  // namespace ottla::quorum
