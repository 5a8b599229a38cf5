#include "storage/index/index_pages.h"

#include <utility>

namespace ottla::storage {

std::span<const std::byte> IndexPages::find(std::uint32_t index, std::uint32_t page) {
  const auto found = pages_.find(key_of(index, page));
  if (found == pages_.end()) return {};
  Page& here = *found->second;
  here.unlink();
  by_use_.push_back(here);
  return std::span(here.bytes).first(here.size);
}

std::span<std::byte, IndexPages::kPageSize> IndexPages::take_in(std::uint32_t index, std::uint32_t page,
                                                                std::size_t size) {
  OTTLA_INVARIANT(size <= kPageSize, "a page of more than its size", size);
  const std::uint64_t key = key_of(index, page);
  auto found = pages_.find(key);
  if (found == pages_.end()) {
    std::unique_ptr<Page> room;
    if (pages_.size() >= limit_ && !by_use_.empty()) {
      auto oldest = pages_.extract(by_use_.front().key);
      room = std::move(oldest.mapped());
      room->unlink();
      oldest.key() = key;
      oldest.mapped() = std::move(room);
      found = pages_.insert(std::move(oldest)).position;
    } else {
      found = pages_.emplace(key, std::make_unique<Page>()).first;
    }
  }
  Page& here = *found->second;
  here.unlink();
  by_use_.push_back(here);
  here.key = key;
  here.size = size;
  return here.bytes;
}

void IndexPages::forget(std::uint32_t index, std::uint32_t first, std::uint32_t end) {
  for (std::uint32_t page = first; page < end; ++page) pages_.erase(key_of(index, page));
}

}  // namespace ottla::storage
