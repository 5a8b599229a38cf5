#include "raft/testing/memory_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/sleep.h"

namespace ottla::raft::testing {

Task<Result<void>> MemoryLog::take_time(Duration time) {
  (void)co_await sleep_for(time);
  if (broken) co_return Error(Errc::io_error, "the disk of a test is broken");
  co_return Result<void>();
}

Task<Result<void>> MemoryLog::save_election(SaveElection save) {
  OTTLA_CO_CHECK(co_await take_time(sync_time));
  election = save.state;
  ++saves;
  co_return Result<void>();
}

Task<Result<void>> MemoryLog::append(std::vector<Batch> more) {
  OTTLA_CO_CHECK(co_await take_time(std::chrono::microseconds(100)));
  std::ranges::move(more, std::back_inserter(batches));
  ++appends;
  co_return Result<void>();
}

Task<Result<void>> MemoryLog::sync() {
  OTTLA_CO_CHECK(co_await take_time(sync_time));
  ++syncs;
  co_return Result<void>();
}

Task<Result<void>> MemoryLog::truncate_to(Offset end) {
  OTTLA_CO_CHECK(co_await take_time(sync_time));
  std::erase_if(batches, [&](const Batch& batch) { return batch.base >= end; });
  co_return Result<void>();
}

Task<Result<void>> MemoryLog::restart_at(LogPosition snapshot) {
  OTTLA_CO_CHECK(co_await take_time(sync_time));
  batches.clear();
  start_ = snapshot;
  co_return Result<void>();
}

Task<Result<std::vector<Batch>>> MemoryLog::read(Offset from, std::int32_t max_bytes) {
  std::vector<Batch> found;
  std::int64_t bytes = 0;
  for (const Batch& batch : batches) {
    if (batch.base < from) continue;
    bytes += static_cast<std::int64_t>(batch.bytes.size());
    if (!found.empty() && bytes > max_bytes) break;
    found.push_back(batch);
  }
  co_return found;
}

Task<Result<Slice>> MemoryLog::read_snapshot(LogPosition id, std::int64_t position, std::int32_t max_bytes) {
  const auto snapshot = snapshots.find(id);
  if (snapshot == snapshots.end()) co_return Errc::not_found;
  const std::string piece =
      snapshot->second.substr(static_cast<std::size_t>(position), static_cast<std::size_t>(max_bytes));
  co_return Slice::copy_of(piece);
}

Task<Result<void>> MemoryLog::write_snapshot(WriteSnapshot piece) {
  OTTLA_CO_CHECK(co_await take_time(sync_time));
  if (piece.position == 0) snapshots[piece.id].clear();
  snapshots[piece.id] += piece.bytes.as_string_view();
  co_return Result<void>();
}

Task<Result<Log::Installed>> MemoryLog::install_snapshot(LogPosition id) {
  OTTLA_CO_CHECK(co_await take_time(sync_time));
  co_return Installed{{id, static_cast<std::int64_t>(snapshots[id].size())}, snapshot_control};
}

Recovered MemoryLog::recover() const {
  LogShape::Parts parts;
  parts.start = start_;
  parts.end = batches.empty() ? start_.offset : batches.back().last + 1;
  Recovered recovered;
  recovered.election = election;
  recovered.control = snapshot_control;
  for (const Batch& batch : batches) {
    if (parts.epochs.empty() || parts.epochs.back().epoch != batch.epoch) {
      parts.epochs.push_back({batch.epoch, batch.base});
    }
    std::ranges::copy(batch.control, std::back_inserter(recovered.control));
  }
  for (const auto& [id, bytes] : snapshots)
    parts.snapshots.push_back({id, static_cast<std::int64_t>(bytes.size())});
  recovered.log = LogShape(std::move(parts));
  return recovered;
}

}  // namespace ottla::raft::testing
