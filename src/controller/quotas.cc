#include "controller/quotas.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "config/key_table.h"
#include "config/quota_rules.h"
#include "metadata/quota_entity.h"
#include "runtime/address.h"

namespace ottla::controller {
namespace {

using metadata::QuotaEntity;
using metadata::QuotaEntityPart;
using protocol::AlterClientQuotasRequest;
using protocol::AlterClientQuotasResponse;
using Entry = AlterClientQuotasRequest::EntryData;
using Answer = AlterClientQuotasResponse::EntryData;
using AnswerPart = AlterClientQuotasResponse::EntityData;

struct Verdict {
  QuotaEntity entity;
  ApiError error;
};

ApiError invalid(std::string message) {
  return {ErrorCode::invalid_request, std::move(message)};
}

// Of a type that is named twice the last name counts.
QuotaEntity entity_of(const Entry& entry) {
  std::map<std::string_view, protocol::NullableText> names;
  for (const auto& part : entry.entity) names.insert_or_assign(part.entity_type, part.entity_name);
  QuotaEntity entity;
  for (const auto& [type, name] : names) {
    entity.parts.push_back({.type = std::string(type),
                            .name = name.is_null() ? std::nullopt : std::optional<std::string>(*name)});
  }
  return entity;
}

std::string shown(const QuotaEntity& entity) {
  std::string parts;
  for (const QuotaEntityPart& part : entity.parts) {
    parts += fmt::format("{}{}={}", parts.empty() ? "" : ", ", part.type, part.name.value_or("null"));
  }
  return fmt::format("ClientQuotaEntity(entries={{{}}})", parts);
}

const QuotaEntityPart* find_part(const QuotaEntity& entity, std::string_view type) {
  const auto part = std::ranges::find(entity.parts, type, &QuotaEntityPart::type);
  return part == entity.parts.end() ? nullptr : &*part;
}

// One to four numbers, of which the last one fills what is left of four bytes: 10.1 is 10.0.0.1.
bool is_ipv4(std::string_view text) {
  for (std::uint64_t bytes = 4; bytes > 0; --bytes) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return false;
    const auto read = static_cast<std::size_t>(end - text.data());
    if (read == text.size()) return number < std::uint64_t{1} << 8U * bytes;
    if (number > 255 || text[read] != '.') return false;
    text.remove_prefix(read + 1);
  }
  return false;
}

bool is_ipv6(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return text.contains(':') && !text.contains('/') && Address::parse(fmt::format("[{}]:0", text)).ok();
}

// In numbers: looking up a host's name would make the answer depend on when it was asked.
bool is_address(std::string_view text) {
  return text == "localhost" || is_ipv4(text) || is_ipv6(text);
}

ApiError check_parts(const QuotaEntity& entity) {
  if (entity.parts.empty()) return invalid("Invalid empty client quota entity");
  for (const QuotaEntityPart& part : entity.parts) {
    if (part.type != "user" && part.type != "client-id" && part.type != "ip") {
      return invalid(fmt::format("Unhandled client quota entity type: {}", part.type));
    }
    if (part.name && part.name->empty()) return invalid(fmt::format("Empty {} not supported", part.type));
  }
  const QuotaEntityPart* ip = find_part(entity, "ip");
  if (ip == nullptr) return {};
  if (entity.parts.size() > 1) {
    return invalid("Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId");
  }
  if (ip->name && !is_address(*ip->name)) {
    return invalid(fmt::format("{} is not a valid IP or resolvable host.", *ip->name));
  }
  return {};
}

// Keys with their values, or nothing where they go.
using Changes = std::map<std::string_view, std::optional<double>>;

// False: a key is named twice.
bool read_changes(const Entry& entry, Changes& changes) {
  bool once = true;
  for (const auto& op : entry.ops) {
    const auto value = op.remove ? std::nullopt : std::optional<double>(op.value);
    once = changes.emplace(op.key, value).second && once;
  }
  return once;
}

class QuotaChange {
 public:
  QuotaChange(const State& state, const QuotaEntity& entity)
      : entity_(entity), now_(state.image().client_quotas.find(entity)) {
    for (const QuotaEntityPart& part : entity.parts) {
      parts_.emplace_back();
      parts_.back().entity_type = part.type;
      parts_.back().entity_name = part.name ? protocol::NullableText(*part.name) : nullptr;
    }
  }

  ApiError apply(const Changes& changes, RecordList& records) {
    if (ApiError error = check_parts(entity_); !error.ok()) return error;
    const auto scope =
        find_part(entity_, "ip") != nullptr ? config::Scope::ip_quota : config::Scope::client_quota;
    for (const auto& [key, value] : changes) {
      if (!value) continue;
      if (const Result<> checked = config::check_quota(scope, key, *value); !checked.ok()) {
        return invalid(std::string(checked.error().text()));
      }
    }
    for (const auto& [key, value] : changes) {
      if (changed(key, value)) add(key, value, records);
    }
    return {};
  }

 private:
  bool changed(std::string_view key, std::optional<double> value) const {
    const double* now = now_ == nullptr ? nullptr : now_->find(key);
    return value ? now == nullptr || *now != *value : now != nullptr;
  }
  void add(std::string_view key, std::optional<double> value, RecordList& records) const {
    protocol::ClientQuotaRecord record;
    record.entity = parts_;
    record.key = key;
    record.value = value.value_or(0);
    record.remove = !value;
    records.add(record, 0);
  }

  const QuotaEntity& entity_;
  const metadata::QuotaValues* now_;
  std::vector<protocol::ClientQuotaRecord::EntityData> parts_;
};

Result<> answer(const std::vector<Verdict>& verdicts, Arena& arena, AlterClientQuotasResponse& response) {
  OTTLA_TRY(const std::span<Answer> answers, arena.make_span<Answer>(verdicts.size()));
  for (std::size_t each = 0; each < answers.size(); ++each) {
    const auto& [entity, error] = verdicts[each];
    OTTLA_TRY(const std::span<AnswerPart> parts, arena.make_span<AnswerPart>(entity.parts.size()));
    for (std::size_t part = 0; part < parts.size(); ++part) {
      OTTLA_TRY(parts[part].entity_type, arena.copy(std::string_view(entity.parts[part].type)));
      parts[part].entity_name = nullptr;
      if (!entity.parts[part].name) continue;
      OTTLA_TRY(const std::string_view name, arena.copy(std::string_view(*entity.parts[part].name)));
      parts[part].entity_name = name;
    }
    answers[each].entity = parts;
    answers[each].error_code = error.wire_code();
    OTTLA_TRY(answers[each].error_message, message_text(error, arena));
  }
  response.entries = answers;
  return {};
}

}  // namespace

ApiError alter_client_quotas(const State& state, const AlterClientQuotasRequest& request, Call& call,
                             AlterClientQuotasResponse& response) {
  std::vector<Verdict> verdicts;
  std::map<QuotaEntity, std::size_t> places;
  for (const Entry& entry : request.entries) {
    QuotaEntity entity = entity_of(entry);
    Changes changes;
    const bool once = read_changes(entry, changes);
    const auto [place, fresh] = places.try_emplace(entity, verdicts.size());
    if (!fresh || !once) {
      // What the first one asked for stays asked for.
      ApiError error = invalid(fmt::format("Ignoring duplicate entity {}", shown(entity)));
      if (fresh) verdicts.push_back({});
      verdicts[place->second] = {std::move(entity), std::move(error)};
      continue;
    }
    ApiError error = QuotaChange(state, entity).apply(changes, call.records);
    verdicts.push_back({std::move(entity), std::move(error)});
  }
  call.only_validates = request.validate_only;
  const Result<> answered = answer(verdicts, call.arena, response);
  return answered.ok() ? ApiError() : ApiError(answered.error());
}

Result<> refuse_alter_client_quotas(const AlterClientQuotasRequest& request, const ApiError& error,
                                    Arena& arena, AlterClientQuotasResponse& response) {
  std::vector<Verdict> verdicts;
  for (const Entry& entry : request.entries) {
    QuotaEntity entity;
    for (const auto& part : entry.entity) {
      entity.parts.push_back({.type = std::string(part.entity_type),
                              .name = part.entity_name.is_null()
                                          ? std::nullopt
                                          : std::optional<std::string>(*part.entity_name)});
    }
    verdicts.push_back({std::move(entity), {error.code, std::string(message_of(ApiError(error.code)))}});
  }
  return answer(verdicts, arena, response);
}

}  // namespace ottla::controller
