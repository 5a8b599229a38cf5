#include "quorum/disk_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/chain.h"
#include "base/exclusive_bytes.h"
#include "base/mutable_buffer.h"
#include "quorum/metadata_topic.h"
#include "raft/control_codec.h"
#include "raft/quorum_state_file.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"

namespace ottla::quorum {
namespace {

// What is appended in one piece: more would only cost memory.
constexpr std::uint64_t kLargestAppend = 1 << 20;

// The bytes in one place.
Task<Result<Slice>> gather(Chain chain) {
  if (chain.in_memory()) co_return chain.flatten();
  MutableBuffer buffer = MutableBuffer::on_heap(static_cast<std::size_t>(chain.size()));
  while (!chain.empty()) {
    const auto size = static_cast<std::size_t>(chain.front().size());
    if (const Slice* const slice = chain.front().slice()) {
      buffer.append(slice->as_span());
    } else {
      const Range& range = *chain.front().range();
      auto& source = static_cast<FileRangeSource&>(range.source());
      OTTLA_CO_CHECK(co_await source.read_at(range.offset(), buffer.spare().first(size)));
      buffer.commit(size);
    }
    chain.consume(size);
  }
  co_return std::move(buffer).freeze();
}

Result<void> check(const storage::AppendOutcome& outcome, Offset last) {
  if (const Error* error = outcome.error()) return *error;
  if (!outcome.ok()) {
    const record::Rejection* rejection = outcome.rejection();
    return Error(Errc::corrupt,
                 "the metadata log refuses a batch: " +
                     (rejection != nullptr ? rejection->message : std::string("its producer")));
  }
  if (outcome.info().last_offset == last) return {};
  return Error(Errc::corrupt, fmt::format("the metadata log took batches up to {}, where {} was the last",
                                          outcome.info().last_offset.raw(), last.raw()));
}

}  // namespace

std::string DiskLog::path_of(std::string_view name) const {
  return path_ + '/' + std::string(name);
}

Task<Result<void>> DiskLog::save_election(raft::SaveElection save) {
  const std::int16_t version = save.kraft_version == raft::kStaticVoters ? 0 : 1;
  std::string text = raft::encode_quorum_state(save.state, version, save.voters);
  return replace_file(files_, path_of(raft::kQuorumStateFile), Chain(Slice::copy_of(text)));
}

Task<Result<void>> DiskLog::append(std::vector<raft::Batch> batches) {
  // What is appended at once lies in one segment.
  const auto most = std::min(kLargestAppend, static_cast<std::uint64_t>(log_->config().segment_bytes));
  for (std::size_t i = 0; i < batches.size();) {
    Chain bytes;
    LeaderEpoch epoch = batches[i].epoch;
    Offset last;
    do {
      epoch = std::max(epoch, batches[i].epoch);
      last = batches[i].last;
      bytes.append(std::move(batches[i].bytes));
    } while (++i < batches.size() && bytes.size() + batches[i].bytes.size() <= most);
    const storage::AppendOutcome outcome =
        co_await log_->append_as_follower(ExclusiveBytes(bytes.flatten()), epoch);
    OTTLA_CO_CHECK(check(outcome, last));
  }
  set_committed(committed_);
  co_return Result<void>();
}

void DiskLog::set_committed(Offset high_watermark) {
  committed_ = std::max(committed_, high_watermark);
  log_->set_high_watermark(committed_);
  if (news_ != nullptr) news_->set();
}

Task<Result<void>> DiskLog::truncate_to(Offset end) {
  OTTLA_CO_CHECK(co_await log_->truncate_to(end));
  co_return Result<void>();
}

Task<Result<void>> DiskLog::restart_at(raft::LogPosition snapshot) {
  OTTLA_CO_CHECK(co_await log_->truncate_fully_and_start_at(snapshot.offset));
  OTTLA_CO_CHECK(co_await snapshots_.drop_before(snapshot));
  set_committed(snapshot.offset);
  co_return Result<void>();
}

Task<Result<std::vector<raft::Batch>>> DiskLog::read(Offset from, std::int32_t max_bytes) {
  OTTLA_CO_TRY(storage::Fetched fetched,
               co_await log_->read({.start = from, .max_bytes = static_cast<std::uint64_t>(max_bytes)}));
  OTTLA_CO_TRY(const Slice bytes, co_await gather(std::move(fetched.records)));
  Result<std::vector<raft::Batch>> batches = raft::read_batches(bytes, *toolbox_.tools().codecs);
  if (!batches.ok()) co_return std::move(batches).error().with_context(path_);
  co_return batches;
}

// --- Snapshots ----------------------------------------------------------------------------------------------

Task<Result<void>> DiskLog::write_snapshot(raft::WriteSnapshot piece) {
  if (piece.position == 0) {
    if (loading_ && *loading_ != piece.id) OTTLA_CO_CHECK(co_await snapshots_.discard(*loading_));
    loading_ = piece.id;
  }
  co_return co_await snapshots_.write_piece(piece.id, piece.position, std::move(piece.bytes));
}

Task<Result<raft::Log::Installed>> DiskLog::install_snapshot(raft::LogPosition id) {
  OTTLA_CO_CHECK(co_await snapshots_.finish_pieces(id));
  loading_.reset();
  // Nothing is thrown away for a snapshot that cannot be read.
  OTTLA_CO_TRY(const SnapshotFacts facts,
               co_await read_snapshot_file(files_, snapshots_.path_of(id, SnapshotStage::part),
                                           *toolbox_.tools().codecs));
  OTTLA_CO_TRY(const raft::SnapshotFile file, co_await snapshots_.publish(id));
  logger_.info("loaded a snapshot from the leader", field("snapshot", id), field("bytes", file.size));
  co_return Installed{file, control_of(facts, id)};
}

Task<Result<SnapshotFacts>> DiskLog::load_snapshot(raft::LogPosition id, SnapshotVisitor visitor) {
  return read_snapshot_file(files_, snapshots_.path_of(id), *toolbox_.tools().codecs, std::move(visitor));
}

Task<Result<std::optional<raft::SnapshotFile>>> DiskLog::save_snapshot(raft::LogPosition id,
                                                                       std::vector<Slice> batches) {
  if (snapshots_.contains(id) || snapshots_.is_broken(id)) co_return std::optional<raft::SnapshotFile>();
  std::int64_t position = 0;
  for (Slice& batch : batches) {
    const auto size = static_cast<std::int64_t>(batch.size());
    OTTLA_CO_CHECK(co_await snapshots_.write_piece(id, position, std::move(batch)));
    position += size;
  }
  OTTLA_CO_CHECK(co_await snapshots_.finish_pieces(id));
  // A snapshot proves that this log had what it was made of: what is missing below it later was not lost by a crash.
  OTTLA_CO_CHECK(co_await log_->flush());
  OTTLA_CO_TRY(const raft::SnapshotFile file, co_await snapshots_.publish(id));
  logger_.info("made a snapshot", field("snapshot", id), field("bytes", file.size));
  co_return std::optional(file);
}

// --- Retention ----------------------------------------------------------------------------------------------

Task<Result<std::optional<raft::LogPosition>>> DiskLog::clean(Retention retention, std::int64_t now_ms) {
  std::optional<raft::LogPosition> begin;
  std::int64_t snapshot_bytes = 0;
  for (const auto& [id, size] : snapshots_.all()) snapshot_bytes += size;
  while (retention.limits_bytes() && snapshots_.all().size() > 1) {
    const auto oldest = snapshots_.all().begin();
    if (!retention.has_too_many(static_cast<std::int64_t>(log_->size()), snapshot_bytes)) break;
    snapshot_bytes -= oldest->second;
    const raft::LogPosition next = std::next(oldest)->first;
    OTTLA_CO_TRY(const bool deleted, co_await delete_before(next));
    if (!deleted) break;
    begin = next;
  }
  while (retention.limits_time() && snapshots_.all().size() > 1) {
    const raft::LogPosition oldest = snapshots_.all().begin()->first;
    OTTLA_CO_TRY(const SnapshotFacts facts,
                 co_await read_snapshot_header(files_, snapshots_.path_of(oldest), *toolbox_.tools().codecs));
    const auto place = snapshots_.all().find(oldest);
    if (place == snapshots_.all().end() || std::next(place) == snapshots_.all().end()) break;
    if (!retention.is_too_old(facts.last_append_ms, now_ms)) break;
    const raft::LogPosition next = std::next(place)->first;
    OTTLA_CO_TRY(const bool deleted, co_await delete_before(next));
    if (!deleted) break;
    begin = next;
  }
  co_return begin;
}

Task<Result<bool>> DiskLog::delete_before(raft::LogPosition id) {
  const bool possible = log_->log_start() < id.offset && id.offset <= log_->high_watermark();
  if (!possible) co_return false;
  OTTLA_CO_CHECK(co_await log_->advance_log_start(id.offset));
  OTTLA_CO_TRY(const std::size_t segments, co_await log_->delete_old_segments());
  OTTLA_CO_TRY(const std::size_t snapshots, co_await snapshots_.drop_before(id));
  co_return segments + snapshots > 0;
}

Task<Result<void>> DiskLog::close() {
  co_await snapshots_.close();
  Result<void> closed;
  if (log_ != nullptr) closed = co_await log_->close();
  if (!closed.ok()) {
    logger_.warn("the metadata log was not closed in good order", field("error", closed.error()));
  }
  co_await toolbox_.close();
  co_return closed;
}

}  // namespace ottla::quorum
