#include "storage/index/offset_index.h"

#include <limits>
#include <string>

#include "base/invariant.h"

namespace ottla::storage {
namespace {

std::int64_t offset_key(const std::byte* entry) {
  return load_offset_index_entry(entry).relative_offset;
}
std::int64_t position_key(const std::byte* entry) {
  return load_offset_index_entry(entry).position;
}

}  // namespace

bool OffsetIndex::can_hold(Offset base, Offset offset) {
  return offset >= base && offset - base <= std::numeric_limits<std::int32_t>::max();
}

OffsetPosition OffsetIndex::parse(const IndexEntryBytes& entry) const {
  return {.offset = name_.base() + offset_key(entry.bytes.data()),
          .position = static_cast<std::uint32_t>(position_key(entry.bytes.data()))};
}

void OffsetIndex::start_empty() {
  file_.start_empty();
  last_ = first();
}

Task<Result<void>> OffsetIndex::learn_last() {
  last_ = first();
  if (file_.count() == 0) co_return Result<void>();
  OTTLA_CO_TRY(const IndexEntryBytes entry, co_await file_.entry(file_.count() - 1));
  last_ = parse(entry);
  co_return Result<void>();
}

// Only the end is looked at: that is where a crash, or preallocation, leaves its traces.
Task<Result<void>> OffsetIndex::load(std::uint64_t segment_size) {
  if (loaded()) co_return Result<void>();
  OTTLA_CO_CHECK(co_await file_.load());
  OTTLA_CO_CHECK(co_await learn_last());
  if (file_.had_odd_size()) {
    co_return Error(Errc::corrupt, file_.path() + " does not end behind an entry of 8 bytes");
  }
  if (count() > 0 && (last_.offset < name_.base() || last_.position >= segment_size)) {
    co_return Error(Errc::corrupt, file_.path() + " ends with offset " + last_.offset.to_string() +
                                       " at position " + std::to_string(last_.position) +
                                       ", which is not in its segment of " + std::to_string(segment_size) +
                                       " bytes");
  }
  if (count() > 1) {
    OTTLA_CO_TRY(const OffsetPosition before, co_await entry(count() - 2));
    if (before.offset >= last_.offset || before.position >= last_.position) {
      co_return Error(Errc::corrupt, file_.path() + " ends with entries out of order");
    }
  }
  co_return Result<void>();
}

void OffsetIndex::append(Offset offset, std::uint32_t position) {
  OTTLA_INVARIANT(count() == 0 || (offset > last_.offset && position > last_.position), "an index goes back",
                  offset, last_.offset, position, last_.position);
  OTTLA_INVARIANT(can_hold(name_.base(), offset), "an index entry out of range", offset, name_.base());
  std::array<std::byte, kEntrySize> bytes;
  store(bytes.data(), OffsetIndexEntry{.relative_offset = static_cast<std::int32_t>(offset - name_.base()),
                                       .position = static_cast<std::int32_t>(position)});
  file_.append(bytes);
  last_ = {.offset = offset, .position = position};
}

std::optional<OffsetIndex::Around> OffsetIndex::lookup_now(Offset offset) {
  if (offset >= last_.offset) return Around{.at = last_};
  const auto found =
      file_.last_at_most_now(offset_key, offset - name_.base(), 0, last_.offset - name_.base());
  if (!found) return std::nullopt;
  const std::uint32_t behind = *found ? (*found)->number + 1 : 0;
  Around around{.at = *found ? parse(**found) : first()};
  if (behind < count()) {
    if (const auto next = file_.entry_now(behind)) around.next = parse(*next);
  }
  return around;
}

Task<Result<OffsetPosition>> OffsetIndex::lookup(Offset offset) {
  if (offset >= last_.offset) co_return last_;
  OTTLA_CO_TRY(const auto found, co_await file_.last_at_most(offset_key, offset - name_.base(), 0,
                                                             last_.offset - name_.base()));
  co_return found ? parse(*found) : first();
}

std::optional<OffsetPosition> OffsetIndex::lookup_position_now(std::uint32_t position) {
  if (position >= last_.position) return last_;
  const auto found = file_.last_at_most_now(position_key, position, 0, last_.position);
  if (!found) return std::nullopt;
  return *found ? parse(**found) : first();
}

Task<Result<OffsetPosition>> OffsetIndex::lookup_position(std::uint32_t position) {
  if (position >= last_.position) co_return last_;
  OTTLA_CO_TRY(const auto found, co_await file_.last_at_most(position_key, position, 0, last_.position));
  co_return found ? parse(*found) : first();
}

Task<Result<OffsetPosition>> OffsetIndex::entry(std::uint32_t number) {
  OTTLA_CO_TRY(const IndexEntryBytes found, co_await file_.entry(number));
  co_return parse(found);
}

Task<Result<void>> OffsetIndex::truncate_to(Offset offset) {
  std::uint32_t keep = count();
  if (keep > 0 && last_.offset >= offset) {
    OTTLA_CO_TRY(const auto found, co_await file_.last_at_most(offset_key, offset - name_.base() - 1, 0,
                                                               last_.offset - name_.base()));
    keep = found ? found->number + 1 : 0;
  }
  OTTLA_CO_CHECK(co_await file_.truncate(keep));
  co_return co_await learn_last();
}

}  // namespace ottla::storage
