#include "protocol/wire_reader.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "base/endian.h"
#include "protocol/array.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/schema.h"

namespace ottla::protocol {
namespace {

template <typename T>
void swap_all(const std::byte* from, std::uint32_t count, std::byte* to) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const T value = load_big_endian<T>(from + i * sizeof(T));
    std::memcpy(to + i * sizeof(T), &value, sizeof(T));
  }
}

}  // namespace

void load_scalars(Kind kind, const std::byte* from, std::uint32_t count, std::byte* out) {
  switch (smallest_size(kind)) {
    case 2:
      swap_all<std::uint16_t>(from, count, out);
      break;
    case 4:
      swap_all<std::uint32_t>(from, count, out);
      break;
    case 8:
      swap_all<std::uint64_t>(from, count, out);
      break;
    case 16:
      swap_all<std::uint64_t>(from, count * 2, out);
      break;
    default:
      for (std::uint32_t i = 0; i < count; ++i)
        out[i] = kind == Kind::boolean && from[i] != std::byte{0} ? std::byte{1} : from[i];
  }
}

void WireReader::note_fault(FaultLog* log, const std::byte* at, const std::byte* end, Fault fault,
                            std::uint64_t value) {
  if (log == nullptr) return;
  log->detail = {.fault = fault,
                 .value = value,
                 .position = static_cast<std::size_t>(at - log->begin),
                 .left = static_cast<std::size_t>(end - at)};
}

bool WireReader::enter_tag(std::uint32_t& tag, TagScope& scope) {
  std::uint32_t size = 0;
  if (!read_varint(tag) || !read_varint(size) || !need(size)) return false;
  scope.end = end_;
  end_ = at_ + size;
  return true;
}

bool WireReader::leave_tag(TagScope scope) {
  if (at_ != end_) return fail(Fault::tag_size, left());
  end_ = scope.end;
  return true;
}

bool WireReader::keep_unknown_tag(const StructureInfo& structure, std::uint32_t tag, TagScope scope,
                                  std::uint32_t still_to_come, ErasedArray* kept) {
  if (tag < structure.tags.size()) return fail(Fault::foreign_tag, tag);
  if (kept != nullptr && arena_ != nullptr) {
    if (kept->empty()) {
      std::byte* place = allocate(sizeof(UnknownTag) * still_to_come, alignof(UnknownTag));
      if (place == nullptr) return false;
      *kept = ErasedArray(place, 0, false);
    }
    auto* tags = static_cast<UnknownTag*>(const_cast<void*>(kept->erased()));
    ::new (tags + kept->size()) UnknownTag{.tag = tag, .value = Bytes(at_, left())};
    *kept = ErasedArray(tags, kept->size() + 1, false);
  }
  at_ = end_;
  end_ = scope.end;
  return true;
}

}  // namespace ottla::protocol
