// Encodes a large message in pieces, so that its bytes never lie in memory as a whole: the next piece is made when
// the one before it has been sent.
//
// Use:         OTTLA_TRY(auto encoder, PieceEncoder::start(parts, Prefix::frame_size));
//              while (!encoder.done()) co_await stream.write(encoder.next());
// Lifetime:    refers to the messages until done().
// Concurrency: confined to one shard.
// Invariants:  1. the pieces together are exactly what encode() gives
//              2. a piece has at most `limit` bytes of its own and its prefix, unless one value (a text, a
//                 scalar array, the tags) has more; chains of records come on top, since they are not copied
// Errors:      those of encode(), all of them before the first byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/chain.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "protocol/codec.h"
#include "protocol/encoder.h"
#include "protocol/schema.h"

namespace ottla::protocol {

class PieceEncoder {
 public:
  static constexpr std::size_t kLimit = std::size_t{64} << 10;

  static Result<PieceEncoder> start(std::span<const Encodable> parts, Prefix prefix,
                                    std::size_t limit = kLimit, BufferSource& source = heap_buffers());

  // Of all pieces together, the prefix included.
  std::uint64_t size() const { return size_; }
  bool done() const { return written_ == size_; }
  Chain next();

 private:
  // A structure that is taken apart, and how far that has come.
  struct Level {
    const StructureInfo* structure;
    const std::byte* data;
    std::size_t field = 0;      // the next one; behind the last one stand the tags
    std::int64_t element = -1;  // the next one of that field's array; -1: the array has not begun
  };
  // What is written whole.
  struct Unit {
    enum class What : std::uint8_t { field, count, element, tags } what;
    const StructureInfo* structure;  // of the element or the tags
    const FieldInfo* field;
    const std::byte* data;
    std::size_t own;  // bytes, without those that are claimed
  };

  PieceEncoder(std::span<const Encodable> parts, std::size_t limit, BufferSource& source)
      : parts_(parts.begin(), parts.end()), limit_(limit), source_(&source) {}

  // Takes structures apart until the next unit fits into a piece. There is one: not done().
  Unit peek();
  // The next unit of the innermost level; nothing when it has come to an end or was taken apart further.
  bool peek_level(Unit& unit);
  bool peek_field(Level& level, const FieldInfo& field, Unit& unit);
  bool peek_element(Level& level, const FieldInfo& field, Unit& unit);
  void write(WriteSink& sink, const Unit& unit);
  void pass(const Unit& unit);
  std::size_t own_size(const Unit& unit) const;
  const Encodable& part() const { return parts_[part_]; }
  bool flexible() const { return part().message->is_flexible(part().version); }

  std::vector<Encodable> parts_;
  std::size_t limit_;
  BufferSource* source_;
  Chain front_;  // the prefix, until the first piece
  std::size_t part_ = 0;
  std::vector<Level> levels_;  // of part(), the innermost last; empty: it has not begun
  std::uint64_t size_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace ottla::protocol
