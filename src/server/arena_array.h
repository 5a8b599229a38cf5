// An array of a response in the making: grows in the request's arena, and is charged to it.
//
// Use:      ArenaArray<Response::Topic> topics(context.arena, image.topics.size());
//           OTTLA_CHECK(topics.add({.name = …}));   response.topics = topics.finish();
// Lifetime: what finish() gives lives as long as the arena.
// Errors:   out_of_budget.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

#include "base/arena.h"
#include "base/result.h"
#include "protocol/array.h"

namespace ottla::server {

template <typename T>
class ArenaArray {
 public:
  static_assert(std::is_trivially_destructible_v<T> && std::is_copy_constructible_v<T>);

  explicit ArenaArray(Arena& arena, std::size_t expected = 0) : arena_(arena), expected_(expected) {}

  Result<> add(const T& element) {
    OTTLA_CHECK(add_default());
    elements_[size_ - 1] = element;
    return {};
  }
  // One more with all defaults; see back().
  Result<> add_default() {
    if (size_ == elements_.size()) OTTLA_CHECK(grow());
    ++size_;
    return {};
  }
  T& back() { return elements_[size_ - 1]; }
  std::size_t size() const { return size_; }
  std::span<T> elements() { return elements_.first(size_); }
  protocol::Array<T> finish() const { return protocol::Array<T>(elements_.data(), size_); }

 private:
  static constexpr std::size_t kFirst = 4;

  Result<> grow() {
    const std::size_t room = elements_.empty() ? std::max(expected_, kFirst) : elements_.size() * 2;
    OTTLA_TRY(const std::span<T> larger, arena_.make_span<T>(room));
    std::copy_n(elements_.data(), size_, larger.data());
    elements_ = larger;
    return {};
  }

  Arena& arena_;
  const std::size_t expected_;
  std::span<T> elements_;
  std::size_t size_ = 0;
};

}  // namespace ottla::server
