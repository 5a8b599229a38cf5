// What was appended lately to the logs of a shard, kept in memory for those who read at the tail.
//
// A batch of some size is kept as the slice it came in. Small ones, and those that would keep much else in memory,
// are copied together into blocks of their own, from which they are written to the disk, too: many of them are one piece.
//
// Lifetime:    outlives its tails, each a part of a Log.
// Concurrency: confined to its shard.
// Invariants:  1. charged() <= limit(), where an entry is charged for all that it keeps from being freed
//              2. the entries of a tail lie one behind the other, up to the last append; the oldest entry of all
//                 tails makes room, so that it is always the first of its own
//              3. an entry holds whole batches
//              4. what has made room and is still in a reader's hands is counted, too: beyond limit() nothing more is
//                 given out, and readers go to the files, so that those who do not take what they asked for pin no more
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/chain.h"
#include "base/intrusive_list.h"
#include "base/metric.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/slice.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

// Where what it does is counted, by all of a shard together; nobody counts without them.
struct RecentMeters {
  Counter* hits = nullptr;
  Counter* misses = nullptr;
  Gauge* bytes = nullptr;
};

class RecentAppends {
  struct Entry;

 public:
  static constexpr std::size_t kCopyBelow = 4096;
  static constexpr std::size_t kSmallestBlock = 1024;
  static constexpr std::size_t kLargestBlock = 16 * 1024;
  static constexpr std::size_t kLargestEntry = 64 * 1024;  // unless it is one batch

  explicit RecentAppends(std::size_t limit, RecentMeters meters = {}) : limit_(limit), meters_(meters) {}
  RecentAppends(const RecentAppends&) = delete;
  RecentAppends& operator=(const RecentAppends&) = delete;
  ~RecentAppends();

  std::size_t limit() const { return limit_; }
  std::size_t charged() const { return charged_; }
  // Of entries that made room while somebody held their bytes.
  std::size_t lent() const { return lent_bytes_; }
  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }

  struct Limits {
    std::uint64_t max_bytes = 0;
    bool at_least_one = false;  // the first batch may be larger than max_bytes
    Offset end;                 // no batch that reaches it
  };
  struct Found {
    Chain records = {};
    Offset segment_base;         // of the first batch, found or not
    std::uint64_t position = 0;  // of the first batch
    std::uint64_t first_size = 0;
    Offset next;  // behind the last batch in `records`
  };

  // The recent appends of one log.
  class Tail {
   public:
    explicit Tail(RecentAppends& owner) : owner_(owner) {}
    Tail(const Tail&) = delete;
    Tail& operator=(const Tail&) = delete;
    ~Tail() { clear(); }

    // Such bytes are copied first, by stage().
    static bool copies(const Slice& bytes);
    // A copy that may join the one before it. Nobody is shown it until it is pushed.
    Slice stage(std::span<const std::byte> bytes);
    // What was staged and not pushed never will be.
    void drop_staged() { block_ = MutableBuffer(); }
    // Right behind what was pushed before, or clear() came before. `batches` tells what `bytes` are.
    void push(const Slice& bytes, bool staged, std::span<const StoredBatch> batches, Offset segment_base);
    // Nothing when `start` is not here; no records when its batch is, but may not be given.
    std::optional<Found> read(Offset start, const Limits& limits);
    // Where the first batch lies that reaches `offset`.
    struct Place {
      Offset segment_base;
      std::uint64_t position = 0;
    };
    std::optional<Place> place_of(Offset offset) const;
    void clear();
    // What lies in segments before that one: they hold something else now.
    void forget_before(Offset segment_base);

    bool empty() const { return count_ == 0; }
    std::size_t entry_count() const { return count_; }

   private:
    friend class RecentAppends;
    Entry*& at(std::size_t index) { return ring_[(first_ + index) & (ring_.size() - 1)]; }
    Entry* at(std::size_t index) const { return ring_[(first_ + index) & (ring_.size() - 1)]; }
    std::size_t index_of(Offset offset) const;
    void push_entry(Slice bytes, std::span<const StoredBatch> batches, Offset segment_base,
                    std::size_t charge);
    void push_pieces(const Slice& bytes, std::span<const StoredBatch> batches, Offset segment_base);
    void pop_front();
    void pop_back();

    RecentAppends& owner_;
    std::vector<Entry*> ring_;  // of 2^n places
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    MutableBuffer block_;  // where small batches go
  };

 private:
  struct Entry : ListHook<> {
    Tail* tail = nullptr;
    Slice bytes;
    Offset last;
    Offset segment_base;
    std::uint64_t position = 0;
    std::size_t charge = 0;
  };

  void charge(std::size_t bytes);
  void discharge(std::size_t bytes);
  void count_hit(bool is_one);
  Entry& new_entry();
  void drop(Entry& entry);
  void free(Entry& entry);
  // Looks at some of what is lent, in turn.
  void take_back(int most);
  bool may_lend();
  void make_room();

  const std::size_t limit_;
  const RecentMeters meters_;
  std::size_t charged_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
  IntrusiveList<Entry> by_age_;  // the oldest first
  IntrusiveList<Entry> lent_;
  std::size_t lent_bytes_ = 0;
  std::vector<std::unique_ptr<Entry>> free_;
};

}  // namespace ottla::storage
