// Pages of index files that were read lately, of all the indexes of a shard: the indexes themselves keep nothing
// in memory but what is not written yet.
//
// Lifetime:    outlives the indexes that use it. A page stands until the next call that may take one in.
// Concurrency: confined to its shard.
// Invariants:  at most `limit` pages; the page that was asked for longest ago makes room
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/intrusive_list.h"

namespace ottla::storage {

class IndexPages {
 public:
  static constexpr std::size_t kPageSize = 4096;

  explicit IndexPages(std::size_t limit) : limit_(limit) {}
  IndexPages(const IndexPages&) = delete;
  IndexPages& operator=(const IndexPages&) = delete;

  // Never given twice.
  std::uint32_t new_index() { return ++last_index_; }

  // The bytes that are known of a page, none when it is not here.
  std::span<const std::byte> find(std::uint32_t index, std::uint32_t page);
  // A page to be filled by the caller, who tells by commit() how much of it there is.
  std::span<std::byte, kPageSize> take_in(std::uint32_t index, std::uint32_t page, std::size_t size);
  // From this page on, all pages of the index up to `end`.
  void forget(std::uint32_t index, std::uint32_t first, std::uint32_t end);

  std::size_t size() const { return pages_.size(); }

 private:
  struct Page : ListHook<> {
    std::uint64_t key = 0;
    std::size_t size = 0;
    std::array<std::byte, kPageSize> bytes;
  };
  static std::uint64_t key_of(std::uint32_t index, std::uint32_t page) {
    return std::uint64_t{index} << 32 | page;
  }

  const std::size_t limit_;
  std::uint32_t last_index_ = 0;
  // Looked up by key, never walked.
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
  IntrusiveList<Page> by_use_;  // the least recent first
};

}  // namespace ottla::storage
