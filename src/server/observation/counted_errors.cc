#include "server/observation/counted_errors.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "protocol/api_key.h"

namespace ottla::server {
namespace {

using protocol::ApiInfo;
using protocol::ApiKey;
using protocol::FieldInfo;
using protocol::Kind;
using protocol::StructureInfo;

// Counted in versions that do not carry it, too: as success.
constexpr ApiKey kWholeInAllVersions[] = {ApiKey::fetch, ApiKey::describe_log_dirs, ApiKey::elect_leaders};
constexpr ApiKey kWholeNotCounted[] = {ApiKey::metadata, ApiKey::describe_user_scram_credentials};
// Of these success is no error code of the answer as a whole.
constexpr ApiKey kQuietWhole[] = {ApiKey::unregister_broker,     ApiKey::add_raft_voter,
                                  ApiKey::remove_raft_voter,     ApiKey::update_raft_voter,
                                  ApiKey::unregister_controller, ApiKey::fetch_snapshot};
// Arrays with error codes that are not counted.
constexpr std::pair<ApiKey, std::string_view> kNotCounted[] = {
    {ApiKey::assign_replicas_to_dirs, "directories"},
    {ApiKey::delete_acls, "matchingAcls"},
};

template <typename Keys>
bool is_among(ApiKey key, const Keys& keys) {
  return std::ranges::find(keys, key) != std::ranges::end(keys);
}

bool is_error_code(const FieldInfo& field) {
  const std::string_view name = field.name;
  return field.kind == Kind::int16 && !field.is_array() &&
         (name == "errorCode" || name == "partitionErrorCode");
}

bool is_counted(const ApiInfo& api, const FieldInfo& field, std::int16_t version, bool is_root) {
  if (!is_root) return field.versions.contains(version);
  if (is_among(api.key, kWholeNotCounted)) return false;
  return field.versions.contains(version) || is_among(api.key, kWholeInAllVersions);
}

bool leads_on(const ApiInfo& api, const FieldInfo& field, std::int16_t version) {
  return field.kind == Kind::structure && field.array != protocol::ArrayForm::lazy &&
         field.versions.contains(version) &&
         std::ranges::find(kNotCounted, std::pair(api.key, std::string_view(field.name))) ==
             std::ranges::end(kNotCounted);
}

}  // namespace

CountedErrors::CountedErrors(const ApiInfo& api, std::int16_t version)
    : root_(place_of(api, *api.response->root, version, true)) {}

CountedErrors::Place CountedErrors::place_of(const ApiInfo& api, const StructureInfo& structure,
                                             std::int16_t version, bool is_root) {
  Place place;
  place.quiet = is_root && is_among(api.key, kQuietWhole);
  for (const FieldInfo& field : structure.fields) {
    if (is_error_code(field) && is_counted(api, field, version, is_root)) {
      place.codes.push_back(field.offset);
    } else if (leads_on(api, field, version)) {
      Place inner = place_of(api, *field.structure, version, false);
      if (inner.codes.empty() && inner.inner.empty()) continue;
      const std::uint16_t element = field.is_array() ? field.structure->size : std::uint16_t{0};
      place.inner.push_back({.offset = field.offset, .element = element, .place = std::move(inner)});
    }
  }
  return place;
}

}  // namespace ottla::server
