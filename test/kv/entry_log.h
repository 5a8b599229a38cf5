// The log of one node as it stands in memory; the file behind it follows (log_file.h).
//
// Invariants: 1. entries are numbered from 1 without gaps  2. terms never fall from one entry to the next
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "test/kv/command.h"

namespace ottla::kv {

class EntryLog {
 public:
  explicit EntryLog(std::vector<Entry> entries = {}) : entries_(std::move(entries)) {}

  Index last_index() const { return entries_.size(); }
  Term last_term() const { return term_at(last_index()); }
  // Term 0 stands before the first entry.
  Term term_at(Index index) const {
    OTTLA_INVARIANT(index <= last_index(), "term of an entry beyond the log", index, last_index());
    return index == 0 ? Term() : entries_[index - 1].term;
  }
  const Entry& at(Index index) const {
    OTTLA_INVARIANT(index >= 1 && index <= last_index(), "no such entry", index, last_index());
    return entries_[index - 1];
  }
  bool has(Index index, Term term) const { return index <= last_index() && term_at(index) == term; }
  // From `first` on, at most `count` of them.
  std::span<const Entry> from(Index first, std::size_t count) const {
    OTTLA_INVARIANT(first >= 1, "entries are numbered from 1");
    if (first > last_index()) return {};
    const std::span<const Entry> tail = std::span(entries_).subspan(first - 1);
    return tail.first(std::min(count, tail.size()));
  }

  void append(const Entry& entry) {
    OTTLA_INVARIANT(entry.term >= last_term(), "terms fall in the log", entry.term, last_term());
    entries_.push_back(entry);
  }
  // Keeps the first `last` entries.
  void truncate(Index last) {
    OTTLA_INVARIANT(last <= last_index(), "truncation beyond the log", last, last_index());
    entries_.resize(last);
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace ottla::kv
