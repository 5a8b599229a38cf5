// Turns bytes of unknown honesty into the fields of messages, by the tables of schema.h.
//
// Use:         codec.h is the door; this is its engine.
// Lifetime:    what it builds points into the bytes and the arena.
// Concurrency: confined to one shard, like its arena.
// Invariants:  1. reads only between at and end; a failed read leaves the fault, the place and the path
//              2. counts are believed only up to the bytes left; what is built is charged to the arena
//              3. recursion is as deep as the schema, never as deep as the bytes say
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "protocol/fault.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {

class Decoder : public WireReader {
 public:
  // Without an arena only what is visited in place can be read.
  Decoder(std::span<const std::byte> bytes, std::int16_t version, bool flexible, Arena* arena)
      : WireReader(bytes, version, flexible, arena, &log_), log_{.begin = bytes.data(), .detail = {}} {}
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // `out` has all defaults. False: see detail() and path().
  bool read_structure(const StructureInfo& structure, std::byte* out);
  bool read_field(const FieldInfo& field, std::byte* out);

  std::int64_t position() const { return at() - log_.begin; }
  const FaultDetail& detail() const { return log_.detail; }
  const FaultPath& path() const { return path_; }

 private:
  bool read_array(const FieldInfo& field, std::byte* out);
  bool read_sequence(const FieldInfo& field, std::byte* out);
  bool read_elements(const FieldInfo& field, std::uint32_t count, std::byte* elements);
  bool read_optional(const FieldInfo& field, std::byte* out);
  bool read_tags(const StructureInfo& structure, std::byte* out);

  FaultLog log_;
  FaultPath path_;
};

}  // namespace ottla::protocol
