#include "storage/log/recent_appends.h"

#include <algorithm>
#include <utility>

namespace ottla::storage {
namespace {

// Of bytes that were checked when they were appended.
StoredBatch batch_at(std::span<const std::byte> bytes, std::uint64_t position) {
  return std::move(read_stored_batch(bytes.first(std::min(bytes.size(), kBatchHeaderSize)), position))
      .value();
}

constexpr int kLooksAtOnce = 4;

// Somebody beside the entry itself has a claim on what it lies in: a reader, the append that it came in, or another
// entry of the same frame, which will be looked at in its turn.
bool is_lent(const Slice& bytes) {
  return bytes.owner() && bytes.owner()->claims() > 1;
}

}  // namespace

RecentAppends::~RecentAppends() {
  while (!by_age_.empty()) delete &by_age_.pop_front();
  while (!lent_.empty()) delete &lent_.pop_front();
}

void RecentAppends::charge(std::size_t bytes) {
  charged_ += bytes;
  if (meters_.bytes != nullptr) meters_.bytes->add(static_cast<std::int64_t>(bytes));
}

void RecentAppends::discharge(std::size_t bytes) {
  charged_ -= bytes;
  if (meters_.bytes != nullptr) meters_.bytes->add(-static_cast<std::int64_t>(bytes));
}

void RecentAppends::count_hit(bool is_one) {
  ++(is_one ? hits_ : misses_);
  Counter* const meter = is_one ? meters_.hits : meters_.misses;
  if (meter != nullptr) meter->increment();
}

RecentAppends::Entry& RecentAppends::new_entry() {
  if (free_.empty()) return *std::make_unique<Entry>().release();
  Entry& entry = *free_.back().release();
  free_.pop_back();
  return entry;
}

void RecentAppends::drop(Entry& entry) {
  discharge(entry.charge);
  entry.unlink();
  take_back(kLooksAtOnce);
  if (!is_lent(entry.bytes)) return free(entry);
  lent_bytes_ += entry.charge;
  lent_.push_back(entry);
}

void RecentAppends::free(Entry& entry) {
  entry.bytes = Slice();
  free_.emplace_back(&entry);
}

void RecentAppends::take_back(int most) {
  for (; most > 0 && !lent_.empty(); --most) {
    Entry& entry = lent_.pop_front();
    if (is_lent(entry.bytes)) {
      lent_.push_back(entry);
      continue;
    }
    lent_bytes_ -= entry.charge;
    free(entry);
  }
}

bool RecentAppends::may_lend() {
  if (lent_bytes_ > 0) take_back(kLooksAtOnce);
  return lent_bytes_ <= limit_;
}

void RecentAppends::make_room() {
  while (charged_ > limit_ && !by_age_.empty()) by_age_.front().tail->pop_front();
}

void RecentAppends::Tail::pop_front() {
  OTTLA_INVARIANT(count_ > 0, "an empty tail made room");
  Entry* const oldest = at(0);
  first_ = (first_ + 1) & (ring_.size() - 1);
  if (--count_ == 0) block_ = MutableBuffer();
  owner_.drop(*oldest);
}

void RecentAppends::Tail::pop_back() {
  owner_.drop(*at(--count_));
  block_ = MutableBuffer();
}

void RecentAppends::Tail::clear() {
  while (count_ > 0) pop_back();
}

void RecentAppends::Tail::forget_before(Offset segment_base) {
  while (count_ > 0 && at(0)->segment_base < segment_base) pop_front();
}

bool RecentAppends::Tail::copies(const Slice& bytes) {
  const bool keeps_much = bytes.size() < bytes.pinned_capacity() / 4;
  return bytes.size() < kCopyBelow || (keeps_much && bytes.size() <= kLargestBlock);
}

Slice RecentAppends::Tail::stage(std::span<const std::byte> bytes) {
  if (block_.spare().size() < bytes.size()) {
    const std::size_t before = block_.owner() ? block_.owner()->capacity() : 0;
    block_ =
        MutableBuffer::on_heap(std::max(bytes.size(), std::clamp(before * 2, kSmallestBlock, kLargestBlock)));
  }
  block_.append(bytes);
  return block_.take_front(bytes.size());
}

void RecentAppends::Tail::push(const Slice& bytes, bool staged, std::span<const StoredBatch> batches,
                               Offset segment_base) {
  if (batches.empty()) return;
  if (!staged) {
    const bool keeps_much = bytes.size() < bytes.pinned_capacity() / 4;
    push_pieces(keeps_much ? Slice::copy_of(bytes.as_span()) : bytes, batches, segment_base);
    block_ = MutableBuffer();
  } else if (count_ > 0 && at(count_ - 1)->segment_base == segment_base &&
             at(count_ - 1)->bytes.join(bytes)) {
    at(count_ - 1)->last = batches.back().last_offset;
  } else {
    push_entry(bytes, batches, segment_base, bytes.pinned_capacity());
  }
  owner_.make_room();
}

void RecentAppends::Tail::push_pieces(const Slice& bytes, std::span<const StoredBatch> batches,
                                      Offset segment_base) {
  const std::size_t extra = bytes.pinned_capacity() - std::min(bytes.pinned_capacity(), bytes.size());
  std::size_t at = 0;
  while (!batches.empty()) {
    std::size_t count = 0;
    std::size_t size = 0;
    while (count < batches.size() && (count == 0 || size + batches[count].size <= kLargestEntry)) {
      size += static_cast<std::size_t>(batches[count++].size);
    }
    push_entry(bytes.subslice(at, size), batches.first(count), segment_base, at == 0 ? size + extra : size);
    at += size;
    batches = batches.subspan(count);
  }
}

void RecentAppends::Tail::push_entry(Slice bytes, std::span<const StoredBatch> batches, Offset segment_base,
                                     std::size_t charge) {
  if (count_ == ring_.size()) {
    std::vector<Entry*> larger(std::max<std::size_t>(4, ring_.size() * 2));
    for (std::size_t i = 0; i < count_; ++i) larger[i] = at(i);
    ring_ = std::move(larger);
    first_ = 0;
  }
  Entry& entry = owner_.new_entry();
  entry.tail = this;
  entry.bytes = std::move(bytes);
  entry.last = batches.back().last_offset;
  entry.segment_base = segment_base;
  entry.position = batches.front().position;
  entry.charge = charge;
  ++count_;
  at(count_ - 1) = &entry;
  owner_.by_age_.push_back(entry);
  owner_.charge(charge);
}

// Of the first entry that reaches `offset`; count_ when none does.
std::size_t RecentAppends::Tail::index_of(Offset offset) const {
  std::size_t low = 0;
  std::size_t end = count_;
  while (low < end) {
    const std::size_t middle = low + (end - low) / 2;
    if (at(middle)->last < offset) {
      low = middle + 1;
    } else {
      end = middle;
    }
  }
  return low;
}

std::optional<RecentAppends::Tail::Place> RecentAppends::Tail::place_of(Offset offset) const {
  const std::size_t index = index_of(offset);
  if (index == count_) return std::nullopt;
  const Entry& entry = *at(index);
  std::span<const std::byte> left = entry.bytes.as_span();
  std::uint64_t position = entry.position;
  StoredBatch batch = batch_at(left, position);
  // An offset before the first batch may belong to one that is not here any more.
  if (index == 0 && offset < batch.base_offset) return std::nullopt;
  while (batch.last_offset < offset) {
    left = left.subspan(static_cast<std::size_t>(batch.size));
    position += batch.size;
    batch = batch_at(left, position);
  }
  return Place{.segment_base = entry.segment_base, .position = position};
}

std::optional<RecentAppends::Found> RecentAppends::Tail::read(Offset start, const Limits& limits) {
  const std::optional<Place> place = owner_.may_lend() ? place_of(start) : std::nullopt;
  owner_.count_hit(place.has_value());
  if (!place) return std::nullopt;
  std::size_t index = index_of(start);
  Found found{.records = {}, .segment_base = place->segment_base, .position = place->position, .next = start};
  std::uint64_t skip = place->position - at(index)->position;
  std::uint64_t room = limits.max_bytes;
  for (; index < count_; ++index, skip = 0) {
    const Entry& entry = *at(index);
    const Slice bytes = entry.bytes.subslice(static_cast<std::size_t>(skip), entry.bytes.size() - skip);
    if (found.first_size == 0) {
      found.first_size = batch_at(bytes.as_span(), 0).size;
      if (limits.at_least_one) room = std::max(room, found.first_size);
    }
    if (bytes.size() <= room && entry.last < limits.end) {
      room -= bytes.size();
      found.next = entry.last + 1;
      found.records.append(bytes);
      continue;
    }
    std::size_t whole = 0;  // batch by batch, as far as they may go
    while (whole < bytes.size()) {
      const StoredBatch batch = batch_at(bytes.as_span().subspan(whole), 0);
      if (whole + batch.size > room || batch.last_offset >= limits.end) break;
      whole += static_cast<std::size_t>(batch.size);
      found.next = batch.last_offset + 1;
    }
    if (whole != 0) found.records.append(bytes.subslice(0, whole));
    break;
  }
  return found;
}

}  // namespace ottla::storage
