// Text of at most N bytes that lives where it is declared and never allocates.
//
// Overflow:   try_assign() and try_append() say false and change nothing; append_cut() takes what fits.
// Invariants: size() <= N; c_str() ends in zero
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <string_view>

namespace ottla {

template <std::size_t N>
class FixedString {
 public:
  FixedString() = default;

  static constexpr std::size_t capacity() { return N; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {bytes_.data(), size_}; }
  operator std::string_view() const { return view(); }
  const char* c_str() const { return bytes_.data(); }

  [[nodiscard]] bool try_assign(std::string_view text) {
    if (text.size() > N) return false;
    size_ = 0;
    append_cut(text);
    return true;
  }
  [[nodiscard]] bool try_append(std::string_view text) {
    if (text.size() > N - size_) return false;
    append_cut(text);
    return true;
  }
  // The number of bytes that did not fit.
  std::size_t append_cut(std::string_view text) {
    const std::size_t kept = std::min(text.size(), N - size_);
    // A view of this very text may overlap.
    std::copy_n(text.begin(), kept, bytes_.begin() + size_);
    size_ += kept;
    bytes_[size_] = '\0';
    return text.size() - kept;
  }
  void clear() {
    size_ = 0;
    bytes_[0] = '\0';
  }

  friend bool operator==(const FixedString& a, std::string_view b) { return a.view() == b; }
  friend auto operator<=>(const FixedString& a, std::string_view b) { return a.view() <=> b; }

 private:
  std::size_t size_ = 0;
  std::array<char, N + 1> bytes_{};
};

}  // namespace ottla
