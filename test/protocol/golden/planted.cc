#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/registry.h"
#include "protocol/schema.h"
#include "test/protocol/golden/parts.h"

namespace ottla::golden {
namespace {

// A message of ours with tables of its own, in which something can be made wrong.
class PlantedMessage {
 public:
  explicit PlantedMessage(std::string_view name)
      : message_(*protocol::find_message(name)), root_(*message_.root) {
    fields_.assign(root_.fields.begin(), root_.fields.end());
    const auto* initial = static_cast<const std::byte*>(root_.initial);
    initial_.assign(initial, initial + root_.size);
    root_.fields = fields_;
    root_.initial = initial_.data();
    message_.root = &root_;
    message_.hot = nullptr;
  }
  PlantedMessage(const PlantedMessage&) = delete;
  PlantedMessage& operator=(const PlantedMessage&) = delete;

  const protocol::MessageInfo& message() const { return message_; }
  protocol::FieldInfo& field(std::string_view name) {
    for (protocol::FieldInfo& each : fields_) {
      if (name == each.name) return each;
    }
    give_up(fmt::format("{} has no field {}", message_.name, name));
  }
  template <typename T>
  void set_default(std::string_view name, T value) {
    *reinterpret_cast<T*>(initial_.data() + field(name).offset) = value;
  }

 private:
  protocol::MessageInfo message_;
  protocol::StructureInfo root_;
  std::vector<protocol::FieldInfo> fields_;
  std::vector<std::byte> initial_;
};

using Compare = void (*)(const Choice&, Reference&, Report&);

struct Plant {
  std::string_view name;
  std::string_view message;
  void (*plant)(PlantedMessage&);
  std::vector<Compare> finders;
};

const std::vector<Plant>& plants() {
  static const std::vector<Plant> kPlants = {
      {.name = "nothing", .message = "HeartbeatRequest", .plant = [](PlantedMessage&) {}, .finders = {}},
      {.name = "two fields exchanged",
       .message = "HeartbeatRequest",
       .plant = [](PlantedMessage& m) { std::swap(m.field("groupId"), m.field("memberId")); },
       .finders = {compare_from_reference, compare_to_reference}},
      {.name = "another default",
       .message = "ApiVersionsResponse",
       .plant = [](PlantedMessage& m) { m.set_default<std::int64_t>("finalizedFeaturesEpoch", 0); },
       .finders = {compare_from_reference, compare_to_reference}},
      {.name = "another name",
       .message = "HeartbeatRequest",
       .plant = [](PlantedMessage& m) { m.field("memberId").name = "member"; },
       .finders = {compare_from_reference, compare_to_reference}},
      {.name = "nullable in one version more",
       .message = "MetadataRequest",
       .plant = [](PlantedMessage& m) { m.field("topics").nullable.first = 0; },
       .finders = {compare_single_fields, compare_to_reference}},
      {.name = "dropped where it must be refused",
       .message = "JoinGroupRequest",
       .plant =
           [](PlantedMessage& m) { m.field("groupInstanceId").flags |= protocol::FieldFlag::kIgnorable; },
       .finders = {compare_single_fields}},
  };
  return kPlants;
}

constexpr std::array<std::pair<Compare, std::string_view>, 3> kComparisons = {{
    {compare_single_fields, "one field"},
    {compare_from_reference, "from the reference"},
    {compare_to_reference, "to the reference"},
}};

bool finds(Compare compare, const PlantedMessage& planted, Reference& reference) {
  Report silent(Report::Voice::silent);
  Choice choice;
  choice.count = 60;
  choice.planted = &planted.message();
  compare(choice, reference, silent);
  return silent.failed_cases() != 0;
}

}  // namespace

void compare_planted(Reference& reference, Report& report) {
  report.begin("what is planted is found");
  for (const Plant& plant : plants()) {
    PlantedMessage planted(plant.message);
    plant.plant(planted);
    for (const auto& [compare, name] : kComparisons) {
      const bool should = std::ranges::find(plant.finders, compare) != plant.finders.end();
      if (!should && !plant.finders.empty()) continue;
      report.begin_case(fmt::format("{} in {}, {}", plant.name, plant.message, name));
      report.compared();
      if (finds(compare, planted, reference) != should)
        report.mismatch(should ? "not found" : "found where nothing is planted");
      report.end_case();
    }
  }
}

}  // namespace ottla::golden
