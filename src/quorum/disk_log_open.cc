// What a life of the metadata log begins with: the last good snapshot, the log behind it, the election state.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "quorum/disk_log.h"
#include "quorum/log_look.h"
#include "quorum/metadata_topic.h"
#include "raft/control_codec.h"
#include "raft/quorum_state_file.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "storage/format/partition_metadata.h"

namespace ottla::quorum {
namespace {

using raft::LogPosition;

constexpr std::uint64_t kMostPartitionMetadata = 4096;
constexpr std::int32_t kScanBytes = 1 << 20;
constexpr storage::LogToolbox::Limits kLimits{
    .descriptors = 64, .index_pages = 64, .batch_heads = 4096, .recent_bytes = std::size_t{4} << 20};

// What is wrong with the bytes of a file, and not with the disk or with who reads.
bool is_damage(const Error& error) {
  switch (error.code()) {
    case Errc::corrupt:
    case Errc::malformed:
    case Errc::truncated:
    case Errc::unsupported:
    case Errc::too_large:
    case Errc::out_of_budget:
      return true;
    default:
      return false;
  }
}

}  // namespace

DiskLog::DiskLog(DiskLogOptions options)
    : files_(options.files != nullptr ? *options.files : this_shard().files()),
      options_(std::move(options)),
      path_(metadata_log_path(options_.directory)),
      logger_(this_shard().log().logger(kQuorumLog)),
      toolbox_(files_, kLimits, &this_shard().metrics()),
      snapshots_(files_, path_, options_.config->file_delete_delay_ms, logger_) {}

Task<Result<std::unique_ptr<DiskLog>>> DiskLog::look(DiskLogOptions options) {
  std::unique_ptr<DiskLog> log(new DiskLog(std::move(options)));
  const Result<void> looked = co_await log->look_through();
  if (looked.ok()) co_return log;
  (void)co_await log->close();
  co_return looked.error();
}

Task<Result<std::unique_ptr<DiskLog>>> DiskLog::open(DiskLogOptions options) {
  OTTLA_CO_TRY(std::unique_ptr<DiskLog> log, co_await look(std::move(options)));
  const Result<void> begun = co_await log->begin();
  if (begun.ok()) co_return log;
  (void)co_await log->close();
  co_return begun.error();
}

Task<Result<void>> DiskLog::look_through() {
  OTTLA_CO_CHECK(co_await check_topic());
  OTTLA_CO_TRY(found_, co_await look_at_log(files_, path_, *toolbox_.tools().codecs));
  if (found_.has_folder) OTTLA_CO_CHECK(co_await snapshots_.list());
  OTTLA_CO_CHECK(co_await recover_election());
  OTTLA_CO_CHECK(co_await find_good_snapshot());
  co_return check_log(found_, {.folder = path_,
                               .was_clean = options_.was_clean,
                               .snapshot = recovered_snapshot_,
                               .voters = recovered_facts_.voters,
                               .self = options_.self});
}

Task<Result<void>> DiskLog::begin() {
  OTTLA_CO_CHECK(co_await files_.make_directories(path_, Durability::synced));
  if (!has_topic_) OTTLA_CO_CHECK(co_await write_topic());
  OTTLA_CO_CHECK(co_await open_log());
  OTTLA_CO_CHECK(co_await snapshots_.remove_leftovers(log_->log_start()));
  OTTLA_CO_CHECK(co_await restart_behind_snapshot());
  OTTLA_CO_CHECK(co_await begin_behind_snapshot());
  OTTLA_CO_CHECK(co_await recover_control());
  recovered_.log = shape();
  co_return Result<void>();
}

// Whose log this is.
Task<Result<void>> DiskLog::check_topic() {
  const std::string path = path_of(storage::kPartitionMetadata);
  const Result<Slice> bytes = co_await read_whole_file(files_, path, kMostPartitionMetadata);
  if (!bytes.ok() && bytes.error() == Errc::not_found) co_return Result<void>();
  if (!bytes.ok()) co_return bytes.error();
  has_topic_ = true;
  OTTLA_CO_TRY(const Uuid topic, storage::parse_partition_metadata(bytes->as_string_view(), path));
  if (topic == kMetadataTopicId) co_return Result<void>();
  co_return Error(Errc::malformed,
                  fmt::format("{}: this is the log of topic {}, and not of the cluster's metadata ({}): move "
                              "the directory away and put back the right one",
                              path, topic.to_string(), kMetadataTopicId.to_string()));
}

// One without the file gets it, as the reference does.
Task<Result<void>> DiskLog::write_topic() {
  std::string text = storage::encode_partition_metadata(kMetadataTopicId);
  return replace_file(files_, path_of(storage::kPartitionMetadata), Chain(Slice::copy_of(text)));
}

Task<Result<void>> DiskLog::open_log() {
  storage::LogOpening opening;
  opening.directory = path_;
  opening.partition = kMetadataLog;
  opening.config = options_.config;
  opening.tools = toolbox_.tools();
  opening.tools.logger = logger_;
  Result<std::unique_ptr<storage::Log>> log = co_await storage::Log::open(std::move(opening));
  if (!log.ok()) co_return std::move(log).error().with_context("open the metadata log " + path_);
  log_ = *std::move(log);
  co_return Result<void>();
}

// From the newest one back: what goes on from an older one is in the log, unless it does not reach that far back.
Task<Result<void>> DiskLog::find_good_snapshot() {
  std::vector<LogPosition> ids;
  for (const auto& [id, size] : snapshots_.all()) {
    if (id.offset >= found_.start) ids.push_back(id);
  }
  for (auto id = ids.rbegin(); id != ids.rend() && !recovered_snapshot_; ++id) {
    Result<SnapshotFacts> facts =
        co_await read_snapshot_file(files_, snapshots_.path_of(*id), *toolbox_.tools().codecs);
    if (facts.ok()) {
      recovered_snapshot_ = *id;
      recovered_facts_ = *std::move(facts);
    } else if (!is_damage(facts.error())) {
      co_return facts.error();
    } else {
      damages_.push_back(facts.error());
      snapshots_.set_aside(*id);
    }
  }
  if (recovered_snapshot_) co_return Result<void>();
  // A log from its first record on needs no snapshot; but what a directory was formatted with is nowhere else.
  const bool missing = found_.start > Offset(0);
  if (!missing && !snapshots_.is_broken(raft::kBootstrapSnapshot)) co_return Result<void>();
  if (!damages_.empty()) co_return damages_.front();
  co_return Error(
      Errc::corrupt,
      fmt::format("{}: the metadata log begins at offset {}, and the snapshot of what was before is "
                  "missing. Nothing was changed. Put back the .checkpoint files, or, if other "
                  "controllers are well, format this directory anew",
                  path_, found_.start.raw()));
}

// A leader's snapshot was loaded, and the power went before the log was thrown away for it.
Task<Result<void>> DiskLog::restart_behind_snapshot() {
  if (!recovered_snapshot_) co_return Result<void>();
  const LogPosition& snapshot = *recovered_snapshot_;
  const std::optional<storage::EpochEntry> latest = log_->epochs().latest();
  const LogPosition end{latest ? latest->epoch : LeaderEpoch(0), log_->log_end()};
  if (snapshot <= end) co_return Result<void>();
  logger_.warn("the metadata log ends before its newest snapshot, and goes on behind that",
               field("log_end", end), field("snapshot", snapshot));
  co_return co_await restart_at(snapshot);
}

Task<Result<void>> DiskLog::begin_behind_snapshot() {
  if (log_->log_start() == Offset(0)) co_return Result<void>();
  start_ = snapshots_.all().begin()->first;
  log_->set_high_watermark(start_.offset);
  co_return co_await log_->advance_log_start(start_.offset);
}

Task<Result<void>> DiskLog::recover_election() {
  const std::string path = path_of(raft::kQuorumStateFile);
  const Result<Slice> bytes = co_await read_whole_file(files_, path, raft::kMostQuorumStateBytes);
  if (!bytes.ok()) {
    if (bytes.error() == Errc::not_found) co_return Result<void>();
    co_return bytes.error();
  }
  OTTLA_CO_TRY(recovered_.election, raft::parse_quorum_state(bytes->as_string_view(), path));
  co_return Result<void>();
}

// Who votes: as the snapshot says, and then as the log does.
Task<Result<void>> DiskLog::recover_control() {
  Offset from = log_->log_start();
  if (recovered_snapshot_) {
    recovered_.control = control_of(recovered_facts_, *recovered_snapshot_);
    from = std::max(from, recovered_snapshot_->offset);
  }
  while (from < log_->log_end()) {
    OTTLA_CO_TRY(std::vector<raft::Batch> batches, co_await read(from, kScanBytes));
    if (batches.empty()) break;
    for (raft::Batch& batch : batches) {
      if (batch.last < from) continue;
      std::ranges::move(batch.control, std::back_inserter(recovered_.control));
    }
    from = batches.back().last + 1;
  }
  co_return Result<void>();
}

raft::LogShape DiskLog::shape() const {
  raft::LogShape::Parts parts;
  parts.start = start_;
  parts.end = log_->log_end();
  for (const storage::EpochEntry& entry : log_->epochs().entries()) {
    if (entry.start >= parts.end) break;
    const Offset start = std::max(entry.start, start_.offset);
    // An epoch that ended before the log begins now.
    if (!parts.epochs.empty() && parts.epochs.back().start == start) parts.epochs.pop_back();
    parts.epochs.push_back({entry.epoch, start});
  }
  for (const auto& [id, size] : snapshots_.all()) parts.snapshots.push_back({id, size});
  return raft::LogShape(std::move(parts));
}

}  // namespace ottla::quorum
