#include "config/protections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/key_table.h"
#include "config/known_classes.h"
#include "config/listeners.h"
#include "config/node_key.h"
#include "config/value.h"

namespace ottla::config {
namespace {

using Asked = std::optional<Problem>;

Asked asked_by(std::string_view key, std::string_view value) {
  return Problem{.key = std::string(key), .text = std::string(value)};
}

// By a key that holds the name of a class, or nothing.
template <KeyName kName>
Asked by_class(const NodeConfig& config, const NodeShape&) {
  const auto text = text_of(config.value(node_key<kName>.index));
  if (!text || text->empty()) return std::nullopt;
  return asked_by(kName.view(), *text);
}

Asked by_listener(const NodeShape& shape, SecurityProtocol first, SecurityProtocol second) {
  for (const Endpoint& each : shape.listeners) {
    if (each.protocol == first || each.protocol == second) {
      return asked_by("listeners", fmt::format("{} speaks {}", each.listener, name_of(each.protocol)));
    }
  }
  const SecurityProtocol between = shape.inter_broker_protocol;
  if (shape.complete && (between == first || between == second)) {
    return asked_by("inter.broker.listener.name",
                    fmt::format("{} speaks {}", shape.inter_broker_listener, name_of(between)));
  }
  return std::nullopt;
}

Asked by_tls(const NodeConfig&, const NodeShape& shape) {
  return by_listener(shape, SecurityProtocol::ssl, SecurityProtocol::sasl_ssl);
}

Asked by_sasl(const NodeConfig&, const NodeShape& shape) {
  return by_listener(shape, SecurityProtocol::sasl_plaintext, SecurityProtocol::sasl_ssl);
}

Asked by_token_secret(const NodeConfig& config, const NodeShape&) {
  const auto secret = config.get(node_key<"delegation.token.secret.key">);
  if (!secret || secret->plain().empty()) return std::nullopt;
  return asked_by("delegation.token.secret.key", kHidden);
}

Asked by_principal_builder(const NodeConfig& config, const NodeShape&) {
  const ClassName builder = config.get(node_key<"principal.builder.class">);
  if (is_known_class_of("principal.builder.class", builder.name)) return std::nullopt;
  return asked_by("principal.builder.class", builder.name);
}

// It may hold records that nobody keeps anywhere else, and topics rely upon it.
Asked by_tiered_storage(const NodeConfig& config, const NodeShape&) {
  if (!config.get(node_key<"remote.log.storage.system.enable">)) return std::nullopt;
  return asked_by("remote.log.storage.system.enable", "true");
}

constexpr Protection kProtections[] = {
    {"authorizer", "who may do what is decided by rules", false, by_class<"authorizer.class.name">},
    {"tls-listener", "connections are encrypted", false, by_tls},
    {"sasl-listener", "clients prove who they are", false, by_sasl},
    {"principal-builder", "principals are named by a class of yours", false, by_principal_builder},
    {"create-topic-policy", "topics are refused that break a policy", false,
     by_class<"create.topic.policy.class.name">},
    {"alter-config-policy", "changes are refused that break a policy", false,
     by_class<"alter.config.policy.class.name">},
    {"client-quota-callback", "quotas are decided by a class of yours", false,
     by_class<"client.quota.callback.class">},
    {"delegation-tokens", "clients may authenticate by tokens", false, by_token_secret},
    {"tiered-storage", "old records are kept in an object store", false, by_tiered_storage},
};

// What a key's value names, when it is one whose values are classes.
std::vector<std::string> named_classes(std::string_view key, const Value& value) {
  if (const auto* name = std::get_if<ClassName>(&value)) return {name->name};
  if (!takes_class_as_text(key)) return {};
  if (const auto* text = std::get_if<std::string>(&value)) {
    return text->empty() ? std::vector<std::string>() : std::vector{*text};
  }
  const auto* list = std::get_if<List>(&value);
  return list == nullptr ? std::vector<std::string>() : std::vector<std::string>(list->begin(), list->end());
}

std::string no_meaning(std::string_view key, std::string_view name) {
  const std::vector<std::string_view> meant = names_for(key);
  if (meant.empty()) return fmt::format("{} has no meaning in {}: no class can be loaded.", name, key);
  return fmt::format("{} has no meaning in {}: no class can be loaded, and what is built in goes by {}.",
                     name, key, fmt::join(meant, ", "));
}

}  // namespace

std::span<const Protection> protections() {
  return kProtections;
}

bool is_built(std::string_view protection) {
  const auto found = std::ranges::find(kProtections, protection, &Protection::name);
  return found != std::end(kProtections) && found->built;
}

std::vector<Problem> unbuilt_protections(const NodeConfig& config, const NodeShape& shape) {
  std::vector<Problem> refusals;
  for (const Protection& each : kProtections) {
    if (each.built) continue;
    const Asked asked = each.asked(config, shape);
    if (!asked) continue;
    refusals.push_back(
        {.key = asked->key,
         .text = fmt::format(
             "{}={} promises that {}, which this version cannot keep. Remove it, or run Apache Kafka "
             "where you need it.",
             asked->key, asked->text, each.promise)});
  }
  return refusals;
}

std::vector<Problem> misplaced_classes(const NodeConfig& config) {
  std::vector<Problem> wrong;
  const auto keys = keys_of(Scope::node);
  for (std::size_t each = 0; each < keys.size(); ++each) {
    const std::string_view key = keys[each].name;
    for (const std::string& name : named_classes(key, config.value(each))) {
      if (may_stand_in(key, name)) continue;
      wrong.push_back({.key = std::string(key), .text = no_meaning(key, name)});
    }
  }
  return wrong;
}

}  // namespace ottla::config
