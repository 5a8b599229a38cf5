// One JSON document (RFC 8259) as a tree in an arena.
//
// Use:         OTTLA_TRY(const JsonValue* root, parse_json(text, arena));
//              if (const JsonValue* keys = root->find("keys")) for (const JsonValue& key : *keys) …
// Lifetime:    the tree lives in the arena and does not refer to the text.
// Concurrency: immutable.
// Invariants:  1. texts are valid UTF-8; the names of one object's members differ
//              2. nesting is bounded, also while parsing, which does not recurse
//              3. integers are exact: a number is an integer if it is written as one and fits
// Errors:      malformed (with the byte where it was seen), too_large (nesting), out_of_budget; never contents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"

namespace ottla {

enum class JsonKind : std::uint8_t { null, boolean, integer, real, text, array, object };

std::string_view name_of(JsonKind kind);

class JsonValue {
 public:
  class Iterator {
   public:
    using value_type = JsonValue;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(const JsonValue* at) : at_(at) {}
    const JsonValue& operator*() const { return *at_; }
    const JsonValue* operator->() const { return at_; }
    Iterator& operator++() {
      at_ = at_->next_;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) {
      return iterator.at_ == nullptr;
    }

   private:
    const JsonValue* at_;
  };

  JsonKind kind() const { return kind_; }
  bool is_null() const { return kind_ == JsonKind::null; }
  // Of a member of an object: its name.
  std::string_view name() const { return name_; }

  // Nothing when the value is of another kind.
  std::optional<bool> boolean() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> real() const;  // of any number
  std::optional<std::string_view> text() const;
  // A number that is no integer here, as it was written: for who needs more than a double.
  std::string_view digits() const { return kind_ == JsonKind::real ? text_ : std::string_view(); }

  // Elements or members, in their order; none for other kinds.
  Iterator begin() const { return Iterator(first_); }
  std::default_sentinel_t end() const { return {}; }
  std::size_t size() const { return kind_ >= JsonKind::array ? size_ : 0; }
  // Null when there is no such member. Takes time by the number of members.
  const JsonValue* find(std::string_view name) const;

 private:
  friend class JsonTreeBuilder;

  const JsonValue* next_ = nullptr;
  const JsonValue* first_ = nullptr;
  std::string_view name_;
  std::string_view text_;
  union {  // by kind_
    std::int64_t integer_ = 0;
    double real_;
    std::size_t size_;
  };
  JsonKind kind_ = JsonKind::null;
};

inline constexpr std::size_t kDeepestJson = 64;

Result<const JsonValue*> parse_json(std::string_view text, Arena& arena, std::size_t deepest = kDeepestJson);

}  // namespace ottla
