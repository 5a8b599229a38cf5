// metadata_images --seed N --steps N --plant NAME FOLDER: writes FOLDER/script, steps of which most are records, and
// what comes of each with us, FOLDER/ours.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "metadata/feature.h"
#include "metadata/image_tree.h"
#include "metadata/record_writer.h"
#include "metadata/replay.h"
#include "metadata/testing/random_records.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

constexpr std::string_view kPlants[] = {"none", "epoch", "elr", "directories", "config"};

std::string hex_of(std::string_view bytes) {
  return hex_encode(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

class Script {
 public:
  Script(std::uint64_t seed, std::string_view plant) : random_(seed), records_(seed), plant_(plant) {}

  void write(int count) {
    facts();
    while (static_cast<int>(steps.size()) < count) {
      const std::uint64_t kind = random_.below(100);
      if (kind < 85) {
        record();
      } else if (kind < 95) {
        batch();
      } else if (kind < 98) {
        snapshot();
      } else {
        step("tree",
             tree_text(image_, {.credentials_shown = true,
                                .config_shown = [](ConfigResourceType, std::string_view) { return true; }}));
      }
    }
  }

  std::vector<std::string> steps;
  std::vector<std::string> outcomes;

 private:
  void step(std::string what, std::string outcome) {
    steps.push_back(std::move(what));
    outcomes.push_back(std::move(outcome));
  }

  void facts();
  void record();
  void batch();
  void snapshot();
  bool planted(std::string_view name) const { return plant_ == name; }
  void spoil();

  protocol::RandomBits random_;
  RandomRecords records_;
  const std::string_view plant_;
  MetadataImage image_;
};

// What both know without any record.
void Script::facts() {
  for (const MetadataVersionInfo& each : all_metadata_versions()) {
    const MetadataVersion version = each.version;
    std::string features;
    for (const Feature& feature : all_features())
      features += fmt::format(" {}", feature.default_level(version));
    std::string changed;
    for (const MetadataVersionInfo& other : all_metadata_versions()) {
      changed += metadata_changed_between(version, other.version) ? '1' : '0';
    }
    const bool can[] = {has_migration_fields(version),           has_scram(version),
                        needs_epoch_bump_on_isr_shrink(version), has_transactions(version),
                        has_delegation_tokens(version),          has_controller_registration(version),
                        has_directory_assignment(version),       has_eligible_leader_replicas(version),
                        has_cordoned_directories(version),       has_cidr_acls(version),
                        has_controller_unregistration(version)};
    step(fmt::format("version {}", level_of(version)),
         fmt::format("{} {} {} {} {} {} {}{} {} {}", each.name, each.release,
                     register_broker_record_version(version), partition_record_version(version),
                     partition_change_record_version(version), fetch_request_version(version),
                     list_offsets_request_version(version), features, fmt::join(can, " "), changed));
  }
  for (const Feature& feature : all_features()) {
    for (std::int16_t level = -1; level < 4; ++level) {
      for (const MetadataVersion version : {kOldestMetadataVersion, kLatestMetadataVersion}) {
        const Result<> checked = feature.check(level, version);
        step(fmt::format("feature {} {} {}", feature.name, level, level_of(version)),
             checked.ok() ? "ok" : std::string(checked.error().text()));
      }
    }
  }
  for (const std::string_view text : {"3.3", "3.7", "4.4", "4.4.1", "4.4-IV0", "4.5", "4.5-IV0", "3.0-IV1",
                                      "4", "4.4.", "x", "3.9.0-IV0"}) {
    for (const bool unstable : {false, true}) {
      const Result<MetadataVersion> parsed = parse_metadata_version(text, unstable);
      step(fmt::format("parse {} {}", text, unstable),
           parsed.ok() ? std::string(name_of(*parsed)) : std::string(parsed.error().text()));
    }
  }
}

void Script::record() {
  const std::string record = records_.next(image_);
  const std::string error = replay_encoded(image_, record);
  step(fmt::format("records {}", hex_of(record)), error.empty() ? "ok" : "refused");
  spoil();
}

// A bug on our side, which the comparison has to find.
void Script::spoil() {
  if (image_.topics.by_id.empty()) return;
  const TopicImage& topic = image_.topics.by_id.begin()->second;
  if (topic.partitions.empty()) return;
  const auto& [index, partition] = *topic.partitions.begin();
  PartitionFields fields = partition->fields();
  std::vector<Uuid> reversed(fields.directories.rbegin(), fields.directories.rend());
  if (planted("epoch") && steps.size() % 64 == 0) fields.partition_epoch ^= 1;
  if (planted("elr")) fields.last_known_elr = {};
  if (planted("directories")) fields.directories = reversed;
  if (planted("config") && !image_.configs.empty())
    image_.configs.erase(ConfigResourceView(image_.configs.begin()->first));
  const PartitionRef spoilt = Partition::make(fields);
  if (!(*spoilt == *partition))
    image_.topics.by_id.edit(Uuid(topic.id))->partitions.set(PartitionId(index), spoilt);
}

// Several records that become one image at once. Left out is where the reference's answer depends on what else is in
// the batch: topics and credentials that go.
void Script::batch() {
  std::string line = "records";
  const std::uint64_t count = 2 + random_.below(20);
  for (std::uint64_t each = 0; each < count; ++each) {
    const std::string record = records_.next(image_);
    const auto type = static_cast<unsigned char>(record[1]);
    if (type == 9 || type == 22) continue;
    if (replay_encoded(image_, record).empty()) line += ' ' + hex_of(record);
  }
  if (line != "records") step(line, "ok");
}

void Script::snapshot() {
  const auto all = all_metadata_versions();
  const MetadataVersion version =
      random_.one_in(2) ? kLatestMetadataVersion : all[random_.below(all.size())].version;
  const bool elr = has_eligible_leader_replicas(version) && !random_.one_in(4);
  std::vector<std::string> lost;
  std::vector<std::string> written;
  const WriterOptions options{.version = version, .elr_enabled = elr, .on_loss = [&](std::string_view what) {
                                lost.emplace_back(what);
                              }};
  const Result<> done = write_records(image_, options, [&](const protocol::Encodable& record) -> Result<> {
    written.push_back(hex_of(text_of(protocol::encode(std::span(&record, 1), protocol::Prefix::metadata))));
    return {};
  });
  OTTLA_INVARIANT(done.ok(), "an image cannot be written", done.error());
  std::ranges::sort(lost);
  std::ranges::sort(written);
  step(fmt::format("snapshot {} {}", level_of(version), elr),
       fmt::format("{} | {}", fmt::join(lost, ","), fmt::join(written, " ")));
}

void write(const std::filesystem::path& path, const std::vector<std::string>& lines) {
  std::ofstream file(path);
  for (const std::string& each : lines) file << each << '\n';
}

int main_with(const std::vector<std::string_view>& arguments) {
  std::uint64_t seed = 1;
  int steps = 3000;
  std::string_view plant = "none";
  std::filesystem::path folder;
  for (std::size_t each = 0; each < arguments.size(); ++each) {
    const bool has_value = each + 1 < arguments.size();
    if (arguments[each] == "--seed" && has_value) {
      seed = std::strtoull(arguments[++each].data(), nullptr, 10);
    } else if (arguments[each] == "--steps" && has_value) {
      steps = std::atoi(arguments[++each].data());
    } else if (arguments[each] == "--plant" && has_value) {
      plant = arguments[++each];
    } else {
      folder = arguments[each];
    }
  }
  if (folder.empty() || std::ranges::find(kPlants, plant) == std::end(kPlants)) {
    fmt::print(stderr, "usage: metadata_images [--seed N] [--steps N] [--plant NAME] FOLDER\n");
    return 2;
  }
  Script script(seed, plant);
  script.write(steps);
  write(folder / "script", script.steps);
  write(folder / "ours", script.outcomes);
  return 0;
}

}  // namespace
}  // namespace ottla::metadata

int main(int count, char** values) {
  return ottla::metadata::main_with(std::vector<std::string_view>(values + 1, values + count));
}
