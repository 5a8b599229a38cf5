#include "protocol/piece_encoder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/chain.h"
#include "base/error.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/array.h"
#include "protocol/codec.h"
#include "protocol/encoder.h"
#include "protocol/front.h"
#include "protocol/schema.h"

namespace ottla::protocol {
namespace {

const ErasedArray& array_at(const std::byte* data) {
  return *reinterpret_cast<const ErasedArray*>(data);
}

// Pieces of a chain that one piece of a message holds, more or less.
constexpr std::size_t kChainPieces = 4;

}  // namespace

Result<PieceEncoder> PieceEncoder::start(std::span<const Encodable> parts, Prefix prefix, std::size_t limit,
                                         BufferSource& source) {
  OTTLA_TRY(const std::uint64_t size, encoded_size(parts));
  if (size > INT32_MAX) return Error(Errc::too_large, "a message of more than 2 GiB");
  const Front front(prefix, size, parts.front());
  PieceEncoder encoder(parts, limit, source);
  if (front.size() != 0) encoder.front_.append(Slice::copy_of(std::span(front.data(), front.size())));
  encoder.size_ = size + front.size();
  return encoder;
}

Chain PieceEncoder::next() {
  OTTLA_INVARIANT(!done(), "all pieces were taken", size_);
  Chain piece = std::move(front_);
  written_ += piece.size();
  std::uint64_t left = size_ - written_;
  if (left == 0) return piece;
  Unit unit = peek();
  WriteSink sink(std::max(unit.own, static_cast<std::size_t>(std::min<std::uint64_t>(limit_, left))),
                 kChainPieces, *source_);
  do {
    const std::size_t room = sink.room();
    write(sink, unit);
    OTTLA_INVARIANT(room - sink.room() == unit.own, "a unit is not as long as it was measured");
    pass(unit);
    left = size_ - written_ - sink.written();
    if (left != 0) unit = peek();
  } while (left != 0 && unit.own <= sink.room());
  Chain body = std::move(sink).finish_early();
  written_ += body.size();
  piece.append(std::move(body));
  return piece;
}

PieceEncoder::Unit PieceEncoder::peek() {
  Unit unit{};
  for (;;) {
    if (levels_.empty()) {
      levels_.push_back(
          {.structure = part().message->root, .data = static_cast<const std::byte*>(part().data)});
    }
    if (peek_level(unit)) return unit;
  }
}

bool PieceEncoder::peek_level(Unit& unit) {
  Level& level = levels_.back();
  const auto fields = level.structure->fields;
  if (level.field > fields.size()) {
    levels_.pop_back();
    if (levels_.empty()) ++part_;
    return false;
  }
  if (level.field == fields.size()) {
    unit = {.what = Unit::What::tags,
            .structure = level.structure,
            .field = nullptr,
            .data = level.data,
            .own = 0};
    unit.own = own_size(unit);
    return true;
  }
  const FieldInfo& field = fields[level.field];
  if (!field.versions.contains(part().version) || field.tagged.contains(part().version)) {
    ++level.field;
    return false;
  }
  return level.element < 0 ? peek_field(level, field, unit) : peek_element(level, field, unit);
}

bool PieceEncoder::peek_field(Level& level, const FieldInfo& field, Unit& unit) {
  const std::byte* value = level.data + field.offset;
  unit = {.what = Unit::What::field, .structure = nullptr, .field = &field, .data = value, .own = 0};
  unit.own = own_size(unit);
  if (unit.own <= limit_ || field.kind != Kind::structure) return true;
  if (field.is_array()) {
    if (array_at(value).empty()) return true;
    unit.what = Unit::What::count;
    unit.own = own_size(unit);
    return true;
  }
  ++level.field;
  levels_.push_back({.structure = field.structure, .data = value});
  return false;
}

bool PieceEncoder::peek_element(Level& level, const FieldInfo& field, Unit& unit) {
  const ErasedArray& array = array_at(level.data + field.offset);
  if (level.element == array.size()) {
    level.element = -1;
    ++level.field;
    return false;
  }
  const auto* element = static_cast<const std::byte*>(array.erased()) +
                        static_cast<std::size_t>(level.element) * field.structure->size;
  unit = {
      .what = Unit::What::element, .structure = field.structure, .field = &field, .data = element, .own = 0};
  unit.own = own_size(unit);
  if (unit.own <= limit_) return true;
  ++level.element;
  levels_.push_back({.structure = field.structure, .data = element});
  return false;
}

namespace {

template <typename Sink>
void put_array_size(Sink& sink, std::uint32_t size) {
  static_cast<void>(put_length<Sink, std::int32_t>(sink, sink.flexible(), size, INT32_MAX));
}

}  // namespace

std::size_t PieceEncoder::own_size(const Unit& unit) const {
  Measure measure(part().version, flexible());
  switch (unit.what) {
    case Unit::What::field:
      static_cast<void>(put_field(measure, *unit.field, unit.data));
      break;
    case Unit::What::count:
      put_array_size(measure, array_at(unit.data).size());
      break;
    case Unit::What::element:
      static_cast<void>(put_structure(measure, *unit.structure, unit.data));
      break;
    case Unit::What::tags:
      static_cast<void>(put_tags(measure, *unit.structure, unit.data));
      break;
  }
  return static_cast<std::size_t>(measure.size() - measure.foreign());
}

void PieceEncoder::write(WriteSink& sink, const Unit& unit) {
  sink.set_version(part().version, flexible());
  switch (unit.what) {
    case Unit::What::field:
      put_field(sink, *unit.field, unit.data);
      break;
    case Unit::What::count:
      put_array_size(sink, array_at(unit.data).size());
      break;
    case Unit::What::element:
      put_structure(sink, *unit.structure, unit.data);
      break;
    case Unit::What::tags:
      put_tags(sink, *unit.structure, unit.data);
      break;
  }
}

void PieceEncoder::pass(const Unit& unit) {
  Level& level = levels_.back();
  switch (unit.what) {
    case Unit::What::field:
    case Unit::What::tags:
      ++level.field;
      break;
    case Unit::What::count:
      level.element = 0;
      break;
    case Unit::What::element:
      ++level.element;
      break;
  }
}

}  // namespace ottla::protocol
