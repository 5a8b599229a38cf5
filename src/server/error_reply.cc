#include "server/error_reply.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include "base/invariant.h"
#include "protocol/api_key.h"
#include "protocol/array.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"
#include "server/response_fields.h"

namespace ottla::server {
namespace {

using protocol::ApiKey;
using protocol::ErasedArray;
using protocol::ErrorCode;
using protocol::FieldInfo;
using protocol::NullableText;
using protocol::StructureInfo;

constexpr std::string_view kErrorCode = "errorCode";
constexpr std::string_view kErrorMessage = "errorMessage";

// What of a request is found again in its response: an array, and in it perhaps another one.
struct Mirror {
  ApiKey api;
  std::string_view asked;          // array of the request
  std::string_view answered;       // array of the response
  std::string_view asked_in = {};  // array within an element of the first
  std::string_view answered_in = {};
};

constexpr Mirror kMirrors[] = {
    {ApiKey::produce, "topicData", "responses", "partitionData", "partitionResponses"},
    {ApiKey::list_offsets, "topics", "topics", "partitions", "partitions"},
    {ApiKey::metadata, "topics", "topics"},
    {ApiKey::offset_commit, "topics", "topics", "partitions", "partitions"},
    {ApiKey::describe_groups, "groups", "groups"},
    {ApiKey::create_topics, "topics", "topics"},
    {ApiKey::delete_topics, "topics", "responses"},
    {ApiKey::delete_topics, "topicNames", "responses"},
    {ApiKey::delete_records, "topics", "topics", "partitions", "partitions"},
    {ApiKey::offset_for_leader_epoch, "topics", "topics", "partitions", "partitions"},
    {ApiKey::txn_offset_commit, "topics", "topics", "partitions", "partitions"},
    {ApiKey::create_acls, "creations", "results"},
    {ApiKey::delete_acls, "filters", "filterResults"},
    {ApiKey::describe_configs, "resources", "results"},
    {ApiKey::alter_configs, "resources", "responses"},
    {ApiKey::create_partitions, "topics", "results"},
    {ApiKey::delete_groups, "groupsNames", "results"},
    {ApiKey::elect_leaders, "topicPartitions", "replicaElectionResults", "partitions", "partitionResult"},
    {ApiKey::incremental_alter_configs, "resources", "responses"},
    {ApiKey::alter_partition_reassignments, "topics", "responses", "partitions", "partitions"},
    {ApiKey::list_partition_reassignments, "topics", "topics", "partitionIndexes", "partitions"},
    {ApiKey::alter_client_quotas, "entries", "entries", "entity", "entity"},
    {ApiKey::describe_user_scram_credentials, "users", "results"},
    {ApiKey::alter_user_scram_credentials, "deletions", "results"},
    {ApiKey::alter_user_scram_credentials, "upsertions", "results"},
    {ApiKey::describe_producers, "topics", "topics", "partitionIndexes", "partitions"},
    {ApiKey::describe_transactions, "transactionalIds", "transactionStates"},
    {ApiKey::consumer_group_describe, "groupIds", "groups"},
    {ApiKey::share_group_describe, "groupIds", "groups"},
    {ApiKey::streams_group_describe, "groupIds", "groups"},
    {ApiKey::describe_topic_partitions, "topics", "topics"},
    {ApiKey::describe_share_group_offsets, "groups", "groups"},
};

// Names of one thing in requests and in responses.
constexpr std::array<std::string_view, 2> kSameThing[] = {
    {"name", "topic"},      {"name", "user"},
    {"name", "groupId"},    {"partitionIndex", "partitionId"},
    {"topic", "topicName"}, {"partitionIndex", "index"},
    {"name", "topicName"},
};

bool same_thing(std::string_view a, std::string_view b) {
  if (a == b) return true;
  for (const auto& pair : kSameThing) {
    if ((pair[0] == a && pair[1] == b) || (pair[0] == b && pair[1] == a)) return true;
  }
  return false;
}

struct Failure {
  ErrorCode error;
  NullableText message;
};

std::byte* place_of(const FieldInfo& field, void* structure) {
  return static_cast<std::byte*>(structure) + field.offset;
}
const std::byte* place_of(const FieldInfo& field, const void* structure) {
  return static_cast<const std::byte*>(structure) + field.offset;
}

void put_failure(const StructureInfo& structure, void* data, const Failure& failure, std::int16_t version) {
  const FieldInfo* code = find_field(structure, kErrorCode);
  if (code != nullptr && (code->versions.contains(version) || code->has(protocol::FieldFlag::kIgnorable))) {
    *reinterpret_cast<ErrorCode*>(place_of(*code, data)) = failure.error;
  }
  const FieldInfo* message = find_field(structure, kErrorMessage);
  if (message != nullptr && message->versions.contains(version) && message->nullable.contains(version)) {
    *reinterpret_cast<NullableText*>(place_of(*message, data)) = failure.message;
  }
}

bool is_text(protocol::Kind kind) {
  return kind == protocol::Kind::string || kind == protocol::Kind::nullable_string;
}

// A text of one kind into a field of another; what may not be null is empty there.
void put_text(const FieldInfo& from, const std::byte* place, const FieldInfo& to, std::byte* out,
              std::int16_t version) {
  const NullableText text = from.kind == protocol::Kind::string
                                ? NullableText(*reinterpret_cast<const std::string_view*>(place))
                                : *reinterpret_cast<const NullableText*>(place);
  if (to.kind == protocol::Kind::string) {
    *reinterpret_cast<std::string_view*>(out) = text.value_or("");
  } else if (text.is_null() && !to.nullable.contains(version)) {
    *reinterpret_cast<NullableText*>(out) = NullableText("");
  } else {
    *reinterpret_cast<NullableText*>(out) = text;
  }
}

// Copies what tells an element from others.
void put_identity(const StructureInfo& from, const void* asked, const StructureInfo& to, void* answered,
                  std::int16_t version) {
  for (const FieldInfo& source : from.fields) {
    if (source.is_array()) continue;
    for (const FieldInfo& target : to.fields) {
      if (target.is_array() || !same_thing(source.name, target.name)) continue;
      const std::byte* place = place_of(source, asked);
      std::byte* out = place_of(target, answered);
      if (is_text(source.kind) && is_text(target.kind)) {
        put_text(source, place, target, out, version);
      } else if (source.kind == target.kind && source.kind <= protocol::Kind::uuid) {
        const std::size_t size =
            source.kind == protocol::Kind::uuid ? sizeof(Uuid) : protocol::smallest_size(source.kind);
        std::memcpy(out, place, size);
      }
    }
  }
}

class Mirroring {
 public:
  Mirroring(Arena& arena, const Failure& failure, std::int16_t version)
      : arena_(arena), failure_(failure), version_(version) {}

  // What `asked` holds, behind what `answered` holds already.
  Result<> add(const FieldInfo& asked, const void* from, const FieldInfo& answered, void* to,
               const Mirror* inner) {
    const auto& source = *reinterpret_cast<const ErasedArray*>(place_of(asked, from));
    auto& target = *reinterpret_cast<ErasedArray*>(place_of(answered, to));
    const StructureInfo& structure = *answered.structure;
    const std::size_t count = std::size_t{target.size()} + source.size();
    void* place = arena_.allocate(count * structure.size, structure.alignment);
    if (place == nullptr) return Errc::out_of_budget;
    auto* elements = static_cast<std::byte*>(place);
    if (!target.empty()) std::memcpy(elements, target.erased(), std::size_t{target.size()} * structure.size);
    for (std::uint32_t each = 0; each < source.size(); ++each) {
      std::byte* element = elements + (std::size_t{target.size()} + each) * structure.size;
      std::memcpy(element, structure.initial, structure.size);
      OTTLA_CHECK(fill(asked, source, each, structure, element, inner));
    }
    target = ErasedArray(elements, static_cast<std::uint32_t>(count), false);
    return {};
  }

 private:
  Result<> fill(const FieldInfo& asked, const ErasedArray& source, std::uint32_t index,
                const StructureInfo& structure, std::byte* element, const Mirror* inner) {
    put_failure(structure, element, failure_, version_);
    if (asked.kind != protocol::Kind::structure) {
      put_scalar(asked, source, index, structure, element);
      return {};
    }
    const std::byte* from =
        static_cast<const std::byte*>(source.erased()) + std::size_t{index} * asked.structure->size;
    put_identity(*asked.structure, from, structure, element, version_);
    if (inner == nullptr || inner->asked_in.empty()) return {};
    const FieldInfo* asked_in = find_field(*asked.structure, inner->asked_in);
    const FieldInfo* answered_in = find_field(structure, inner->answered_in);
    OTTLA_INVARIANT(asked_in != nullptr && answered_in != nullptr, "no such array", inner->asked_in);
    return add(*asked_in, from, *answered_in, element, nullptr);
  }

  // An array of names or numbers: they go to the first field of their kind that is not about the error.
  void put_scalar(const FieldInfo& asked, const ErasedArray& source, std::uint32_t index,
                  const StructureInfo& structure, std::byte* element) const {
    for (const FieldInfo& field : structure.fields) {
      if (field.is_array() || field.name == kErrorMessage) continue;
      std::byte* out = place_of(field, element);
      if (is_text(asked.kind) && is_text(field.kind)) {
        const auto* texts = static_cast<const std::string_view*>(source.erased());
        const FieldInfo plain = {.name = "", .offset = 0, .kind = protocol::Kind::string};
        put_text(plain, reinterpret_cast<const std::byte*>(texts + index), field, out, version_);
        return;
      }
      if (asked.kind == protocol::Kind::int32 && field.kind == protocol::Kind::int32) {
        const std::int32_t value = static_cast<const std::int32_t*>(source.erased())[index];
        std::memcpy(out, &value, sizeof value);
        return;
      }
    }
  }

  Arena& arena_;
  const Failure& failure_;
  const std::int16_t version_;
};

}  // namespace

Result<> error_reply(const FailedRequest& failed, ErrorCode error, NullableText message, Arena& arena,
                     void* response) {
  const Failure failure{.error = error, .message = message};
  put_failure(*failed.api.response->root, response, failure, failed.version);
  if (failed.request == nullptr) return {};
  Mirroring mirroring(arena, failure, failed.version);
  for (const Mirror& mirror : kMirrors) {
    if (mirror.api != failed.api.key) continue;
    const FieldInfo* asked = find_field(*failed.api.request->root, mirror.asked);
    const FieldInfo* answered = find_field(*failed.api.response->root, mirror.answered);
    OTTLA_INVARIANT(asked != nullptr && answered != nullptr, "no such array", mirror.asked);
    OTTLA_CHECK(mirroring.add(*asked, failed.request, *answered, response, &mirror));
  }
  return {};
}

}  // namespace ottla::server
