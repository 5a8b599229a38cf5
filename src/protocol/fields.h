// What fields of messages are made of besides numbers: text that may be null, a structure that may be missing,
// record sets, and tagged fields that this program does not know.
//
// Lifetime:    all of them point into a frame, an arena or memory of the caller and own nothing, so that a
//              message can be copied by copying its bytes.
// Concurrency: as what they point into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/invariant.h"
#include "protocol/array.h"

namespace ottla {
class Chain;
class Slice;
}  // namespace ottla

namespace ottla::protocol {

class NullableText {
 public:
  constexpr NullableText() : text_("") {}
  constexpr NullableText(std::nullptr_t) : text_() {}
  constexpr NullableText(const char* text) : text_(text) {}
  constexpr NullableText(std::string_view text)
      : text_(text.data() == nullptr ? std::string_view("") : text) {}

  constexpr bool is_null() const { return text_.data() == nullptr; }
  constexpr std::string_view operator*() const {
    OTTLA_INVARIANT(!is_null(), "a null text was read");
    return text_;
  }
  constexpr std::string_view value_or(std::string_view other) const { return is_null() ? other : text_; }

  friend constexpr bool operator==(NullableText a, NullableText b) {
    return a.is_null() == b.is_null() && a.text_ == b.text_;
  }

 private:
  std::string_view text_;
};

// An optional structure whose type is known from a table; what codecs see.
class ErasedOptional {
 public:
  constexpr ErasedOptional() = default;
  explicit constexpr ErasedOptional(const void* value) : value_(value) {}
  constexpr bool is_null() const { return value_ == nullptr; }
  constexpr const void* erased() const { return value_; }

 private:
  const void* value_ = nullptr;
};

template <typename T>
class Optional : public ErasedOptional {
 public:
  constexpr Optional() : ErasedOptional(&kInitial) {}
  constexpr Optional(std::nullptr_t) {}
  constexpr Optional(const T* value) : ErasedOptional(value) {}

  constexpr const T& operator*() const {
    OTTLA_INVARIANT(!is_null(), "a missing structure was read");
    return *static_cast<const T*>(erased());
  }
  constexpr const T* operator->() const { return &**this; }

 private:
  static const T kInitial;  // a field whose default is not null starts with the structure's own defaults
};
template <typename T>
const T Optional<T>::kInitial{};

// A record set: bytes of a frame, or a chain that is sent without being copied.
class Records {
 public:
  constexpr Records() = default;
  constexpr Records(std::nullptr_t) : form_(Form::null) {}
  // A frame's own bytes. Encoding copies them: use the frame's slice to send them on.
  explicit constexpr Records(std::span<const std::byte> bytes) : at_(bytes.data()), size_(bytes.size()) {}
  // Not copied; `chain` outlives the encoding, which claims its pieces.
  explicit Records(const Chain& chain);
  Records(Chain&&) = delete;

  constexpr bool is_null() const { return form_ == Form::null; }
  constexpr std::uint64_t size() const { return size_; }
  // Null when the records lie in one place.
  const Chain* chain() const { return form_ == Form::chain ? static_cast<const Chain*>(at_) : nullptr; }
  std::span<const std::byte> bytes() const {
    OTTLA_INVARIANT(form_ != Form::chain, "records in a chain have no single place");
    return {static_cast<const std::byte*>(at_), static_cast<std::size_t>(size_)};
  }
  // The records of a message that was decoded from `frame`, sharing its block.
  Slice slice_of(const Slice& frame) const;

  friend bool operator==(const Records& a, const Records& b);

 private:
  enum class Form : std::uint8_t { bytes, chain, null };

  const void* at_ = nullptr;
  std::uint64_t size_ = 0;
  Form form_ = Form::bytes;
};

struct UnknownTag {
  std::uint32_t tag = 0;
  Bytes value;

  friend bool operator==(const UnknownTag&, const UnknownTag&) = default;
};
// In the order in which they came, which is that of their numbers.
using UnknownTags = Array<UnknownTag>;

}  // namespace ottla::protocol
