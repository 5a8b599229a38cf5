// Why bytes could not be decoded or a message could not be encoded, and where in the message.
//
// A codec notes the fault where it happens and the path while it returns, so that nothing is paid for either
// until something is wrong. Texts name fields, positions and sizes, never contents: they may be logged.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"
#include "protocol/schema.h"

namespace ottla::protocol {

enum class Fault : std::uint8_t {
  none,
  truncated,         // fewer bytes are left than needed
  malformed_varint,  // over-long, or cut off
  bad_length,        // below -1, or more than the wire allows
  unexpected_null,   // the field is not nullable in this version
  too_many,          // more elements than bytes are left
  tag_size,          // a tagged field is longer or shorter than it says
  foreign_tag,       // the tag of a field that only other versions have
  out_of_memory,     // the arena's budget is spent
  trailing_bytes,
  no_such_version,
  too_long,        // text or bytes that the wire cannot hold
  not_in_version,  // a value that this version cannot carry
  misplaced_tag,   // an unknown tag out of order, or with the number of a field
};

class FaultPath {
 public:
  FaultPath() {}  // NOLINT(modernize-use-equals-default): a defaulted one would clear the steps

  static constexpr std::size_t kDeepest = 12;

  // From the inside out. An index that was noted before belongs to this field.
  void note(const FieldInfo& field) {
    if (depth_ < kDeepest) steps_[depth_++] = {.field = &field, .index = std::exchange(index_, -1)};
  }
  void note_index(std::int64_t index) { index_ = index; }
  // "FetchRequest.topics[3].partitions[0].fetchOffset"
  std::string render(const char* message) const;

 private:
  struct Step {
    const FieldInfo* field;
    std::int64_t index;  // -1: the field itself, not an element
  };

  std::array<Step, kDeepest> steps_;  // not cleared: most messages have no fault
  std::size_t depth_ = 0;
  std::int64_t index_ = -1;
};

// What a codec knows when it fails.
struct FaultDetail {
  Fault fault = Fault::none;
  std::uint64_t value = 0;   // bytes needed, a length, a count, a tag: as the fault has it
  std::size_t position = 0;  // offset in the bytes
  std::size_t left = 0;      // bytes left there
};

Error decode_error(const MessageInfo& message, std::int16_t version, const FaultDetail& detail,
                   const FaultPath& path);
Error encode_error(const MessageInfo& message, std::int16_t version, const FaultDetail& detail,
                   const FaultPath& path);

}  // namespace ottla::protocol
