// An encoded array that is read element by element where it lies. Decoding checked all of it, so that walking
// cannot fail.
//
// Use:         for (const FetchRequest::FetchTopic::View& topic : request.topics) …
// Lifetime:    points into the frame that was decoded; an element is good until the next one is asked for.
// Concurrency: as the frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/endian.h"
#include "base/uuid.h"

namespace ottla::protocol {

// No structure of a message is larger; checked where tables are used for walking.
inline constexpr std::size_t kLargestElement = 1024;

class ErasedSequence {
 public:
  constexpr ErasedSequence() = default;
  // `count` is -1 for null.
  ErasedSequence(std::span<const std::byte> bytes, std::int64_t count, std::int16_t version, bool flexible)
      : begin_(bytes.data()),
        end_(begin_ + bytes.size()),
        count_(static_cast<std::int32_t>(count)),
        version_(version),
        flexible_(flexible) {}

  bool is_null() const { return count_ < 0; }
  bool empty() const { return count_ <= 0; }
  std::size_t size() const { return empty() ? 0 : static_cast<std::size_t>(count_); }
  // The elements as they lie in the frame.
  std::span<const std::byte> bytes() const { return {begin_, end_}; }
  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }

 private:
  const std::byte* begin_ = nullptr;
  const std::byte* end_ = nullptr;
  std::int32_t count_ = 0;
  std::int16_t version_ = 0;
  bool flexible_ = false;
};

// The place behind the string that lies at `at`.
const std::byte* read_element(const std::byte* at, const std::byte* end, bool flexible,
                              std::string_view& out);

template <typename T>
class Sequence : public ErasedSequence {
 public:
  using ErasedSequence::ErasedSequence;

  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(const ErasedSequence& sequence)
        : at_(sequence.bytes().data()),
          end_(at_ + sequence.bytes().size()),
          left_(sequence.size()),
          version_(sequence.version()),
          flexible_(sequence.flexible()) {
      read();
    }
    const T& operator*() const { return element_; }
    const T* operator->() const { return &element_; }
    Iterator& operator++() {
      --left_;
      read();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) { return iterator.left_ == 0; }

   private:
    void read() {
      if (left_ == 0) return;
      if constexpr (std::is_same_v<T, Uuid>) {
        element_ = Uuid(load_big_endian<std::uint64_t>(at_), load_big_endian<std::uint64_t>(at_ + 8));
        at_ += 16;
      } else if constexpr (std::is_integral_v<T>) {
        element_ = static_cast<T>(load_big_endian<T>(at_));
        at_ += sizeof(T);
      } else if constexpr (std::is_same_v<T, std::string_view>) {
        at_ = read_element(at_, end_, flexible_, element_);
      } else {
        at_ = T::read(at_, end_, version_, element_);
      }
    }

    const std::byte* at_;  // behind element_
    const std::byte* end_;
    std::size_t left_;  // element_ included
    std::int16_t version_;
    bool flexible_;
    T element_{};
  };

  Iterator begin() const { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }
};

}  // namespace ottla::protocol
