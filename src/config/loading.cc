#include "config/loading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/document.h"
#include "config/key_table.h"
#include "config/node_rules.h"
#include "config/properties.h"
#include "config/protections.h"
#include "config/synonyms.h"
#include "config/value.h"
#include "config/value_check.h"

namespace ottla::config {
namespace {

constexpr std::size_t kMostGuesses = 50;
constexpr std::string_view kAutomatic = "auto";

// Where each key got its text.
using Origins = std::map<std::string, std::string, std::less<>>;

class Loading {
 public:
  explicit Loading(const StartTexts& texts) : given_(texts), texts_(texts.assumed) {}

  void take_file() {
    if (!given_.file) return;
    const auto properties = parse_properties(*given_.file, given_.path);
    if (!properties.ok()) return complain(std::string(properties.error().text()));
    for (const Property& each : *properties) {
      const auto before = origins_.find(each.key);
      if (before != origins_.end()) {
        warnings_.push_back(fmt::format("{} line {}: {} stands there twice; this line counts, not {}",
                                        given_.path, each.line, each.key, before->second));
      }
      set(each.key, each.value, fmt::format("{} line {}", given_.path, each.line));
    }
  }

  void take_environment() {
    if (!given_.environment_is_configuration) return;
    const auto properties = read_environment(given_.environment);
    if (!properties.ok()) return complain(std::string(properties.error().text()));
    for (const VariableProperty& each : *properties) {
      set(each.property.key, each.property.value, fmt::format("the variable {}", each.variable));
    }
  }

  void take_overrides() {
    for (const std::string& each : given_.overrides) {
      const std::size_t equals = each.find('=');
      if (equals == std::string::npos || equals == 0) {
        complain(fmt::format("-D {}: expected key=value", each));
      } else {
        set(each.substr(0, equals), each.substr(equals + 1), "-D");
      }
    }
  }

  void fill_placeholders(const ProviderDoor& door) {
    std::vector<Problem> problems;
    const Providers providers = Providers::configured(texts_, given_.environment, door, problems);
    if (!providers.empty()) {
      for (auto& [key, text] : texts_) text = providers.fill(key, text, problems);
    }
    for (const Problem& each : problems) complain_about(each);
  }

  Loaded finish() {
    Loaded loaded;
    advertise_by_themselves();
    populate_node_id(texts_);
    loaded.layers.fixed = texts_;
    std::vector<Problem> problems;
    loaded.config = NodeConfig::read(texts_, problems);
    const std::size_t values = problems.size();
    loaded.shape = NodeShape::of(loaded.config, problems);
    for (std::size_t each = 0; each < problems.size(); ++each) {
      // Listeners that nobody could read were complained about already.
      if (each < values || !told_about(problems[each].key)) complain_about(problems[each]);
    }
    take_rules(loaded, values > 0);
    look_for_strangers();
    if (given_.purpose == Purpose::start) look_for_what_is_not_built();
    loaded.errors = std::move(errors_);
    loaded.warnings = std::move(warnings_);
    return loaded;
  }

 private:
  void set(std::string_view key, std::string_view value, std::string origin) {
    texts_.insert_or_assign(std::string(key), std::string(value));
    origins_.insert_or_assign(std::string(key), std::move(origin));
  }

  void complain(std::string text) { errors_.push_back(std::move(text)); }

  // Ours: each client is told the address that it dialled, which is what happens when nothing is said.
  void advertise_by_themselves() {
    const auto said = texts_.find("advertised.listeners");
    if (said != texts_.end() && said->second == kAutomatic) texts_.erase(said);
  }

  bool told_about(std::string_view key) const { return std::ranges::find(told_, key) != told_.end(); }

  // With the place, and what was expected.
  void complain_about(const Problem& problem) {
    told_.push_back(problem.key);
    const auto origin = origins_.find(problem.key);
    const std::string_view where =
        origin == origins_.end() ? "configuration" : std::string_view(origin->second);
    const Key* key = find_key(Scope::node, problem.key);
    const std::string expected = key == nullptr ? "" : fmt::format(" (expected: {})", expected_of(*key));
    complain(fmt::format("{}: {}: {}{}", where, problem.key, problem.text, expected));
  }

  // A rule between keys whose values are wrong would only repeat what was said.
  void take_rules(const Loaded& loaded, bool values_are_wrong) {
    if (!values_are_wrong) {
      for (const Broken& each : broken_rules(loaded.config, loaded.shape)) {
        complain(fmt::format("configuration: {} (rule {})", each.text, each.rule));
      }
    }
    if (given_.purpose == Purpose::start) {
      for (const Problem& each : unbuilt_protections(loaded.config, loaded.shape)) complain(where_of(each));
      for (const Problem& each : misplaced_classes(loaded.config)) complain(where_of(each));
    }
    for (std::string& each : doubts(loaded.config, loaded.shape)) warnings_.push_back(std::move(each));
  }

  std::string where_of(const Problem& problem) const {
    const auto origin = origins_.find(problem.key);
    return fmt::format("{}: {}",
                       origin == origins_.end() ? "configuration" : std::string_view(origin->second),
                       problem.text);
  }

  // Keys that plug-ins of the reference own, and parameters of providers.
  bool belongs_to_others(std::string_view key) const {
    constexpr std::string_view kOthers[] = {"config.providers.", "rsm.config.", "rlmm.config."};
    return std::ranges::any_of(kOthers, [&](std::string_view each) { return key.starts_with(each); });
  }

  void look_for_strangers() {
    for (const auto& [key, origin] : origins_) {
      const auto listener = split_listener_key(key);
      const auto names = node_synonyms(key, ListenerBase::with_base);
      const bool known = std::ranges::any_of(
          names, [](std::string_view each) { return find_key(Scope::node, each) != nullptr; });
      if (known || belongs_to_others(key)) continue;
      const std::string_view base = listener ? listener->base : std::string_view(key);
      // In a file of another kind nobody needs to hear what each of its lines was meant to be.
      const auto nearest = warnings_.size() < kMostGuesses ? nearest_name(Scope::node, base) : std::nullopt;
      warnings_.push_back(
          fmt::format("{}: {} is no key that this program knows{}", origin, key,
                      nearest ? fmt::format("; did you mean {}?", *nearest) : "; it has no effect"));
    }
  }

  // What somebody asks for must not be ignored in silence. The default is what happens anyway.
  void look_for_what_is_not_built() {
    for (const auto& [name, origin] : origins_) {
      const auto listener = split_listener_key(name);
      const Key* key = find_key(Scope::node, listener ? listener->base : std::string_view(name));
      if (key == nullptr || key->effect != Effect::not_yet) continue;
      const auto value = parse_type(*key, texts_[name]);
      const auto otherwise = default_value(*key);
      if (value.ok() && otherwise.ok() && *value == *otherwise) continue;
      warnings_.push_back(
          fmt::format("{}: {} has no effect yet: what it belongs to is not built", origin, name));
    }
  }

  const StartTexts& given_;
  Texts texts_;
  Origins origins_;
  std::vector<std::string> told_;  // keys that were complained about
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

}  // namespace

Loaded load_node(const StartTexts& texts, const ProviderDoor& door) {
  Loading loading(texts);
  loading.take_file();
  loading.take_environment();
  loading.take_overrides();
  loading.fill_placeholders(door);
  return loading.finish();
}

}  // namespace ottla::config
