#include "sim/content.h"

#include <algorithm>
#include <cstring>

#include "base/invariant.h"

namespace ottla::sim {

void Content::read(std::uint64_t offset, std::span<std::byte> into) const {
  OTTLA_INVARIANT(offset <= size_ && into.size() <= size_ - offset, "a read beyond the content", offset,
                  into.size(), size_);
  while (!into.empty()) {
    const std::size_t start = offset % kPage;
    const std::size_t count = std::min(into.size(), kPage - start);
    const Claim<Page>& page = pages_[offset / kPage];
    if (page) {
      std::memcpy(into.data(), &page->bytes[start], count);
    } else {
      std::memset(into.data(), 0, count);
    }
    offset += count;
    into = into.subspan(count);
  }
}

Content::Page& Content::writable_page(std::size_t index) {
  Claim<Page>& page = pages_[index];
  if (!page) {
    page = Claim<Page>::adopt(new Page);
  } else if (page->shared()) {
    Claim<Page> copy = Claim<Page>::adopt(new Page);
    copy->bytes = page->bytes;
    page = std::move(copy);
  }
  return *page;
}

void Content::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (offset + bytes.size() > size_) resize(offset + bytes.size());
  while (!bytes.empty()) {
    const std::size_t start = offset % kPage;
    const std::size_t count = std::min(bytes.size(), kPage - start);
    std::memcpy(&writable_page(offset / kPage).bytes[start], bytes.data(), count);
    offset += count;
    bytes = bytes.subspan(count);
  }
}

void Content::resize(std::uint64_t size) {
  pages_.resize((size + kPage - 1) / kPage);
  if (size < size_ && size % kPage != 0 && pages_.back()) {
    Page& last = writable_page(pages_.size() - 1);
    std::memset(&last.bytes[size % kPage], 0, kPage - size % kPage);
  }
  size_ = size;
}

}  // namespace ottla::sim
