#include "protocol/testing/view_walk.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/invariant.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/equal.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/produce.h"
#include "protocol/schema.h"
#include "protocol/sequence.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {
namespace {

using Read = const std::byte* (*)(const std::byte* at, const std::byte* end, std::int16_t version,
                                  std::byte* out);

// What a Sequence of this structure calls for each element.
struct Element {
  const StructureInfo* structure;
  Read read;
};

template <typename T>
Element element() {
  return {&T::structure(),
          [](const std::byte* at, const std::byte* end, std::int16_t version, std::byte* out) {
            return T::read(at, end, version, *reinterpret_cast<T*>(out));
          }};
}

// Types are not in the tables: what a table names and this list does not is a broken invariant below.
Read read_of(const StructureInfo& structure) {
  static const Element elements[] = {
      element<ProduceRequest::PartitionProduceData>(),
      element<ProduceRequest::TopicProduceData::View>(),
      element<ProduceResponse::BatchIndexAndErrorMessage>(),
      element<ProduceResponse::NodeEndpoint>(),
      element<ProduceResponse::PartitionProduceResponse::View>(),
      element<ProduceResponse::TopicProduceResponse::View>(),
      element<FetchRequest::FetchPartition>(),
      element<FetchRequest::FetchTopic::View>(),
      element<FetchRequest::ForgottenTopic::View>(),
      element<FetchResponse::AbortedTransaction>(),
      element<FetchResponse::FetchableTopicResponse::View>(),
      element<FetchResponse::NodeEndpoint>(),
      element<FetchResponse::PartitionData::View>(),
      element<MetadataRequest::MetadataRequestTopic>(),
      element<MetadataResponse::MetadataResponseBroker>(),
      element<MetadataResponse::MetadataResponsePartition::View>(),
      element<MetadataResponse::MetadataResponseTopic::View>(),
      element<OffsetCommitRequest::OffsetCommitRequestPartition>(),
      element<OffsetCommitRequest::OffsetCommitRequestTopic::View>(),
      element<OffsetCommitResponse::OffsetCommitResponsePartition>(),
      element<OffsetCommitResponse::OffsetCommitResponseTopic::View>(),
      element<OffsetFetchRequest::OffsetFetchRequestGroup::View>(),
      element<OffsetFetchRequest::OffsetFetchRequestTopic::View>(),
      element<OffsetFetchRequest::OffsetFetchRequestTopics::View>(),
      element<OffsetFetchResponse::OffsetFetchResponseGroup::View>(),
      element<OffsetFetchResponse::OffsetFetchResponsePartition>(),
      element<OffsetFetchResponse::OffsetFetchResponsePartitions>(),
      element<OffsetFetchResponse::OffsetFetchResponseTopic::View>(),
      element<OffsetFetchResponse::OffsetFetchResponseTopics::View>(),
  };
  const auto* found = std::ranges::find(elements, &structure, &Element::structure);
  OTTLA_INVARIANT(found != std::end(elements), "an element of a View is not listed here", structure.name);
  return found->read;
}

bool structures_show(const ErasedSequence& sequence, const FieldInfo& field, const FieldInfo& plain,
                     const ErasedArray& array) {
  const Read read = read_of(*field.structure);
  const std::byte* at = sequence.bytes().data();
  const std::byte* end = at + sequence.bytes().size();
  const auto* whole = static_cast<const std::byte*>(array.erased());
  alignas(std::max_align_t) std::array<std::byte, kLargestElement> element;
  for (std::size_t i = 0; i < sequence.size(); ++i, whole += plain.structure->size) {
    std::memcpy(element.data(), field.structure->initial, field.structure->size);
    at = read(at, end, sequence.version(), element.data());
    if (!walk_shows(*field.structure, element.data(), *plain.structure, whole)) return false;
  }
  return at == end;
}

template <typename T>
bool values_show(const ErasedSequence& sequence, const ErasedArray& array) {
  const auto* whole = static_cast<const T*>(array.erased());
  for (const T& each : static_cast<const Sequence<T>&>(sequence)) {
    if (!(each == *whole++)) return false;
  }
  return whole == static_cast<const T*>(array.erased()) + array.size();
}

bool sequence_shows(const ErasedSequence& sequence, const FieldInfo& field, const FieldInfo& plain,
                    const ErasedArray& array) {
  if (sequence.is_null() != array.is_null() || sequence.size() != array.size()) return false;
  switch (field.kind) {
    case Kind::structure:
      return structures_show(sequence, field, plain, array);
    case Kind::int32:
      return values_show<std::int32_t>(sequence, array);
    case Kind::int64:
      return values_show<std::int64_t>(sequence, array);
    case Kind::uuid:
      return values_show<Uuid>(sequence, array);
    case Kind::string:
      return values_show<std::string_view>(sequence, array);
    default:
      OTTLA_INVARIANT(false, "no View has had such elements yet", field.name);
  }
}

}  // namespace

const MessageInfo* view_of(const MessageInfo& message) {
  static const MessageInfo* const views[] = {
      &ProduceRequest::View::message(),      &ProduceResponse::View::message(),
      &FetchRequest::View::message(),        &FetchResponse::View::message(),
      &MetadataRequest::View::message(),     &MetadataResponse::View::message(),
      &OffsetCommitRequest::View::message(), &OffsetCommitResponse::View::message(),
      &OffsetFetchRequest::View::message(),  &OffsetFetchResponse::View::message(),
  };
  const auto* found = std::ranges::find(views, std::string_view(message.name), &MessageInfo::name);
  return found != std::end(views) ? *found : nullptr;
}

bool walk_shows(const StructureInfo& view, const void* walked, const StructureInfo& plain,
                const void* whole) {
  for (std::size_t i = 0; i < view.fields.size(); ++i) {
    const FieldInfo& field = view.fields[i];
    const FieldInfo& same = plain.fields[i];
    OTTLA_INVARIANT(std::string_view(field.name) == same.name, "a View has other fields", field.name);
    const std::byte* seen = static_cast<const std::byte*>(walked) + field.offset;
    const std::byte* value = static_cast<const std::byte*>(whole) + same.offset;
    bool shows = false;
    if (field.array == ArrayForm::lazy) {
      shows = sequence_shows(*reinterpret_cast<const ErasedSequence*>(seen), field, same,
                             *reinterpret_cast<const ErasedArray*>(value));
    } else if (field.kind == Kind::structure && !field.is_array()) {
      shows = walk_shows(*field.structure, seen, *same.structure, value);
    } else {
      shows = equal_field(field, seen, value);
    }
    if (!shows) return false;
  }
  return true;
}

}  // namespace ottla::protocol
