// controller_decisions --seed N --steps N --plant NAME FOLDER: writes FOLDER/script, what is asked of a controller and
// what else happens to it, and FOLDER/ours, what it answers and writes.

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex.h"
#include "controller/heartbeats.h"
#include "controller/leadership.h"
#include "controller/testing/random_cluster.h"
#include "controller/testing/test_cluster.h"
#include "metadata/config_resource.h"
#include "metadata/testing/random_records.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/json.h"
#include "protocol/messages/create_topics.h"
#include "protocol/record_codec.h"

namespace ottla::controller::testing {
namespace {

constexpr std::string_view kTopic = "__cluster_metadata";

std::string hex_of(const Result<Chain>& bytes) {
  const std::string text = metadata::text_of(bytes);
  return hex_encode(std::as_bytes(std::span(text.data(), text.size())));
}

std::string json_of(const Slice& value) {
  Budget budget("a record", std::size_t{1} << 22U);
  Arena arena(budget);
  const auto opened = protocol::open_metadata_record(kTopic, value.as_span());
  OTTLA_INVARIANT(opened.ok(), "a record cannot be opened", opened.error());
  const protocol::StructureInfo& structure = *opened->message->root;
  void* record = arena.allocate(structure.size, structure.alignment);
  std::memcpy(record, structure.initial, structure.size);
  const auto decoded =
      protocol::decode(*opened->message, {.bytes = opened->body, .version = opened->version}, &arena, record);
  OTTLA_INVARIANT(decoded.ok(), "a record cannot be read", decoded.error());
  std::string text = fmt::format("{} {} ", opened->message->name, opened->version);
  protocol::append_json(text, *opened->message, opened->version, record, protocol::kWholeJson);
  return text;
}

std::string json_of(const RecordList& records) {
  std::string text;
  for (const Slice& each : records.values()) text += "\t" + json_of(each);
  return text;
}

// " ID EPOCH" of the broker that the records fence: which of several silent ones comes first, is not told.
std::string fenced(const RecordList& records) {
  for (const Slice& value : records.values()) {
    const auto opened = protocol::open_metadata_record(kTopic, value.as_span());
    if (opened->message != &protocol::BrokerRegistrationChangeRecord::message()) continue;
    Budget budget("a record", std::size_t{1} << 20U);
    Arena arena(budget);
    protocol::BrokerRegistrationChangeRecord record;
    static_cast<void>(protocol::decode(*opened, arena, record));
    return fmt::format(" {} {}", record.broker_id, record.broker_epoch);
  }
  return "";
}

class Script final : public ClusterObserver {
 public:
  void asked(const ControllerApi& api, std::int16_t version, const void* request, const void* response,
             const RecordList& records) override {
    const protocol::ApiInfo& info = *protocol::find_api(static_cast<std::int16_t>(api.key));
    const protocol::Encodable part(*info.request, request, version);
    std::string line = fmt::format("ask {} {} {}", static_cast<int>(api.key), version,
                                   hex_of(protocol::encode(std::span(&part, 1), protocol::Prefix::none)));
    if (api.key == protocol::ApiKey::create_topics) {
      for (const auto& topic : static_cast<const protocol::CreateTopicsResponse*>(response)->topics) {
        if (topic.error_code == 0)
          line += fmt::format(" {}={}", std::string_view(topic.name), topic.topic_id.to_string());
      }
    }
    std::string outcome;
    protocol::append_json(outcome, *info.response, version, response, protocol::kWholeJson);
    if (const std::size_t place = outcome.find("isFenced\":true");
        wrong_answers && place != std::string::npos) {
      outcome.replace(place, 14, "isFenced\":false");
    }
    step(std::move(line), outcome + json_of(records));
  }
  void ran(bool (*task)(const State&, Call&), const RecordList& records) override {
    std::string name = task == &elect_preferred_leaders ? "preferred" : "unclean";
    if (task == &fence_silent_broker) name = "silence" + fenced(records);
    step("task " + name, "done" + json_of(records));
  }
  void passed(Duration time) override { step(fmt::format("pass {}", time.count()), "ok"); }
  void had(const RecordList& records) override {
    std::string line = "record";
    for (const Slice& each : records.values()) line += " " + hex_encode(each.as_span());
    step(std::move(line), "ok");
  }
  void step(std::string what, std::string outcome) {
    steps.push_back(std::move(what));
    outcomes.push_back(std::move(outcome));
  }

  std::vector<std::string> steps;
  std::vector<std::string> outcomes;
  bool wrong_answers = false;  // a bug, too
};

struct Kind {
  metadata::MetadataVersion version;
  bool elr;
};
constexpr Kind kKinds[] = {{metadata::kLatestMetadataVersion, true},
                           {metadata::kLatestMetadataVersion, false},
                           {metadata::MetadataVersion::v4_0_iv3, true},
                           {metadata::MetadataVersion::v3_7_iv4, false},
                           {metadata::MetadataVersion::v3_3_iv3, false}};

// Bugs of ours that the comparison has to find, in what is written.
template <typename F>
void change_last(RecordList& records, F&& change) {
  if (records.empty()) return;
  const Slice value = records.values().back();
  const auto opened = protocol::open_metadata_record(kTopic, value.as_span());
  if (opened->message != &protocol::PartitionChangeRecord::message()) return;
  Budget budget("a record", std::size_t{1} << 20U);
  Arena arena(budget);
  protocol::PartitionChangeRecord record;
  static_cast<void>(protocol::decode(*opened, arena, record));
  records.truncate(records.size() - 1);
  if (change(record)) records.add(record, opened->version);
}

void plant(std::string_view name, TestCluster& cluster) {
  if (name == "none" || name == "answer") return;
  cluster.tamper = [name](RecordList& records) {
    change_last(records, [name](protocol::PartitionChangeRecord& record) {
      if (name == "recovery") record.leader_recovery_state = -1;
      if (name == "eligible") record.eligible_leader_replicas = protocol::Array<std::int32_t>::null();
      return name != "lost";
    });
  };
}

void write(const std::filesystem::path& file, const std::vector<std::string>& lines) {
  std::ofstream out(file, std::ios::binary);
  for (const std::string& line : lines) out << line << '\n';
}

// As the first controller of a cluster with eligible replicas writes it.
void have_min_insync(TestCluster& cluster) {
  protocol::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(metadata::ConfigResourceType::broker);
  record.resource_name = "";
  record.name = "min.insync.replicas";
  record.value = "1";
  cluster.have(record);
}

int main(std::span<char*> arguments) {
  std::uint64_t seed = 1;
  std::size_t steps = 2000;
  std::string_view planted = "none";
  std::filesystem::path folder;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (word == "--seed") {
      seed = std::strtoull(arguments[++i], nullptr, 10);
    } else if (word == "--steps") {
      steps = std::strtoull(arguments[++i], nullptr, 10);
    } else if (word == "--plant") {
      planted = arguments[++i];
    } else {
      folder = word;
    }
  }
  Script script;
  script.wrong_answers = planted == "answer";
  for (const Kind& kind : kKinds) {
    TestCluster cluster(
        {.version = kind.version, .elr = kind.elr, .seed = seed, .first_offset = Offset(100)});
    if (cluster.image().features.elr_enabled()) have_min_insync(cluster);
    script.step(fmt::format("start {} {} {}", level_of(kind.version), kind.elr, cluster.next_offset().raw()),
                "ok");
    cluster.observer = &script;
    plant(planted, cluster);
    cluster.on_violation = [](const std::string&) {};
    RandomCluster random(cluster, {.seed = seed, .as_the_reference = true});
    const std::size_t end = script.steps.size() + steps / std::size(kKinds);
    while (script.steps.size() < end) random.step();
  }
  write(folder / "script", script.steps);
  write(folder / "ours", script.outcomes);
  return 0;
}

}  // namespace
}  // namespace ottla::controller::testing

int main(int count, char** arguments) {
  return ottla::controller::testing::main({arguments, static_cast<std::size_t>(count)});
}
