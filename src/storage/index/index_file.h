// A file of entries of one size, which only grows at its end: what the three kinds of index have in common.
//
// New entries wait in memory until write_out(). Old ones are read page by page, when they are asked for, through
// the shard's IndexPages.
//
// Lifetime:    a part of a Segment; refers to its name and to the shard's tools.
// Concurrency: confined to its shard. Whoever truncates sees to it that nobody appends or reads meanwhile.
// Invariants:  1. count() = entries in the file that count + entries in memory
//              2. what is behind the entries that count in the file means nothing: it is cut off by truncate() or
//                 overwritten
// Errors:      those of the file. not_found by load() alone.
// Format:      docs/format/index.md
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"
#include "storage/log/log_tools.h"
#include "storage/log/segment_files.h"
#include "storage/log/segment_name.h"

namespace ottla::storage {

inline constexpr std::size_t kLargestIndexEntry = 34;

struct IndexEntryBytes {
  std::uint32_t number = 0;
  std::array<std::byte, kLargestIndexEntry> bytes;
};

class IndexFile {
 public:
  // What entries are sorted by; a lookup names one.
  using Key = std::int64_t (*)(const std::byte* entry);

  static constexpr std::size_t kWriteAt = 4096;  // bytes in memory that are worth a write

  IndexFile(const LogTools& tools, const SegmentName& name, FileKind kind, std::size_t entry_size);
  IndexFile(const IndexFile&) = delete;
  IndexFile& operator=(const IndexFile&) = delete;

  // Learns how many entries the file has; needed once before all else, unless the file is new.
  Task<Result<void>> load();
  // The file is not there yet, or what it holds does not count.
  void start_empty();
  bool loaded() const { return loaded_; }
  // The file did not end behind an entry. Known by load().
  bool had_odd_size() const { return odd_size_; }

  std::uint32_t count() const { return written_ + static_cast<std::uint32_t>(waiting_.size() / entry_size_); }
  std::size_t entry_size() const { return entry_size_; }

  void append(std::span<const std::byte> entry);
  // There is enough for a write.
  bool wants_write() const { return waiting_.size() >= kWriteAt; }
  bool has_waiting() const { return !waiting_.empty(); }
  // Creates the file if need be, even when there is nothing to write.
  Task<Result<void>> write_out();
  // Everything up to now is in the file, and durable.
  Task<Result<void>> sync();
  bool durable() const { return waiting_.empty() && synced_ == changes_; }
  // Empties the file, whatever it holds, and creates it if need be; follows start_empty().
  Task<Result<void>> clear();
  // All entries that wait become the file, durably, and whole or not at all: whoever dies in between leaves what stood
  // there. Follows start_empty().
  Task<Result<void>> replace();
  // What is known of the file does not count any more: load() looks anew.
  void unload();
  // Keeps the first `count` entries, in the file too.
  Task<Result<void>> truncate(std::uint32_t count);

  Task<Result<IndexEntryBytes>> entry(std::uint32_t number);
  // The last entry whose key is at most `target`, in an index that is sorted by it. `low` and `high` are keys
  // around those of the entries, as well as the caller knows them. Keys between them are taken to be spread evenly
  // for a guess or two, so that even a large index costs two pages most of the time; wrong bounds only cost more.
  Task<Result<std::optional<IndexEntryBytes>>> last_at_most(Key key, std::int64_t target, std::int64_t low,
                                                            std::int64_t high);
  // The same at once. Nothing when a page would have to be read.
  std::optional<std::optional<IndexEntryBytes>> last_at_most_now(Key key, std::int64_t target,
                                                                 std::int64_t low, std::int64_t high);
  std::optional<IndexEntryBytes> entry_now(std::uint32_t number);

  // Closes the descriptor and forgets all pages: the file is about to vanish, or its owner.
  void forget();
  std::string path() const { return name_.path(kind_); }

 private:
  // Page by page towards the answer.
  struct Search {
    Key key;
    std::int64_t target;
    std::int64_t low_key;  // around the keys of the pages below
    std::int64_t high_key;
    std::uint32_t low = 0;  // pages that may hold the answer
    std::uint32_t high = 0;
    int step = 0;
    bool done = false;
    std::optional<IndexEntryBytes> best = {};
  };
  Task<Result<SegmentFiles::Use>> open(SegmentFiles::Opening opening);
  std::uint32_t per_page() const { return static_cast<std::uint32_t>(page_bytes() / entry_size_); }
  std::size_t page_bytes() const;
  std::size_t page_size(std::uint32_t number) const {
    return std::size_t{std::min(per_page(), written_ - number * per_page())} * entry_size_;
  }
  // Empty when it is not at hand.
  std::span<const std::byte> page_now(std::uint32_t number);
  // Of the file. Stands until something else is read.
  Task<Result<std::span<const std::byte>>> page(std::uint32_t number);
  IndexEntryBytes copy_of(std::uint32_t number, const std::byte* bytes) const;
  std::uint32_t last_in(std::span<const std::byte> entries, Key key, std::int64_t target) const;
  // What does not take a page is done at once.
  Search begin_search(Key key, std::int64_t target, std::int64_t low, std::int64_t high) const;
  std::uint32_t next_page(const Search& search) const;
  void look_into(Search& search, std::uint32_t page, std::span<const std::byte> entries) const;
  // As far as pages are at hand.
  void go_on(Search& search);

  const LogTools& tools_;
  const SegmentName& name_;
  const FileKind kind_;
  const std::uint8_t entry_size_;
  bool loaded_ = false;
  bool odd_size_ = false;
  const std::uint32_t id_;     // for IndexPages
  std::uint32_t written_ = 0;  // entries in the file that count
  std::vector<std::byte> waiting_;
  std::uint32_t changes_ = 0;  // of the file
  std::uint32_t synced_ = 0;   // of them
  SegmentFiles::Slot slot_;
  Semaphore changing_{1};  // one write or truncation at a time
};

}  // namespace ottla::storage
