#include "metadata/describe/client_quotas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ottla::metadata {
namespace {

using protocol::DescribeClientQuotasRequest;
using protocol::DescribeClientQuotasResponse;
using protocol::ErrorCode;
using Component = DescribeClientQuotasRequest::ComponentData;
using Filter = protocol::Array<Component>;
using Entry = DescribeClientQuotasResponse::EntryData;
using EntityPart = DescribeClientQuotasResponse::EntityData;
using Quota = DescribeClientQuotasResponse::ValueData;

enum class Match : std::int8_t { exact = 0, by_default = 1, specified = 2 };

struct Wrong {
  ErrorCode error;
  std::string message;
};

std::optional<Wrong> check_component(const Component& component) {
  const std::string_view type = component.entity_type;
  const auto invalid = [](std::string message) {
    return Wrong{ErrorCode::invalid_request, std::move(message)};
  };
  if (type != "ip" && type != "user" && type != "client-id") {
    return Wrong{ErrorCode::unsupported_version, fmt::format("Unsupported entity type {}", type)};
  }
  switch (static_cast<Match>(component.match_type)) {
    case Match::exact:
      if (!component.match.is_null()) return std::nullopt;
      return invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.");
    case Match::by_default:
      if (component.match.is_null()) return std::nullopt;
      return invalid("Request specified MATCH_TYPE_DEFAULT, but also specified a match string.");
    case Match::specified:
      if (component.match.is_null()) return std::nullopt;
      return invalid("Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.");
  }
  return invalid(fmt::format("Unknown match type {}", component.match_type));
}

std::optional<Wrong> check(const Filter& filter) {
  std::vector<std::string_view> types;
  const auto seen = [&types](std::string_view type) { return std::ranges::find(types, type) != types.end(); };
  for (const Component& component : filter) {
    const std::string_view type = component.entity_type;
    if (type.empty()) return Wrong{ErrorCode::invalid_request, "Invalid empty entity type."};
    if (seen(type)) {
      return Wrong{ErrorCode::invalid_request,
                   fmt::format("Entity type {} cannot appear more than once in the filter.", type)};
    }
    if (std::optional<Wrong> wrong = check_component(component)) return wrong;
    types.push_back(type);
  }
  if (seen("ip") && types.size() > 1) {
    return Wrong{ErrorCode::invalid_request,
                 "Invalid entity filter component combination. IP filter component should not be used with "
                 "user or clientId filter component."};
  }
  return std::nullopt;
}

bool fits(const Component& component, const QuotaEntity& entity) {
  const auto part = std::ranges::find(entity.parts, component.entity_type, &QuotaEntityPart::type);
  if (part == entity.parts.end()) return false;
  switch (static_cast<Match>(component.match_type)) {
    case Match::exact:
      return part->name && *part->name == *component.match;
    case Match::by_default:
      return !part->name;
    case Match::specified:
      return true;
  }
  return false;
}

Result<Entry> entry_of(const QuotaEntity& entity, const QuotaValues& values, Arena& arena) {
  OTTLA_TRY(const std::span<EntityPart> parts, arena.make_span<EntityPart>(entity.parts.size()));
  for (std::size_t each = 0; each < parts.size(); ++each) {
    const QuotaEntityPart& part = entity.parts[each];
    parts[each].entity_type = part.type;
    parts[each].entity_name = part.name ? protocol::NullableText(*part.name) : nullptr;
  }
  OTTLA_TRY(const std::span<Quota> quotas, arena.make_span<Quota>(values.size()));
  std::size_t next = 0;
  for (const auto& [key, value] : values) quotas[next++] = {.key = key, .value = value};
  Entry entry;
  entry.entity = parts;
  entry.values = quotas;
  return entry;
}

}  // namespace

bool chooses(const Filter& filter, bool strict, const QuotaEntity& entity) {
  if (strict && (filter.empty() || entity.parts.size() != filter.size())) return false;
  return std::ranges::all_of(filter, [&](const Component& each) { return fits(each, entity); });
}

Result<> describe_client_quotas(const MetadataImage& image, const DescribeClientQuotasRequest& request,
                                Arena& arena, DescribeClientQuotasResponse& response) {
  if (const std::optional<Wrong> wrong = check(request.components)) {
    return refuse_client_quotas(wrong->error, wrong->message, arena, response);
  }
  std::vector<Entry> entries;
  for (const auto& [entity, values] : image.client_quotas) {
    if (!chooses(request.components, request.strict, entity)) continue;
    OTTLA_TRY(const Entry entry, entry_of(entity, values, arena));
    entries.push_back(entry);
  }
  OTTLA_TRY(const std::span<Entry> all, arena.make_span<Entry>(entries.size()));
  std::ranges::copy(entries, all.begin());
  response.entries = all;
  return {};
}

Result<> refuse_client_quotas(ErrorCode error, std::string_view message, Arena& arena,
                              DescribeClientQuotasResponse& response) {
  response.error_code = static_cast<std::int16_t>(error);
  OTTLA_TRY(const std::string_view text, arena.copy(message));
  response.error_message = text;
  response.entries = protocol::Array<Entry>::null();
  return {};
}

}  // namespace ottla::metadata
