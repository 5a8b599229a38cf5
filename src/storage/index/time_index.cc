#include "storage/index/time_index.h"

#include <string>

#include "base/invariant.h"

namespace ottla::storage {
namespace {

std::int64_t timestamp_key(const std::byte* entry) {
  return load_time_index_entry(entry).timestamp;
}
std::int64_t offset_key(const std::byte* entry) {
  return load_time_index_entry(entry).relative_offset;
}

}  // namespace

TimestampOffset TimeIndex::parse(const IndexEntryBytes& entry) const {
  return {.timestamp = timestamp_key(entry.bytes.data()),
          .offset = name_.base() + offset_key(entry.bytes.data())};
}

void TimeIndex::start_empty() {
  file_.start_empty();
  last_ = before_all();
}

Task<Result<void>> TimeIndex::learn_ends() {
  last_ = before_all();
  if (file_.count() == 0) co_return Result<void>();
  OTTLA_CO_TRY(const IndexEntryBytes first, co_await file_.entry(0));
  first_timestamp_ = timestamp_key(first.bytes.data());
  OTTLA_CO_TRY(const IndexEntryBytes last, co_await file_.entry(file_.count() - 1));
  last_ = parse(last);
  co_return Result<void>();
}

Task<Result<void>> TimeIndex::load() {
  if (loaded()) co_return Result<void>();
  OTTLA_CO_CHECK(co_await file_.load());
  OTTLA_CO_CHECK(co_await learn_ends());
  if (file_.had_odd_size()) {
    co_return Error(Errc::corrupt, file_.path() + " does not end behind an entry of 12 bytes");
  }
  if (count() > 0 && (last_.timestamp < first_timestamp_ || last_.offset < name_.base())) {
    co_return Error(Errc::corrupt, file_.path() + " ends with timestamp " + std::to_string(last_.timestamp) +
                                       " at offset " + last_.offset.to_string() +
                                       ", which is before its beginning");
  }
  co_return Result<void>();
}

void TimeIndex::maybe_append(std::int64_t timestamp, Offset offset) {
  if (timestamp <= last_.timestamp) return;
  OTTLA_INVARIANT(count() == 0 || offset >= last_.offset, "a time index goes back", offset, last_.offset);
  std::array<std::byte, kEntrySize> bytes;
  store(bytes.data(), TimeIndexEntry{.timestamp = timestamp,
                                     .relative_offset = static_cast<std::int32_t>(offset - name_.base())});
  if (count() == 0) first_timestamp_ = timestamp;
  file_.append(bytes);
  last_ = {.timestamp = timestamp, .offset = offset};
}

std::optional<TimestampOffset> TimeIndex::lookup_now(std::int64_t timestamp) {
  if (timestamp >= last_.timestamp) return last_;
  if (count() == 0 || timestamp < first_timestamp_) return before_all();
  const auto found = file_.last_at_most_now(timestamp_key, timestamp, first_timestamp_, last_.timestamp);
  if (!found) return std::nullopt;
  return *found ? parse(**found) : before_all();
}

Task<Result<TimestampOffset>> TimeIndex::lookup(std::int64_t timestamp) {
  if (timestamp >= last_.timestamp) co_return last_;
  if (count() == 0 || timestamp < first_timestamp_) co_return before_all();
  OTTLA_CO_TRY(const auto found,
               co_await file_.last_at_most(timestamp_key, timestamp, first_timestamp_, last_.timestamp));
  co_return found ? parse(*found) : before_all();
}

Task<Result<TimestampOffset>> TimeIndex::entry(std::uint32_t number) {
  OTTLA_CO_TRY(const IndexEntryBytes found, co_await file_.entry(number));
  co_return parse(found);
}

Task<Result<void>> TimeIndex::truncate_to(Offset offset) {
  std::uint32_t keep = count();
  if (keep > 0 && last_.offset >= offset) {
    OTTLA_CO_TRY(const auto found, co_await file_.last_at_most(offset_key, offset - name_.base() - 1, 0,
                                                               last_.offset - name_.base()));
    keep = found ? found->number + 1 : 0;
  }
  OTTLA_CO_CHECK(co_await file_.truncate(keep));
  co_return co_await learn_ends();
}

}  // namespace ottla::storage
