#include "storage/index/index_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/invariant.h"
#include "runtime/whole_file.h"
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

struct KeyRange {
  std::int64_t low;   // of the entry before the first one
  std::int64_t high;  // of the last one
};

// Which of the entries would be the last one that is at most `target`, if keys were spread evenly over them.
std::uint32_t guessed_entry(std::uint32_t entries, KeyRange keys, std::int64_t target) {
  if (target <= keys.low) return 0;
  if (target >= keys.high) return entries - 1;
  const auto span = static_cast<std::uint64_t>(keys.high) - static_cast<std::uint64_t>(keys.low);
  const auto part = static_cast<std::uint64_t>(target) - static_cast<std::uint64_t>(keys.low);
  const auto share = static_cast<unsigned __int128>(part) * entries / span;
  return static_cast<std::uint32_t>(share == 0 ? 0 : share - 1);
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
  ++changes_;
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
    ++changes_;
    written_ += static_cast<std::uint32_t>(size / entry_size_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
  }
  waiting_.shrink_to_fit();
  co_return Result<void>();
}

Task<Result<void>> IndexFile::sync() {
  if (!has_waiting() && synced_ == changes_) co_return Result<void>();
  OTTLA_CO_CHECK(co_await write_out());
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await open(SegmentFiles::Opening::or_create));
  const std::uint32_t changes = changes_;
  OTTLA_CO_CHECK(co_await file->sync());
  synced_ = std::max(synced_, changes);
  co_return Result<void>();
}

Task<Result<void>> IndexFile::clear() {
  OTTLA_CO_TRY(const auto permit, co_await changing_.acquire(1));
  OTTLA_CO_TRY(const SegmentFiles::Use file, co_await open(SegmentFiles::Opening::or_create));
  OTTLA_CO_CHECK(co_await file->truncate(0));
  ++changes_;
  co_return Result<void>();
}

Task<Result<void>> IndexFile::replace() {
  OTTLA_CO_TRY(const auto permit, co_await changing_.acquire(1));
  OTTLA_INVARIANT(loaded_ && written_ == 0, "entries of the file would be lost", path(), written_);
  const Slice bytes = Slice::copy_of(std::span(waiting_));
  OTTLA_CO_CHECK(co_await replace_file(*tools_.file_system, path(), Chain(bytes)));
  forget();  // the descriptor is that of the file before
  synced_ = changes_;
  written_ = static_cast<std::uint32_t>(bytes.size() / entry_size_);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(bytes.size()));
  waiting_.shrink_to_fit();
  co_return Result<void>();
}

void IndexFile::unload() {
  start_empty();
  loaded_ = false;
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
  OTTLA_CO_CHECK(co_await file->truncate(std::uint64_t{count} * entry_size_));
  ++changes_;
  co_return Result<void>();
}

std::span<const std::byte> IndexFile::page_now(std::uint32_t number) {
  const std::size_t size = page_size(number);
  const std::span<const std::byte> known = tools_.pages->find(id_, number);
  return known.size() >= size ? known.first(size) : std::span<const std::byte>();
}

Task<Result<std::span<const std::byte>>> IndexFile::page(std::uint32_t number) {
  const std::uint32_t first = number * per_page();
  const std::size_t size = page_size(number);
  if (const auto known = page_now(number); !known.empty()) co_return known;
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

std::optional<IndexEntryBytes> IndexFile::entry_now(std::uint32_t number) {
  OTTLA_INVARIANT(number < count(), "no such index entry", number, count());
  if (number >= written_) {
    return copy_of(number, waiting_.data() + std::size_t{number - written_} * entry_size_);
  }
  const auto entries = page_now(number / per_page());
  if (entries.empty()) return std::nullopt;
  return copy_of(number, entries.data() + std::size_t{number % per_page()} * entry_size_);
}

Task<Result<IndexEntryBytes>> IndexFile::entry(std::uint32_t number) {
  if (const auto known = entry_now(number)) co_return *known;
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

IndexFile::Search IndexFile::begin_search(Key key, std::int64_t target, std::int64_t low,
                                          std::int64_t high) const {
  Search search{.key = key, .target = target, .low_key = low, .high_key = high};
  if (!waiting_.empty()) {
    const std::int64_t first_key = key(waiting_.data());
    if (first_key <= target) {
      const std::uint32_t number = last_in(waiting_, key, target);
      search.best = copy_of(written_ + number, waiting_.data() + std::size_t{number} * entry_size_);
      search.done = true;
      return search;
    }
    search.high_key = first_key;
  }
  search.done = written_ == 0;
  if (!search.done) search.high = (written_ - 1) / per_page();
  return search;
}

std::uint32_t IndexFile::next_page(const Search& search) const {
  constexpr int kGuesses = 4;
  if (search.step >= kGuesses) return search.low + (search.high - search.low) / 2;
  const std::uint32_t first = search.low * per_page();
  const std::uint32_t entries = std::min((search.high + 1) * per_page(), written_) - first;
  return search.low + guessed_entry(entries, {search.low_key, search.high_key}, search.target) / per_page();
}

void IndexFile::look_into(Search& search, std::uint32_t page, std::span<const std::byte> entries) const {
  ++search.step;
  const std::uint32_t first = page * per_page();
  const std::byte* const last = entries.data() + entries.size() - entry_size_;
  const std::int64_t first_key = search.key(entries.data());
  const std::int64_t last_key = search.key(last);
  if (search.target < first_key) {
    search.high_key = first_key;
    search.done = page == search.low;
    if (!search.done) search.high = page - 1;
    return;
  }
  if (search.target < last_key) {
    const std::uint32_t number = last_in(entries, search.key, search.target);
    search.best = copy_of(first + number, entries.data() + std::size_t{number} * entry_size_);
    search.done = true;
    return;
  }
  search.best = copy_of(first + static_cast<std::uint32_t>(entries.size() / entry_size_) - 1, last);
  search.low_key = last_key;
  search.done = page == search.high || last_key == search.target;
  if (!search.done) search.low = page + 1;
}

void IndexFile::go_on(Search& search) {
  while (!search.done) {
    const std::uint32_t number = next_page(search);
    const std::span<const std::byte> entries = page_now(number);
    if (entries.empty()) return;
    look_into(search, number, entries);
  }
}

std::optional<std::optional<IndexEntryBytes>> IndexFile::last_at_most_now(Key key, std::int64_t target,
                                                                          std::int64_t low,
                                                                          std::int64_t high) {
  Search search = begin_search(key, target, low, high);
  go_on(search);
  if (!search.done) return std::nullopt;
  return search.best;
}

Task<Result<std::optional<IndexEntryBytes>>> IndexFile::last_at_most(Key key, std::int64_t target,
                                                                     std::int64_t low, std::int64_t high) {
  Search search = begin_search(key, target, low, high);
  while (true) {
    go_on(search);
    if (search.done) co_return search.best;
    const std::uint32_t number = next_page(search);
    OTTLA_CO_TRY(const auto entries, co_await page(number));
    look_into(search, number, entries);
  }
}

void IndexFile::forget() {
  tools_.pages->forget(id_, 0, written_ / per_page() + 1);
  tools_.files->forget(slot_);
}

}  // namespace ottla::storage
