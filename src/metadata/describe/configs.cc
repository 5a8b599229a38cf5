#include "metadata/describe/configs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/describe.h"
#include "metadata/topic_name.h"
#include "protocol/error_code.h"

namespace ottla::metadata {
namespace {

using config::Described;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using Resource = DescribeConfigsRequest::DescribeConfigsResource;
using Answer = DescribeConfigsResponse::DescribeConfigsResult;
using Entry = DescribeConfigsResponse::DescribeConfigsResourceResult;
using Synonym = DescribeConfigsResponse::DescribeConfigsSynonym;

constexpr std::string_view kMalformed =
    "This most likely occurs because of a request being malformed by the client library or the message was "
    "sent to an incompatible broker. See the broker logs for more details.";

// As Integer.parseInt().
std::optional<std::int32_t> broker_id_of(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

bool is_wanted(const Resource& resource, std::string_view key) {
  const auto& keys = resource.configuration_keys;
  return keys.empty() || std::ranges::find(keys, key) != keys.end();
}

class Describer {
 public:
  Describer(const ConfigQuestion& question, const DescribeConfigsRequest& request, Arena& arena)
      : question_(question), request_(request), arena_(arena) {}

  Result<> describe(DescribeConfigsResponse& response) {
    OTTLA_TRY(const std::span<Answer> answers, arena_.make_span<Answer>(request_.resources.size()));
    response.results = answers;
    const auto known = [](const Resource& each) {
      return config_resource_type_of(each.resource_type) != ConfigResourceType::unknown;
    };
    if (!std::ranges::all_of(request_.resources, known)) {
      for (std::size_t each = 0; each < answers.size(); ++each) {
        name(answers[each], request_.resources[each]);
        mark(answers[each], ErrorCode::invalid_request, kMalformed);
      }
      return {};
    }
    std::size_t next = 0;
    for (const Resource& each : request_.resources) {
      if (!may_see(each)) continue;
      name(answers[next], each);
      OTTLA_CHECK(describe(each, answers[next++]));
    }
    for (const Resource& each : request_.resources) {
      if (may_see(each)) continue;
      name(answers[next], each);
      hide(answers[next++]);
    }
    return {};
  }

 private:
  static void name(Answer& answer, const Resource& resource) {
    answer.resource_type = resource.resource_type;
    answer.resource_name = resource.resource_name;
  }
  // `message` lives as long as the arena.
  static void mark(Answer& answer, ErrorCode error, std::string_view message) {
    answer.error_code = static_cast<std::int16_t>(error);
    answer.error_message = message;
  }
  Result<> refuse(Answer& answer, ErrorCode error, std::string_view message) {
    OTTLA_TRY(const std::string_view text, arena_.copy(message));
    mark(answer, error, text);
    return {};
  }

  bool may_see(const Resource& resource) const {
    constexpr AclOperation kOperation = AclOperation::describe_configs;
    switch (config_resource_type_of(resource.resource_type)) {
      case ConfigResourceType::topic:
        return question_.access.allows(kOperation, AclResourceType::topic, resource.resource_name);
      case ConfigResourceType::group:
        return question_.access.allows(kOperation, AclResourceType::group, resource.resource_name);
      default:
        return question_.access.allows_cluster(kOperation);
    }
  }

  static void hide(Answer& answer) {
    switch (config_resource_type_of(answer.resource_type)) {
      case ConfigResourceType::topic:
        return mark(answer, ErrorCode::topic_authorization_failed, "Topic authorization failed.");
      case ConfigResourceType::group:
        return mark(answer, ErrorCode::group_authorization_failed, "Group authorization failed.");
      default:
        return mark(answer, ErrorCode::cluster_authorization_failed, "Cluster authorization failed.");
    }
  }

  Result<> describe(const Resource& resource, Answer& answer) {
    switch (config_resource_type_of(resource.resource_type)) {
      case ConfigResourceType::topic:
        return describe_topic(resource, answer);
      case ConfigResourceType::broker:
        return describe_broker(resource, answer);
      case ConfigResourceType::broker_logger:
        return describe_loggers(resource, answer);
      case ConfigResourceType::client_metrics:
        if (resource.resource_name.empty()) {
          return refuse(answer, ErrorCode::invalid_request,
                        "Client metrics subscription name must not be empty");
        }
        return fill(resource,
                    config::describe_client_metrics(texts_of(ConfigResourceType::client_metrics, resource)),
                    answer);
      case ConfigResourceType::group:
        if (resource.resource_name.empty()) {
          return refuse(answer, ErrorCode::invalid_request, "Group name must not be empty");
        }
        return fill(resource,
                    config::describe_group(texts_of(ConfigResourceType::group, resource), question_.layers,
                                           question_.config),
                    answer);
      case ConfigResourceType::unknown:
        break;
    }
    return {};
  }

  config::Texts texts_of(ConfigResourceType type, const Resource& resource) const {
    return config_texts(question_.image, ConfigResourceView(type, resource.resource_name));
  }

  Result<> describe_topic(const Resource& resource, Answer& answer) {
    const std::string_view topic = resource.resource_name;
    if (const auto fault = topic_name_fault(topic)) {
      return refuse(answer, ErrorCode::invalid_topic_exception,
                    fmt::format("Topic name is invalid: {}", *fault));
    }
    if (question_.image.topics.find(topic) == nullptr) {
      answer.error_code = static_cast<std::int16_t>(ErrorCode::unknown_topic_or_partition);
      return {};
    }
    const config::Texts own = texts_of(ConfigResourceType::topic, resource);
    // Many topics have nothing of their own: they share one description.
    const bool plain = own.empty() && resource.configuration_keys.empty();
    if (plain && plain_topic_) {
      answer.configs = *plain_topic_;
      return {};
    }
    OTTLA_CHECK(fill(resource, config::describe_topic(own, question_.layers, question_.config), answer));
    if (plain) plain_topic_ = answer.configs;
    return {};
  }

  Result<> describe_broker(const Resource& resource, Answer& answer) {
    const std::string_view broker = resource.resource_name;
    if (broker.empty()) return fill(resource, config::describe_cluster(question_.layers), answer);
    const std::optional<std::int32_t> id = broker_id_of(broker);
    if (!id) return refuse_number(broker, answer);
    if (*id != question_.node.raw()) {
      return refuse(answer, ErrorCode::invalid_request,
                    fmt::format("Unexpected broker id, expected {} or empty string, but received {}",
                                question_.node.raw(), broker));
    }
    return fill(resource, config::describe_node(question_.layers, question_.config), answer);
  }

  Result<> refuse_number(std::string_view broker, Answer& answer) {
    return refuse(answer, ErrorCode::invalid_request,
                  fmt::format("Broker id must be an integer, but it is: {}", broker));
  }

  Result<> describe_loggers(const Resource& resource, Answer& answer) {
    const std::string_view broker = resource.resource_name;
    if (broker.empty()) {
      return refuse(answer, ErrorCode::invalid_request, "Broker id must not be empty");
    }
    const std::optional<std::int32_t> id = broker_id_of(broker);
    if (!id) return refuse_number(broker, answer);
    if (*id != question_.node.raw()) {
      return refuse(
          answer, ErrorCode::invalid_request,
          fmt::format("Unexpected broker id, expected {} but received {}", question_.node.raw(), broker));
    }
    OTTLA_TRY(const std::span<Entry> entries, arena_.make_span<Entry>(question_.loggers.size()));
    std::size_t count = 0;
    for (const LoggerLevel& each : question_.loggers) {
      if (!is_wanted(resource, each.name)) continue;
      Entry& entry = entries[count++];
      entry.config_source = static_cast<std::int8_t>(config::Source::dynamic_broker_logger);
      OTTLA_TRY(entry.name, arena_.copy(each.name));
      OTTLA_TRY(const std::string_view level, arena_.copy(each.level));
      entry.value = level;
    }
    answer.configs = {entries.data(), count};
    return {};
  }

  Result<> fill(const Resource& resource, const std::vector<Described>& described, Answer& answer) {
    OTTLA_TRY(const std::span<Entry> entries, arena_.make_span<Entry>(described.size()));
    std::size_t count = 0;
    for (const Described& each : described) {
      if (is_wanted(resource, each.name)) OTTLA_CHECK(fill(each, entries[count++]));
    }
    answer.configs = {entries.data(), count};
    return {};
  }

  Result<> fill(const Described& described, Entry& entry) {
    OTTLA_TRY(entry.name, arena_.copy(std::string_view(described.name)));
    OTTLA_TRY(entry.value, copy(described.value));
    entry.read_only = described.read_only;
    entry.config_source = static_cast<std::int8_t>(described.source);
    entry.is_sensitive = described.sensitive;
    entry.config_type = described.type ? static_cast<std::int8_t>(*described.type) : std::int8_t{0};
    entry.documentation = nullptr;
    if (request_.include_documentation && !described.documentation.empty()) {
      entry.documentation = described.documentation;
    }
    if (!request_.include_synonyms) return {};
    OTTLA_TRY(const std::span<Synonym> synonyms, arena_.make_span<Synonym>(described.synonyms.size()));
    for (std::size_t each = 0; each < synonyms.size(); ++each) {
      OTTLA_TRY(synonyms[each].name, arena_.copy(std::string_view(described.synonyms[each].name)));
      OTTLA_TRY(synonyms[each].value, copy(described.synonyms[each].value));
      synonyms[each].source = static_cast<std::int8_t>(described.synonyms[each].source);
    }
    entry.synonyms = synonyms;
    return {};
  }

  Result<protocol::NullableText> copy(const std::optional<std::string>& text) {
    if (!text) return protocol::NullableText(nullptr);
    OTTLA_TRY(const std::string_view copied, arena_.copy(std::string_view(*text)));
    return protocol::NullableText(copied);
  }

  const ConfigQuestion& question_;
  const DescribeConfigsRequest& request_;
  Arena& arena_;
  std::optional<protocol::Array<Entry>> plain_topic_;  // of a topic without configurations, all keys
};

}  // namespace

Result<> describe_configs(const ConfigQuestion& question, const DescribeConfigsRequest& request, Arena& arena,
                          DescribeConfigsResponse& response) {
  return Describer(question, request, arena).describe(response);
}

config::Texts config_texts(const MetadataImage& image, const ConfigResourceView& resource) {
  config::Texts texts;
  if (const ConfigValues* values = image.configs.find(resource)) {
    for (const auto& [key, value] : *values) texts.emplace(key, value);
  }
  return texts;
}

}  // namespace ottla::metadata
