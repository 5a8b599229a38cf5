// What each message and each structure in one has: a description of itself, and equality by content.
//
// Use:   FetchRequest::message() names the message and its versions; codec.h turns it into bytes and back.
// Notes: generated headers include this one; keep it light.
#pragma once

#include <concepts>

namespace ottla::protocol {

struct StructureInfo;
struct MessageInfo;

template <typename T>
concept Structure = requires {
  { T::structure() } -> std::same_as<const StructureInfo&>;
};

template <typename T>
concept Message = Structure<T> && requires {
  { T::message() } -> std::same_as<const MessageInfo&>;
};

bool equal(const StructureInfo& structure, const void* a, const void* b);

template <Structure T>
bool operator==(const T& a, const T& b) {
  return equal(T::structure(), &a, &b);
}

}  // namespace ottla::protocol
