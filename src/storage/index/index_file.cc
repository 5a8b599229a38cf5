#include "storage/index/index_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/invariant.h"
#include "storage/index/index_pages.h"
#include "storage/log/segment_opening.h"

namespace ottla::storage {

IndexFile::IndexFile(const LogTools& tools, const SegmentName& name, FileKind kind, std::size_t entry_size)
    : tools_(tools),
      name_(name),
      kind_(kind),
      entry_size_(static_cast<std::uint8_t>(entry_size)),
      id_(tools.pages->new_index()) {}

namespace {

struct PageRange {
  std::uint32_t low;
  std::uint32_t high;
};
struct KeyRange {
  std::int64_t low;
  std::int64_t high;
};

// Where the key would stand if keys were spread evenly over the pages.
std::uint32_t guessed_page(PageRange pages, KeyRange keys, std::int64_t target) {
  if (target <= keys.low) return pages.low;
  if (target >= keys.high) return pages.high;
  const auto span = static_cast<std::uint64_t>(keys.high) - static_cast<std::uint64_t>(keys.low);
  const auto part = static_cast<std::uint64_t>(target) - static_cast<std::uint64_t>(keys.low);
  const auto share = static_cast<unsigned __int128>(part) * (pages.high - pages.low + 1) / span;
  return std::min(pages.high, pages.low + static_cast<std::uint32_t>(share));
}

}  // namespace

std::size_t IndexFile::page_bytes() const {
  return IndexPages::kPageSize / entry_size_ * entry_size_;
}

Task<Result<SegmentFiles::Use>> IndexFile::open(SegmentFiles::Opening opening) {
  return open_segment_file(*tools_.files, slot_, name_, kind_, opening);
}

Task<Result<void>> IndexFile::load() {
  if (loaded_) co_return Result<void>();
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await open(SegmentFiles::Opening::existing));
  if (loaded_) co_return Result<void>();  // by somebody else meanwhile
  written_ = static_cast<std::uint32_t>(file->size() / entry_size_);
  odd_size_ = file->size() % entry_size_ != 0;
  loaded_ = true;
  co_return Result<void>();
}

void IndexFile::start_empty() {
  tools_.pages->forget(id_, 0, written_ / per_page() + 1);
  written_ = 0;
  waiting_.clear();
  odd_size_ = false;
  loaded_ = true;
}

void IndexFile::append(std::span<const std::byte> entry) {
  OTTLA_INVARIANT(loaded_ && entry.size() == entry_size_, "an entry of another size", entry.size());
  waiting_.insert(waiting_.end(), entry.begin(), entry.end());
}

Task<Result<void>> IndexFile::write_out() {
  OTTLA_CO_TRY(const auto permit, co_await changing_.acquire(1));
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await open(SegmentFiles::Opening::or_create));
  while (!waiting_.empty()) {
    const std::size_t size = waiting_.size();
    const Slice copy = Slice::copy_of(std::span(waiting_));
    OTTLA_CO_CHECK(co_await file->write_at(std::uint64_t{written_} * entry_size_, Chain(copy)));
    const std::uint32_t page = written_ / per_page();
    tools_.pages->forget(id_, page, page + 1);  // the last one has grown
    written_ += static_cast<std::uint32_t>(size / entry_size_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
  }
  waiting_.shrink_to_fit();
  co_return Result<void>();
}

Task<Result<void>> IndexFile::sync() {
  OTTLA_CO_CHECK(co_await write_out());
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await open(SegmentFiles::Opening::or_create));
  co_return co_await file->sync();
}

Task<Result<void>> IndexFile::clear() {
  OTTLA_CO_TRY(const auto permit, co_await changing_.acquire(1));
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await open(SegmentFiles::Opening::or_create));
  co_return co_await file->truncate(0);
}

Task<Result<void>> IndexFile::truncate(std::uint32_t count) {
  OTTLA_INVARIANT(count <= this->count(), "truncation of an index beyond its end", count, this->count());
  OTTLA_CO_TRY(const auto permit, co_await changing_.acquire(1));
  if (count >= written_) {
    waiting_.resize(std::size_t{count - written_} * entry_size_);
    co_return Result<void>();
  }
  tools_.pages->forget(id_, count / per_page(), written_ / per_page() + 1);
  waiting_.clear();
  written_ = count;
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await open(SegmentFiles::Opening::or_create));
  co_return co_await file->truncate(std::uint64_t{count} * entry_size_);
}

Task<Result<std::span<const std::byte>>> IndexFile::page(std::uint32_t number) {
  const std::uint32_t first = number * per_page();
  const std::size_t size = std::size_t{std::min(per_page(), written_ - first)} * entry_size_;
  std::span<const std::byte> known = tools_.pages->find(id_, number);
  if (known.size() >= size) co_return known.first(size);
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await open(SegmentFiles::Opening::existing));
  std::array<std::byte, IndexPages::kPageSize> bytes;
  const auto wanted = std::span(bytes).first(size);
  OTTLA_CO_TRY(const std::size_t got, co_await file->read_at(std::uint64_t{first} * entry_size_, wanted));
  if (got < size) {
    co_return Error(Errc::corrupt, path() +
                                       " became shorter while it was in use; it is rebuilt when the log is "
                                       "opened after an unclean stop");
  }
  const auto room = tools_.pages->take_in(id_, number, size);
  std::memcpy(room.data(), bytes.data(), size);
  co_return std::span<const std::byte>(room).first(size);
}

IndexEntryBytes IndexFile::copy_of(std::uint32_t number, const std::byte* bytes) const {
  IndexEntryBytes entry{.number = number, .bytes = {}};
  std::memcpy(entry.bytes.data(), bytes, entry_size_);
  return entry;
}

Task<Result<IndexEntryBytes>> IndexFile::entry(std::uint32_t number) {
  OTTLA_INVARIANT(number < count(), "no such index entry", number, count());
  if (number >= written_) {
    co_return copy_of(number, waiting_.data() + std::size_t{number - written_} * entry_size_);
  }
  OTTLA_CO_TRY(const auto entries, co_await page(number / per_page()));
  co_return copy_of(number, entries.data() + std::size_t{number % per_page()} * entry_size_);
}

std::uint32_t IndexFile::last_in(std::span<const std::byte> entries, Key key, std::int64_t target) const {
  std::uint32_t low = 0;  // its key is at most the target
  std::uint32_t end = static_cast<std::uint32_t>(entries.size() / entry_size_);
  while (end - low > 1) {
    const std::uint32_t middle = low + (end - low) / 2;
    (key(entries.data() + std::size_t{middle} * entry_size_) <= target ? low : end) = middle;
  }
  return low;
}

Task<Result<std::optional<IndexEntryBytes>>> IndexFile::last_at_most(Key key, std::int64_t target,
                                                                     std::int64_t low, std::int64_t high) {
  using Found = std::optional<IndexEntryBytes>;
  if (!waiting_.empty()) {
    const std::int64_t first_key = key(waiting_.data());
    if (first_key <= target) {
      const std::uint32_t number = last_in(waiting_, key, target);
      co_return Found(copy_of(written_ + number, waiting_.data() + std::size_t{number} * entry_size_));
    }
    high = first_key;
  }
  if (written_ == 0) co_return Found();
  co_return co_await search_file(key, target, low, high);
}

Task<Result<std::optional<IndexEntryBytes>>> IndexFile::search_file(Key key, std::int64_t target,
                                                                    std::int64_t low_key,
                                                                    std::int64_t high_key) {
  using Found = std::optional<IndexEntryBytes>;
  Found best;
  std::uint32_t low = 0;  // pages that may hold the answer
  std::uint32_t high = (written_ - 1) / per_page();
  for (int step = 0;; ++step) {
    const std::uint32_t guess =
        step < 4 ? guessed_page({low, high}, {low_key, high_key}, target) : low + (high - low) / 2;
    OTTLA_CO_TRY(const auto entries, co_await page(guess));
    const std::uint32_t first = guess * per_page();
    const std::byte* const last = entries.data() + entries.size() - entry_size_;
    const std::int64_t first_key = key(entries.data());
    const std::int64_t last_key = key(last);
    if (target < first_key) {
      high_key = first_key;
      if (guess == low) co_return best;
      high = guess - 1;
      continue;
    }
    if (target < last_key) {
      const std::uint32_t number = last_in(entries, key, target);
      co_return Found(copy_of(first + number, entries.data() + std::size_t{number} * entry_size_));
    }
    best = copy_of(first + static_cast<std::uint32_t>(entries.size() / entry_size_) - 1, last);
    low_key = last_key;
    if (guess == high || last_key == target) co_return best;
    low = guess + 1;
  }
}

void IndexFile::forget() {
  tools_.pages->forget(id_, 0, written_ / per_page() + 1);
  tools_.files->forget(slot_);
}

}  // namespace ottla::storage
