#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex.h"
#include "base/offset.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "storage/format/clean_shutdown.h"
#include "storage/format/directory_name.h"
#include "storage/format/file_name.h"
#include "storage/format/leader_epoch_checkpoint.h"
#include "storage/format/meta_properties.h"
#include "storage/format/offset_checkpoint.h"
#include "storage/format/partition_metadata.h"
#include "storage/format/producer_snapshot.h"
#include "test/storage/states/script.h"

namespace ottla::storage::states {
namespace {

constexpr std::string_view kRefused = "refused";

std::string hex_of(std::string_view text) {
  return hex_encode(std::as_bytes(std::span(text)));
}

std::string offsets(std::string_view text) {
  const auto parsed = parse_offset_checkpoint(OffsetCheckpoint::recovery_point, text, "f");
  if (!parsed.ok()) return std::string(kRefused);
  std::string out;
  for (const PartitionOffset& each : *parsed) {
    out += fmt::format("{}-{}={} ", each.partition.topic, each.partition.partition.raw(), each.offset.raw());
  }
  return out;
}

std::string epochs(std::string_view text) {
  const auto parsed = parse_leader_epochs(text, "f");
  if (!parsed.ok()) return std::string(kRefused);
  std::string out;
  for (const EpochEntry& each : *parsed) out += fmt::format("{}@{} ", each.epoch.raw(), each.start.raw());
  return out;
}

std::string metadata(std::string_view text) {
  const auto parsed = parse_partition_metadata(text, "f");
  return parsed.ok() ? parsed->to_string() : std::string(kRefused);
}

std::string properties(std::string_view text) {
  const auto parsed = parse_meta_properties(text, "f");
  if (!parsed.ok()) return std::string(kRefused);
  return fmt::format("{} {} {} {}", parsed->version,
                     parsed->cluster_id ? hex_of(*parsed->cluster_id) : "none",
                     parsed->node_id ? parsed->node_id->to_string() : "none",
                     parsed->directory_id ? parsed->directory_id->to_string() : "none");
}

std::string snapshot(std::string_view text) {
  auto reader = SnapshotReader::open(std::as_bytes(std::span(text)));
  if (!reader.ok()) return std::string(kRefused);
  std::string out;
  while (const auto each = reader->next()) {
    out +=
        fmt::format("{}:{},{},{} ", each->producer_id, each->epoch, each->coordinator_epoch, each->timestamp);
  }
  return out;
}

std::string directory(std::string_view text) {
  const auto parsed = parse_directory_name(text);
  if (!parsed.ok()) return std::string(kRefused);
  return fmt::format("{} {}", parsed->partition.topic, parsed->partition.partition.raw());
}

struct Kind {
  std::string_view name;
  std::string (*parse)(std::string_view);
  std::vector<std::string> whole;
  std::string_view letters;  // that mutations put in
};

std::vector<Kind> kinds() {
  SnapshotWriter writer(2);
  writer.add({.producer_id = 5, .epoch = 3, .last_sequence = 7, .last_offset = 9, .timestamp = 11});
  writer.add(
      {.producer_id = 6, .epoch = 0, .timestamp = 11, .coordinator_epoch = 2, .transaction_first_offset = 4});
  const Slice producers = std::move(writer).finish();
  constexpr Uuid kId(0x0123456789abcdef, 0xfedcba9876543210);
  const PartitionOffset partitions[] = {{{"a", PartitionId(0)}, Offset(17)},
                                        {{"b-c", PartitionId(12)}, Offset(0)}};
  const EpochEntry entries[] = {{LeaderEpoch(0), Offset(0)}, {LeaderEpoch(7), Offset(120)}};
  constexpr std::string_view kNumbers = " \t\n\r0123456789-+.ax";
  return {
      {"offsets", offsets, {encode_offset_checkpoint(partitions), "0\n0\n", "0"}, kNumbers},
      {"epochs", epochs, {encode_leader_epochs(entries)}, kNumbers},
      {"metadata", metadata, {encode_partition_metadata(kId)}, ": \t\n\r0123456789-+=_ax"},
      {"properties",
       properties,
       {encode_meta_properties(
            {.version = 1, .cluster_id = "x=y :\\z", .node_id = NodeId(3), .directory_id = kId}, 0),
        "version=0\nbroker.id=7\ncluster.id = \\u00e4\\ud83d\\ude00\\\n   more\n",
        "node.id:1\nversion 1\ncluster.id\tc\n"},
       "=:#! \t\n\r\f\\u0123456789abcdefnrt.-+"},
      {"snapshot", snapshot, {std::string(producers.as_string_view())}, "\x01\x02\x04\x08"},
      {"directory",
       directory,
       {directory_name({"a-b.c", PartitionId(12)}),
        directory_name({"top", PartitionId(3)}, DirectoryRole::deleted, kId),
        directory_name({"top", PartitionId(3)}, DirectoryRole::future, kId),
        directory_name({"t-1", PartitionId(0)}, DirectoryRole::stray, kId)},
       "-.0123456789abc+ "},
  };
}

std::string mutated(Dice& dice, const Kind& kind, std::string text) {
  for (std::int64_t changes = dice.below(4); changes > 0; --changes) {
    const auto at = static_cast<std::size_t>(dice.below(std::ssize(text) + 1));
    const char letter = kind.letters[static_cast<std::size_t>(dice.below(std::ssize(kind.letters)))];
    switch (dice.below(4)) {
      case 0:
        text.insert(at, 1, letter);
        break;
      case 1:
        text.erase(at, 1 + static_cast<std::size_t>(dice.below(3)));
        break;
      case 2:
        if (at < text.size()) text[at] = letter;
        break;
      default:
        if (dice.one_in(3)) text.resize(at);
    }
  }
  return text;
}

}  // namespace

void parse_script(Script& script, Dice& dice, int steps, Plant plant) {
  script.add("parsers", "ready");
  const std::vector<Kind> all = kinds();
  for (int each = 0; each < steps; ++each) {
    const Kind& kind = dice.pick(all);
    std::string text = mutated(dice, kind, dice.pick(kind.whole));
    if (text.empty() && kind.name == "directory") text = kind.whole.front();  // an empty name is none
    std::string outcome = kind.parse(text);
    if (plant == Plant::trailing_blank && text.ends_with(' ')) outcome = kRefused;
    script.add(fmt::format("parse {} {}", kind.name, hex_of(text)), outcome);
  }
}

}  // namespace ottla::storage::states
