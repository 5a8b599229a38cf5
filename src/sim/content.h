// The bytes of a simulated file: pages that copies share until one of them writes.
//
// Concurrency: confined to the world's one thread.
// Invariants:  1. a page that was never written reads as zeros and costs nothing
//              2. bytes beyond size() are zeros, so that growing again shows zeros
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/claim.h"

namespace ottla::sim {

class Content {
 public:
  std::uint64_t size() const { return size_; }
  // The range lies within size().
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  // Grows when it ends beyond size().
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  void resize(std::uint64_t size);

 private:
  static constexpr std::size_t kPage = 4096;
  class Page {
   public:
    void claim() noexcept { ++claims_; }
    void give_back() noexcept {
      if (--claims_ == 0) delete this;
    }
    bool shared() const { return claims_ > 1; }
    std::array<std::byte, kPage> bytes{};

   private:
    std::size_t claims_ = 1;
  };
  Page& writable_page(std::size_t index);

  std::uint64_t size_ = 0;
  std::vector<Claim<Page>> pages_;
};

}  // namespace ottla::sim
