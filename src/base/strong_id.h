// A number that means one thing: ids of different kinds neither mix nor convert silently.
//
// Use:        using NodeId = StrongId<struct NodeIdTag, std::int32_t>;   NodeId id(3);   id.raw();
// Invariants: 1. nothing converts to or from an id without being written down
//             2. an id is as large and as cheap as its number
// Arithmetic: none; an id on which one calculates is a type of its own (Offset).
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <string>

namespace ottla {

template <typename Tag, std::integral Rep>
class StrongId {
 public:
  using rep = Rep;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep raw) : raw_(raw) {}
  // Another width or sign would be changed silently; convert it in the open first.
  template <std::integral Other>
    requires(!std::same_as<Other, Rep> && !std::same_as<Other, int>)
  explicit StrongId(Other raw) = delete;

  constexpr Rep raw() const { return raw_; }
  std::string to_string() const { return std::to_string(raw_); }

  friend constexpr bool operator==(StrongId, StrongId) = default;
  friend constexpr std::strong_ordering operator<=>(StrongId, StrongId) = default;

 private:
  Rep raw_ = 0;
};

}  // namespace ottla

template <typename Tag, std::integral Rep>
struct std::hash<ottla::StrongId<Tag, Rep>> {
  std::size_t operator()(ottla::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>()(id.raw()); }
};
