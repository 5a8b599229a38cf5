#include "storage/directory/checkpoint_keeper.h"

#include <algorithm>
#include <map>

#include "base/slice.h"
#include "runtime/whole_file.h"

namespace ottla::storage {
namespace {

// Far beyond what any of these files can be: a line of 300 bytes for each of a million partitions.
constexpr std::uint64_t kLargest = 300'000'000;

// Of a partition that is there twice the later one counts.
void put_in_order(std::vector<PartitionOffset>& offsets) {
  const auto behind = [](const PartitionOffset& a, const PartitionOffset& b) {
    return a.partition >= b.partition;
  };
  if (std::ranges::adjacent_find(offsets, behind) == offsets.end()) return;
  std::map<TopicPartition, Offset> sorted;
  for (PartitionOffset& each : offsets) sorted.insert_or_assign(std::move(each.partition), each.offset);
  offsets.clear();
  for (const auto& [partition, offset] : sorted) offsets.push_back({partition, offset});
}

using How = CheckpointChange::How;

auto place_of(const TopicPartition& partition, auto& offsets) {
  return std::ranges::lower_bound(offsets, partition, {}, &PartitionOffset::partition);
}

// Whether it changes anything.
bool is_wanted(const CheckpointChange& change, const std::vector<PartitionOffset>& offsets) {
  const auto at = place_of(change.partition, offsets);
  if (at == offsets.end() || at->partition != change.partition) return change.how == How::set;
  return change.how == How::forget || at->offset > change.offset ||
         (change.how == How::set && at->offset != change.offset);
}

void apply(const CheckpointChange& change, std::vector<PartitionOffset>& offsets) {
  if (!is_wanted(change, offsets)) return;
  const auto at = place_of(change.partition, offsets);
  if (change.how == How::forget) {
    offsets.erase(at);
  } else if (at != offsets.end() && at->partition == change.partition) {
    at->offset = change.offset;
  } else {
    offsets.insert(at, {change.partition, change.offset});
  }
}

}  // namespace

Task<Result<std::optional<Error>>> CheckpointKeeper::load() {
  if (failure_) co_return *failure_;
  const Result<Slice> bytes = co_await read_whole_file(files_, path_, kLargest);
  const bool is_missing = !bytes.ok() && bytes.error() == Errc::not_found;
  const bool is_huge = !bytes.ok() && bytes.error() == Errc::too_large;
  if (!bytes.ok() && !is_missing && !is_huge) co_return bytes.error();
  is_known_ = true;
  is_good_ = false;
  said_.clear();
  if (is_missing) co_return std::optional<Error>();
  if (is_huge) co_return std::optional(bytes.error());
  Result<std::vector<PartitionOffset>> offsets =
      parse_offset_checkpoint(kind_, bytes->as_string_view(), path_);
  if (!offsets.ok()) co_return std::optional(std::move(offsets).error());
  said_ = std::move(offsets).value();
  put_in_order(said_);
  is_good_ = true;
  co_return std::optional<Error>();
}

Task<Result<CheckpointKeeper::Checkpoint>> CheckpointKeeper::read() {
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  OTTLA_CO_TRY(std::optional<Error> damage, co_await load());
  co_return Checkpoint{said_, std::move(damage)};
}

Task<Result<void>> CheckpointKeeper::write(std::vector<PartitionOffset> offsets) {
  if (failure_) co_return *failure_;
  is_known_ = is_good_ = false;  // where it fails nobody knows which of the two files is there
  OTTLA_CO_CHECK(co_await replace_file(files_, path_, Slice::copy_of(encode_offset_checkpoint(offsets))));
  said_ = std::move(offsets);
  is_known_ = is_good_ = true;
  co_return Result<void>();
}

Task<Result<void>> CheckpointKeeper::replace(Gather gather) {
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  if (failure_) co_return *failure_;
  std::vector<PartitionOffset> offsets = co_await gather();
  put_in_order(offsets);
  if (is_good_ && offsets == said_) co_return Result<void>();
  co_return co_await write(std::move(offsets));
}

Task<Result<void>> CheckpointKeeper::change(CheckpointChange change) {
  waiting_.push_back(std::move(change));
  const std::uint64_t mine = ++asked_;
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  if (answered_ < mine) {
    const std::uint64_t last = asked_;
    answer_ = co_await apply_waiting();
    answered_ = last;
  }
  co_return answer_;
}

Task<Result<void>> CheckpointKeeper::apply_waiting() {
  const std::vector<CheckpointChange> changes = std::exchange(waiting_, {});
  if (failure_) co_return *failure_;
  if (!is_known_) OTTLA_CO_CHECK(co_await load());
  const auto does_nothing = [this](const CheckpointChange& each) { return !is_wanted(each, said_); };
  if (std::ranges::all_of(changes, does_nothing)) co_return Result<void>();
  std::vector<PartitionOffset> offsets = said_;
  for (const CheckpointChange& each : changes) apply(each, offsets);
  co_return co_await write(std::move(offsets));
}

}  // namespace ottla::storage
