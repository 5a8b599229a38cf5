#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"
#include "test/protocol/golden/parts.h"

namespace ottla::golden {
namespace {

using protocol::ErasedArray;
using protocol::ErasedOptional;
using protocol::FieldInfo;
using protocol::Kind;
using protocol::StructureInfo;

enum class Value : std::uint8_t { null, other };

// From the message down to the field.
using Path = std::vector<const FieldInfo*>;

struct Change {
  Path path;
  Value value;

  std::string name() const {
    std::string name;
    for (const FieldInfo* field : path) name += fmt::format("{}{}", name.empty() ? "" : "/", field->name);
    return name;
  }
};

bool can_be_null(const FieldInfo& field) {
  return field.is_array() || field.kind == Kind::nullable_string || field.kind == Kind::bytes ||
         field.kind == Kind::records || field.kind == Kind::optional;
}

void collect(const StructureInfo& structure, std::int16_t version, Path& path, std::vector<Change>& changes) {
  for (const FieldInfo& field : structure.fields) {
    path.push_back(&field);
    changes.push_back({.path = path, .value = Value::other});
    if (can_be_null(field)) changes.push_back({.path = path, .value = Value::null});
    if (field.structure != nullptr && field.versions.contains(version) && path.size() < 8)
      collect(*field.structure, version, path, changes);
    path.pop_back();
  }
}

class Maker {
 public:
  explicit Maker(Workbench& bench) : bench_(bench) {}

  const std::byte* make(const Subject& subject, const Change& change) {
    std::byte* root = bench_.blank(*subject.message->root);
    std::byte* at = root;
    for (const FieldInfo* step : std::span(change.path).first(change.path.size() - 1))
      at = descend(*step, at);
    const FieldInfo& field = *change.path.back();
    change.value == Value::null ? set_null(field, at + field.offset) : set_other(field, at + field.offset);
    return root;
  }

 private:
  std::byte* descend(const FieldInfo& field, std::byte* parent) {
    std::byte* place = parent + field.offset;
    if (!field.is_array() && field.kind == Kind::structure) return place;
    std::byte* child = bench_.blank(*field.structure);
    if (field.is_array()) {
      put(place, ErasedArray(child, 1, false));
    } else {
      put(place, ErasedOptional(child));
    }
    return child;
  }

  static void set_null(const FieldInfo& field, std::byte* place) {
    if (field.is_array() || field.kind == Kind::bytes) return put(place, ErasedArray(nullptr, 0, true));
    if (field.kind == Kind::nullable_string) return put(place, protocol::NullableText(nullptr));
    if (field.kind == Kind::records) return put(place, protocol::Records(nullptr));
    put(place, ErasedOptional(nullptr));
  }

  // As Refusals.java does it.
  void set_other(const FieldInfo& field, std::byte* place) {
    static constexpr std::array kSeven = {std::byte{7}};
    if (field.is_array()) return put(place, ErasedArray(blank_element(field), 1, false));
    switch (field.kind) {
      case Kind::boolean:
        return put(place, !get<bool>(place));
      case Kind::int8:
        return put(place, static_cast<std::int8_t>(get<std::int8_t>(place) + 1));
      case Kind::int16:
        return put(place, static_cast<std::int16_t>(get<std::int16_t>(place) + 1));
      case Kind::uint16:
        return put(place, next(get<std::uint16_t>(place)));
      case Kind::int32:
        return put(place, next(get<std::int32_t>(place)));
      case Kind::uint32:
        return put(place, next(get<std::uint32_t>(place)));
      case Kind::int64:
        return put(place, next(get<std::int64_t>(place)));
      case Kind::float64:
        return put(place, get<double>(place) + 1);
      case Kind::uuid:
        return put(place, Uuid(7, 7));
      case Kind::string:
        return put(place, std::string_view("?"));
      case Kind::nullable_string:
        return put(place, protocol::NullableText("?"));
      case Kind::bytes:
        return put(place, protocol::Bytes(kSeven));
      case Kind::records:
        return put(place, protocol::Records(std::span<const std::byte>(kSeven)));
      case Kind::structure:
        return set_first(*field.structure, place);
      case Kind::optional:
        return set_optional(field, place);
    }
  }

  void set_first(const StructureInfo& structure, std::byte* place) {
    const FieldInfo& first = structure.fields.front();
    set_other(first, place + first.offset);
  }

  void set_optional(const FieldInfo& field, std::byte* place) {
    const bool was_null = get<ErasedOptional>(place).is_null();
    std::byte* child = bench_.blank(*field.structure);
    if (!was_null) set_first(*field.structure, child);
    put(place, ErasedOptional(child));
  }

  const std::byte* blank_element(const FieldInfo& field) {
    if (field.structure != nullptr) return bench_.blank(*field.structure);
    const std::size_t size = protocol::element_size(field.kind);
    auto* element = static_cast<std::byte*>(bench_.arena().allocate(size));
    std::fill_n(element, size, std::byte{0});
    if (field.kind == Kind::string) put(element, std::string_view(""));
    if (field.kind == Kind::bytes) put(element, protocol::Bytes(nullptr, 0));
    return element;
  }

  // Another small number, whatever the first one was.
  template <typename T>
  static T next(T value) {
    return static_cast<T>((static_cast<std::uint64_t>(value) + 1) & 0x7FFF);
  }
  template <typename T>
  static void put(std::byte* place, const T& value) {
    *reinterpret_cast<T*>(place) = value;
  }
  template <typename T>
  static const T& get(const std::byte* place) {
    return *reinterpret_cast<const T*>(place);
  }

  Workbench& bench_;
};

class Check {
 public:
  explicit Check(Report& report) : report_(report) {}

  static Question question(const Subject& subject, const std::vector<Change>& changes) {
    Question question('R');
    question.text(subject.message->name)
        .int16(subject.version)
        .int32(static_cast<std::int32_t>(changes.size()));
    for (const Change& change : changes)
      question.text(change.name()).byte(static_cast<std::uint8_t>(change.value));
    return question;
  }

  void run(const Subject& subject, const std::vector<Change>& changes, Answer answer) {
    report_.begin_case(subject.name());
    if (answer.int32() != static_cast<std::int32_t>(changes.size())) give_up("some fields were not answered");
    for (const Change& change : changes) {
      const std::string_view wrong = answer.text();
      compare(subject, change, wrong, answer.bytes());
      bench_.clear();
    }
    report_.end_case();
  }

 private:
  void compare(const Subject& subject, const Change& change, std::string_view wrong, ByteView bytes) {
    report_.compared();
    const auto ours = encode(subject, Maker(bench_).make(subject, change));
    if (ours.ok() != wrong.empty())
      return complain(change, ours.ok() ? fmt::format("we encode what the reference refuses ({})", wrong)
                                        : fmt::format("we refuse what the reference encodes: {}",
                                                      ours.error().to_string()));
    if (ours.ok() && !std::ranges::equal(as_view(*ours), bytes))
      complain(change, difference(subject, bytes, as_view(*ours)));
  }

  void complain(const Change& change, std::string_view what) {
    report_.mismatch(
        fmt::format("{} {}: {}", change.name(), change.value == Value::null ? "null" : "changed", what));
  }

  Report& report_;
  Workbench bench_;
};

}  // namespace

void compare_single_fields(const Choice& choice, Reference& reference, Report& report) {
  report.begin("one field changed, or null");
  Check check(report);
  for (const Subject& subject : choice.subjects()) {
    std::vector<Change> changes;
    Path path;
    collect(*subject.message->root, subject.version, path, changes);
    check.run(subject, changes, reference.answer_to(Check::question(subject, changes)));
  }
}

}  // namespace ottla::golden
