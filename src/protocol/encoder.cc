#include "protocol/encoder.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/chain.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "protocol/array.h"
#include "protocol/equal.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {

void store_scalars(std::size_t element, const std::byte* from, std::size_t bytes, std::byte* to) {
  const auto swap_all = [&]<typename T>(T) {
    for (std::size_t i = 0; i < bytes; i += sizeof(T)) {
      T value;
      std::memcpy(&value, from + i, sizeof(T));
      store_big_endian(to + i, value);
    }
  };
  switch (element) {
    case 2:
      swap_all(std::uint16_t{});
      break;
    case 4:
      swap_all(std::uint32_t{});
      break;
    case 8:
    case 16:
      swap_all(std::uint64_t{});
      break;
    default:
      std::copy_n(from, bytes, to);
  }
}

void WriteSink::seal() {
  const auto written = static_cast<std::size_t>(at_ - first_);
  if (written == 0) return;
  buffer_.commit(written);
  sealed_.append(buffer_.take_front(written));
  first_ = at_;
}

void WriteSink::put_records(const Records& records) {
  if (const Chain* chain = records.chain()) {
    seal();
    sealed_.append_shared(*chain);
  } else {
    put_bytes(records.bytes().data(), records.bytes().size());
  }
}

Chain WriteSink::finish() && {
  OTTLA_INVARIANT(at_ == end_, "an encoding is not as long as it was measured", room());
  return std::move(*this).finish_early();
}

Chain WriteSink::finish_early() && {
  OTTLA_INVARIANT(at_ <= end_, "an encoding is longer than it was measured");
  seal();
  return std::move(sealed_);
}

bool is_initial(const StructureInfo& structure, const FieldInfo& field, const std::byte* data) {
  return equal_field(field, data + field.offset,
                     static_cast<const std::byte*>(structure.initial) + field.offset);
}

template <typename Sink>
bool put_structure(Sink& sink, const StructureInfo& structure, const std::byte* data) {
  for (const FieldInfo& field : structure.fields) {
    if (!field.versions.contains(sink.version())) {
      if (!leave_out(sink, structure, field, data)) return false;
    } else if (!field.tagged.contains(sink.version())) {
      if (!put_field(sink, field, data + field.offset)) return false;
    }
  }
  return put_tags(sink, structure, data);
}

namespace {

template <typename Sink>
bool put_array(Sink& sink, const FieldInfo& field, const ErasedArray& array) {
  if (array.is_null()) return put_null<Sink, std::int32_t>(sink, field, sink.flexible());
  put_length<Sink, std::int32_t>(sink, sink.flexible(), array.size(), INT32_MAX);
  const auto* element = static_cast<const std::byte*>(array.erased());
  if (is_scalar(field.kind)) {
    sink.put_scalars(smallest_size(field.kind), array);
    return true;
  }
  const bool structures = field.kind == Kind::structure;
  const std::size_t stride = structures ? field.structure->size : element_size(field.kind);
  for (std::uint32_t i = 0; i < array.size(); ++i, element += stride) {
    const bool put = structures ? put_structure(sink, *field.structure, element)
                                : put_leaf(sink, never_null(field), field.kind, element);
    if (!put) {
      sink.note_index(i);
      return false;
    }
  }
  return true;
}

template <typename Sink>
bool put_optional(Sink& sink, const FieldInfo& field, const ErasedOptional& optional) {
  // In a tagged field a varint says whether there is one: 0 stands for null there.
  const bool tagged = field.tagged.contains(sink.version());
  if (optional.is_null()) return put_null<Sink, std::int8_t>(sink, field, tagged);
  sink.put_integer(std::int8_t{1});  // the same byte as a varint
  return put_structure(sink, *field.structure, static_cast<const std::byte*>(optional.erased()));
}

// Their numbers are above those of all fields that the structure has in any version.
class UnknownTagWriter {
 public:
  UnknownTagWriter(const StructureInfo& structure, const std::byte* data) {
    if (structure.unknown_tags != kNoUnknownTags) {
      tags_ = *reinterpret_cast<const UnknownTags*>(data + structure.unknown_tags);
    }
  }
  std::uint32_t count() const { return tags_.size(); }

  template <typename Sink>
  void put(Sink& sink) const {
    for (const UnknownTag& each : tags_) {
      sink.put_varint(each.tag);
      sink.put_varint(each.value.size());
      sink.put_bytes(each.value.data(), each.value.size());
    }
  }
  // The first that is not above its predecessor or has the number of a field in any version; none: -1.
  std::int64_t misplaced(const StructureInfo& structure) const {
    for (std::size_t i = 0; i < tags_.size(); ++i) {
      const std::uint32_t tag = tags_[i].tag;
      if (tag < structure.tags.size() || (i != 0 && tag <= tags_[i - 1].tag)) return tag;
    }
    return -1;
  }

 private:
  UnknownTags tags_;
};

template <typename Sink>
bool put_known_tag(Sink& sink, const FieldInfo& field, const std::byte* data) {
  Measure value(sink.version(), true);
  if (!put_field(value, field, data)) {
    if constexpr (Sink::kChecks) sink.adopt_fault(value);
    return false;
  }
  sink.put_varint(static_cast<std::uint32_t>(field.tag));
  sink.put_varint(static_cast<std::uint32_t>(value.size()));
  return put_field(sink, field, data);
}

}  // namespace

template <typename Sink>
bool put_field(Sink& sink, const FieldInfo& field, const std::byte* data) {
  bool put = false;
  if (field.is_array()) {
    put = put_array(sink, field, *reinterpret_cast<const ErasedArray*>(data));
  } else if (field.kind == Kind::structure) {
    put = put_structure(sink, *field.structure, data);
  } else if (field.kind == Kind::optional) {
    put = put_optional(sink, field, *reinterpret_cast<const ErasedOptional*>(data));
  } else {
    put = put_leaf(sink, field, field.kind, data);
  }
  if (!put) sink.note(field);
  return put;
}

template <typename Sink>
bool put_tags(Sink& sink, const StructureInfo& structure, const std::byte* data) {
  const UnknownTagWriter unknown(structure, data);
  if (!sink.flexible()) return unknown.count() == 0 || sink.fail(Fault::not_in_version);
  if constexpr (Sink::kChecks) {
    const std::int64_t misplaced = unknown.misplaced(structure);
    if (misplaced >= 0) return sink.fail(Fault::misplaced_tag, static_cast<std::uint64_t>(misplaced));
  }
  const auto is_written = [&](const FieldInfo& field) {
    return field.tagged.contains(sink.version()) && !is_initial(structure, field, data);
  };
  std::uint32_t count = unknown.count();
  for (const std::uint8_t index : structure.tags) count += is_written(structure.fields[index]) ? 1 : 0;
  sink.put_varint(count);
  if (count == 0) return true;
  for (const std::uint8_t index : structure.tags) {
    const FieldInfo& field = structure.fields[index];
    if (!is_written(field)) continue;
    if (!put_known_tag(sink, field, data + field.offset)) return false;
  }
  unknown.put(sink);
  return true;
}

template bool put_structure(Measure&, const StructureInfo&, const std::byte*);
template bool put_structure(WriteSink&, const StructureInfo&, const std::byte*);
template bool put_field(Measure&, const FieldInfo&, const std::byte*);
template bool put_field(WriteSink&, const FieldInfo&, const std::byte*);
template bool put_tags(Measure&, const StructureInfo&, const std::byte*);
template bool put_tags(WriteSink&, const StructureInfo&, const std::byte*);

}  // namespace ottla::protocol
